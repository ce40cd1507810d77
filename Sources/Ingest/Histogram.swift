import DeviceProtocol

/// Counts by upper bound, in the unit of its bounds.
public struct Histogram: Sendable, Equatable {
  public static let microseconds: [Int64] = [
    250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000,
  ]
  public static let messages: [Int64] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]

  public let bounds: [Int64]
  /// One more than there are bounds: the last counts what is above them.
  public private(set) var counts: [Int64]
  public private(set) var sum: Int64 = 0

  public init(bounds: [Int64]) {
    self.bounds = bounds
    counts = [Int64](repeating: 0, count: bounds.count + 1)
  }

  mutating func add(_ value: Int64) {
    var index = 0
    while index < bounds.count, value > bounds[index] { index += 1 }
    counts[index] += 1
    sum += value
  }
}

/// Readings by kind.
public struct KindCounts: Sendable, Equatable {
  private var checkins: Int64 = 0
  private var passages: Int64 = 0
  private var responses: Int64 = 0
  private var statuses: Int64 = 0
  private var incidents: Int64 = 0

  public init() {}

  public subscript(kind: ReadingKind) -> Int64 {
    switch kind {
    case .checkin: checkins
    case .passage: passages
    case .response: responses
    case .status: statuses
    case .incident: incidents
    }
  }

  @inline(__always)
  mutating func add(_ kind: ReadingKind) {
    switch kind {
    case .checkin: checkins += 1
    case .passage: passages += 1
    case .response: responses += 1
    case .status: statuses += 1
    case .incident: incidents += 1
    }
  }

  static func += (sum: inout KindCounts, other: KindCounts) {
    sum.checkins += other.checkins
    sum.passages += other.passages
    sum.responses += other.responses
    sum.statuses += other.statuses
    sum.incidents += other.incidents
  }
}
