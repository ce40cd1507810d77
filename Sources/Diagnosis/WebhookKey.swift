import COpenSSL
import DeviceProtocol
import Foundation

/// The key of a webhook's signature: HMAC-SHA256 as in Standard Webhooks 1.0.0, `v1`.
public struct WebhookKey: Sendable {
  private let key: HMACKey

  /// Takes the secret as its file holds it: `whsec_` and base64, or any other text as it stands. White space around
  /// it does not count. Refuses an empty secret, and base64 that is none.
  public init(secret: String) throws(DiagnosisError) {
    let text = secret.trimmingCharacters(in: .whitespacesAndNewlines)
    let prefix = "whsec_"
    var bytes = Array(text.utf8)
    if text.hasPrefix(prefix) {
      guard let decoded = Data(base64Encoded: String(text.dropFirst(prefix.count))) else { throw .unusableSecret }
      bytes = Array(decoded)
    }
    guard !bytes.isEmpty else { throw .unusableSecret }
    // A key longer than a block is hashed first (RFC 2104, section 2).
    if bytes.count > 64 { bytes = bytes.withUnsafeBytes { Digest.full($0) } }
    key = HMACKey(bytes)
  }

  /// The value of `webhook-signature` for a body; `timestamp` in Unix seconds.
  public func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
    "v1," + Data(mac(id: id, timestamp: "\(timestamp)", body: body)).base64EncodedString()
  }

  /// Refuses a body that is unsigned, signed at another time than about `now` (milliseconds), or with another key.
  public func verify(
    _ headers: WebhookHeaders?, body: [UInt8], now: Int64, toleranceSeconds: Int64
  ) throws(DiagnosisError) {
    let headers = try WebhookKey.check(headers, now: now, toleranceSeconds: toleranceSeconds)
    let wanted = mac(id: headers.id, timestamp: headers.timestamp, body: body)
    var isRight = false
    for part in headers.signature.split(separator: " ") where part.hasPrefix("v1,") {
      guard let given = Data(base64Encoded: String(part.dropFirst(3))), given.count == wanted.count else { continue }
      // Constant time: how much of a guess was right must not be told.
      if CRYPTO_memcmp(Array(given), wanted, wanted.count) == 0 { isRight = true }
    }
    guard isRight else { throw .wrongSignature }
  }

  /// What can be told before there is a body: refuses what is not signed at all, or signed at another time.
  @discardableResult
  public static func check(
    _ headers: WebhookHeaders?, now: Int64, toleranceSeconds: Int64
  ) throws(DiagnosisError) -> WebhookHeaders {
    guard let headers, !headers.id.isEmpty, let sent = Int64(headers.timestamp) else { throw .unsigned }
    let (difference, isTooFar) = sent.subtractingReportingOverflow(now / 1_000)
    let ahead = isTooFar ? (sent < 0 ? Int64.min : .max) : difference
    guard ahead >= -toleranceSeconds, ahead <= toleranceSeconds else { throw .wrongTime(seconds: ahead) }
    guard headers.signature.contains("v1,") else { throw .wrongSignature }
    return headers
  }

  private func mac(id: String, timestamp: String, body: [UInt8]) -> [UInt8] {
    let message = Array("\(id).\(timestamp).".utf8) + body
    var digest = [UInt8](repeating: 0, count: 32)
    message.withUnsafeBytes { key.authenticate($0, &digest) }
    return digest
  }
}
