import DeviceProtocol
import HTTPTypes
import Hummingbird

/// Who may ask. Without a token, this machine alone, and only under its own names; with one, whoever has it.
struct Gatekeeper: Sendable {
  /// SHA-256 of the token; nil: there is none.
  private let digest: [UInt8]?
  /// Under which this machine asks itself.
  private let ownNames: Set<String>

  /// `host`: where it listens.
  init(token: String?, host: String) {
    digest = token.map(Gatekeeper.digest)
    ownNames = ["localhost", "127.0.0.1", "[::1]", host.lowercased()]
  }

  private static func digest(_ text: String) -> [UInt8] {
    Array(text.utf8).withUnsafeBytes { Digest.full($0) }
  }

  /// Refuses a host that is not ours: a page elsewhere must not reach the gateway through a name of its own that
  /// leads to 127.0.0.1 (DNS rebinding). With a token it could not say anything.
  func checkHost(of request: Request) throws(Problem) {
    // RFC 9112, 3.2: two answers to where a request goes are none. The first Host is the authority, and no field.
    if let name = HTTPField.Name("Host"), request.headers[name] != nil {
      throw Problem(.badRequest, "a request names its host once: send one Host header")
    }
    guard digest == nil else { return }
    let host = Gatekeeper.host(request.head.authority ?? "")
    guard ownNames.contains(host) else {
      throw Problem(
        .misdirectedRequest,
        "without http.token_file only localhost, 127.0.0.1, [::1] and http.host are answered, not “\(host.prefix(80))”")
    }
  }

  func checkToken(of request: Request, _ access: Endpoint.Access) throws(Problem) {
    guard access == .guarded, let digest else { return }
    let given = request.headers[.authorization] ?? ""
    let isBearer = given.prefix(7).lowercased() == "bearer "
    let candidate = Gatekeeper.digest(isBearer ? String(given.dropFirst(7)) : "")
    // Digests are compared, and to the end: the time says nothing about the token.
    var difference: UInt8 = 0
    for (left, right) in zip(digest, candidate) { difference |= left ^ right }
    guard isBearer, difference == 0 else {
      throw Problem(
        .unauthorized, "send the token of http.token_file as “Authorization: Bearer …”",
        headers: [.wwwAuthenticate: "Bearer"])
    }
  }

  /// Refuses what a form or a page elsewhere could send without asking first. Who has shown the token may come through
  /// a proxy of another name: no page elsewhere knows the token.
  func checkChange(_ request: Request, _ endpoint: Endpoint) throws(Problem) {
    let media = endpoint.media
    let type = request.headers[.contentType] ?? ""
    let given = type.prefix { $0 != ";" }.trimmingSpaces().lowercased()
    guard media.contains(given) else {
      let wanted = media.first ?? ""
      throw Problem(.unsupportedMediaType, "send “Content-Type: \(wanted)”, not “\(type.prefix(80))”")
    }
    guard digest == nil || endpoint.access != .guarded, let origin = request.headers[.origin] else { return }
    let own = request.head.authority ?? ""
    let parts = origin.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[1].isEmpty, parts[2].lowercased() == own.lowercased() else {
      throw Problem(.forbidden, "a page of “\(origin.prefix(80))” may not change anything here")
    }
  }

  /// Without its port, in lower case.
  private static func host(_ authority: String) -> String {
    let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : nil
    return String(end.map { authority[..<$0] } ?? authority.prefix { $0 != ":" }).lowercased()
  }

  /// Whether only this machine reaches the address.
  static func isLoopback(_ host: String) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host == "::1" || host == "[::1]" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension Substring {
  func trimmingSpaces() -> Substring {
    var text = self
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text.drop { $0 == " " || $0 == "\t" }
  }
}
