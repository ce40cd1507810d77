/// What became of a batch's events; their sum is the number of events.
public struct Acceptance: Sendable, Equatable, Codable {
  /// Newer than what was known.
  public var accepted = 0
  /// Known already.
  public var duplicate = 0
  /// An older revision than the known one.
  public var stale = 0
  /// No standard watches such an aggregate, or its type is not of this contract.
  public var unwatched = 0
  /// Warnings raised by the batch, and those it changed otherwise.
  public var raised: [Int64] = []
  public var changed: [Int64] = []

  public init() {}
}

/// The headers of Standard Webhooks, as they came.
public struct WebhookHeaders: Sendable, Equatable {
  /// `webhook-id`
  public var id: String
  /// `webhook-timestamp`: Unix seconds, decimal.
  public var timestamp: String
  /// `webhook-signature`: `v1,` and base64; several are separated by spaces.
  public var signature: String

  public init(id: String, timestamp: String, signature: String) {
    self.id = id
    self.timestamp = timestamp
    self.signature = signature
  }
}
