import ReadingLog

/// One revision of an aggregate, ready to be shown or sent: the `data` of an event, and an item of what
/// `campus-gateway aggregates --json` prints.
public struct AggregateItem: Sendable, Equatable {
  public var key: AggregateKey
  public var revision: Int64
  public var isFinal: Bool
  /// The log's time when the revision was made, Unix milliseconds.
  public var watermark: Int64
  public var devicesExpected: Int64
  public var devicesHeard: Int64
  public var measures: Measures

  /// Takes a stored revision; refuses one of a kind, scope or grain this version does not know.
  public init(_ stored: StoredAggregate) throws(AggregationError) {
    guard let kind = AggregateKind(rawValue: stored.kind), let scope = AggregateScope(rawValue: stored.scope),
      let grain = AggregateGrain(rawValue: stored.grain)
    else { throw .unknownAggregate(number: stored.number) }
    key = AggregateKey(
      kind: kind, scope: scope, id: stored.name, grain: grain, start: stored.start, end: stored.end)
    revision = stored.revision
    isFinal = stored.isFinal
    watermark = stored.watermark
    devicesExpected = stored.sums.first ?? 0
    devicesHeard = stored.sums.dropFirst().first ?? 0
    measures = Measures(kind, scope, stored)
  }

  /// The event's id, stable over retries: `{aggregate}/{scope}/{id}/{grain}/{window start}/{revision}`.
  public var eventID: String { "\(key.kind)/\(key.scope)/\(key.id)/\(key.grain)/\(key.start)/\(revision)" }

  /// The contract's object, members in the contract's order.
  public var json: [UInt8] {
    var bytes: ContiguousArray<UInt8> = []
    appendJSON(to: &bytes)
    return Array(bytes)
  }
}
