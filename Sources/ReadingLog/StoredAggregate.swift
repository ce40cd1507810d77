/// The latest revision of an aggregate as the store keeps it. Kind, scope and grain are numbered in Aggregation.
public struct StoredAggregate: Sendable, Equatable {
  /// The store's number of the aggregate.
  public var number: Int64
  public var kind: UInt8
  public var scope: UInt8
  public var grain: UInt8
  /// The id of what the scope names.
  public var name: String
  /// Unix milliseconds, `end` exclusive.
  public var start: Int64
  public var end: Int64
  public var revision: Int64
  public var isFinal: Bool
  /// The log's time, as its commits tell it, when the revision was made; Unix milliseconds.
  public var watermark: Int64
  public var sums: [Int64]

  public init(
    number: Int64, kind: UInt8, scope: UInt8, grain: UInt8, name: String, start: Int64, end: Int64, revision: Int64,
    isFinal: Bool, watermark: Int64, sums: [Int64]
  ) {
    self.number = number
    self.kind = kind
    self.scope = scope
    self.grain = grain
    self.name = name
    self.start = start
    self.end = end
    self.revision = revision
    self.isFinal = isFinal
    self.watermark = watermark
    self.sums = sums
  }
}

/// Which aggregates are wanted; `from` inclusive and `to` exclusive bound the window's start, Unix milliseconds.
public struct AggregateFilter: Sendable {
  public var kind: UInt8?
  public var scope: UInt8?
  public var grain: UInt8?
  public var name: String?
  public var from: Int64 = .min
  public var to: Int64 = .max
  public init() {}
}
