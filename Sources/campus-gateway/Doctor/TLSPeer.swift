import CPlatform

/// The other end of a TLS connection.
struct TLSPeer: Sendable, Equatable {
  var version: String
  var subject: String
  /// Unix seconds; 0: not known.
  var expires: Int64
  var isNamed: Bool
  /// Why the certificate is not trusted; nil: it is.
  var distrust: String?

  /// `ssl`: OpenSSL's connection, its handshake done. nil: the other end has shown no certificate.
  init?(_ ssl: UnsafeMutableRawPointer, host: String) {
    var peer = platform_tls_peer()
    guard platform_tls_look(ssl, host, &peer) else { return nil }
    version = TLSPeer.text(peer.version)
    subject = TLSPeer.text(peer.subject)
    expires = peer.expires
    isNamed = peer.is_named
    let verdict = TLSPeer.text(peer.verdict)
    distrust = verdict.isEmpty ? nil : verdict
  }

  /// A C array of characters that ends with a zero.
  private static func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
