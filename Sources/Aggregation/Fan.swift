/// The slots that a reading of some source falls into, remembered for five minutes of event time: every window of
/// every grain begins and ends on such a boundary, so that a row costs no look-up.
struct Fan {
  /// Five minutes since 1970 for which `slots` hold.
  var bucket = Int64.min
  var generation = -1
  var slots: [Int32] = []

  static let bucketMilliseconds: Int64 = 300_000

  @inline(__always)
  static func bucket(of time: Int64) -> Int64 { time.dividedDown(by: bucketMilliseconds) }

  @inline(__always)
  func holds(_ bucket: Int64, _ generation: Int) -> Bool { self.bucket == bucket && self.generation == generation }
}

/// Readings that no aggregate could take, by reason.
public struct Unattributed: Sendable, Equatable {
  /// From a device that stands nowhere in the campus.
  public var withoutPlace: Int64 = 0
  /// Responses to an item that `surveys.csv` does not have.
  public var unknownItem: Int64 = 0
  /// Responses outside the item's scores.
  public var scoreOutOfRange: Int64 = 0
  public init() {}
}
