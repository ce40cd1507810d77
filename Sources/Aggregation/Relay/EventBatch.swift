import DeviceProtocol
import ReadingLog

/// Some revisions that are delivered together, as revisions or as the body of a request.
public struct EventBatch: Sendable {
  public static let contentType = "application/cloudevents-batch+json"

  public enum Content: Sendable {
    /// For a destination in this process. `source`: of their events.
    case items([AggregateItem], source: String)
    /// CloudEvents 1.0 in JSON batch format.
    case body([UInt8])
  }

  public let content: Content
  public let count: Int

  /// Takes a body as it was composed before, and how many events it holds.
  public init(body: [UInt8], count: Int) {
    content = .body(body)
    self.count = count
  }

  /// Takes revisions, and composes no body unless somebody asks for it.
  public init(_ items: [AggregateItem], source: String) {
    content = .items(items, source: source)
    count = items.count
  }

  /// Composes the body of the first of some revisions, of as many as fit in `limit` bytes; of one, however many it has.
  public init(composing items: [AggregateItem], source: String, limit: Int) {
    let (body, count) = EventBatch.compose(items, source: source, limit: limit)
    self.init(body: body, count: count)
  }

  /// As it is posted; composed anew each time where it is a batch of revisions.
  public var body: [UInt8] {
    switch content {
    case .body(let body): body
    case .items(let items, let source): EventBatch.compose(items, source: source, limit: .max).body
    }
  }

  /// The same for the same events, so that a repeated request is known for one: `webhook-id` of Standard Webhooks.
  public var id: String {
    let digest = body.withUnsafeBytes { Digest.full($0) }
    return "batch_" + Hex.string(digest[..<16])
  }

  private static func compose(
    _ items: [AggregateItem], source: String, limit: Int
  ) -> (body: [UInt8], count: Int) {
    var body = [UInt8(ascii: "[")]
    var count = 0
    for item in items {
      let event = item.event(source: source)
      guard count == 0 || body.count + event.count < limit else { break }
      if count > 0 { body.append(UInt8(ascii: ",")) }
      body += event
      count += 1
    }
    body.append(UInt8(ascii: "]"))
    return (body, count)
  }
}
