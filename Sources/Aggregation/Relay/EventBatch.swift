import DeviceProtocol
import ReadingLog

/// Some events as they are posted: the body of one request, CloudEvents 1.0 in JSON batch format.
public struct EventBatch: Sendable {
  public static let contentType = "application/cloudevents-batch+json"

  /// The same for the same events, so that a repeated request is known for one: `webhook-id` of Standard Webhooks.
  public let id: String
  public let body: [UInt8]
  public let count: Int

  /// Takes a body as it was composed before, and how many events it holds.
  public init(body: [UInt8], count: Int) {
    self.body = body
    self.count = count
    let digest = body.withUnsafeBytes { Digest.full($0) }
    id = "batch_" + Hex.string(digest[..<16])
  }

  /// Takes events that are JSON objects already.
  public init(_ events: some Collection<[UInt8]>) {
    var body: [UInt8] = []
    body.reserveCapacity(events.reduce(2) { $0 + $1.count + 1 })
    body.append(UInt8(ascii: "["))
    for (index, event) in events.enumerated() {
      if index > 0 { body.append(UInt8(ascii: ",")) }
      body += event
    }
    body.append(UInt8(ascii: "]"))
    self.init(body: body, count: events.count)
  }
}
