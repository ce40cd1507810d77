import DeviceProtocol
import Foundation
import ReadingLog

/// What people want to know of a running intake; written once a batch, read by anyone.
public final class IntakeStatus: @unchecked Sendable {
  public struct Values: Sendable {
    public var isOnline = false
    public var isSuspended = false
    /// Why intake stands still, or what was wrong last.
    public var problem: String?
    public var sinceStart = Ledger()
    public var commits: Int64 = 0
    public var readings: Int64 = 0
    public var lastCommit: Int64 = 0
    /// When the oldest message not yet acknowledged was read; nil: none waits.
    public var oldestUnacknowledged: Int64?
    public var reconnects = 0
    public var receipts: Int64 = 0
    /// From a frame's `sent` (network-synchronised clocks) to its commit, by upper bound in milliseconds.
    public var latency = LatencyHistogram()
    /// Stored readings by kind, and rejected messages in the order of `RejectionReason`.
    public var kinds = KindCounts()
    public var rejections = [Int64](repeating: 0, count: RejectionReason.allCases.count)
    /// From the beginning of a commit to its end on the disk, microseconds; and messages a commit.
    public var commitTimes = Histogram(bounds: Histogram.microseconds)
    public var batchMessages = Histogram(bounds: Histogram.messages)
    /// When the broker last sent or answered anything, Unix milliseconds, to a few seconds; 0: not yet.
    public var lastHeard: Int64 = 0
    /// Intake stands still because there is no room on the disk.
    public var isDiskFull = false

    public init() {}
  }

  private let lock = NSLock()
  private var values = Values()

  public init() {}
  public var current: Values { lock.withLock { values } }
  func update(_ change: (inout Values) -> Void) { lock.withLock { change(&values) } }
}

/// Counts by upper bound, in milliseconds.
public struct LatencyHistogram: Sendable {
  public static let bounds: [Int64] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 200, 500, 1000, 5000,
  ]
  public private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
  /// Of all milliseconds counted.
  public private(set) var sum: Int64 = 0

  mutating func add(_ milliseconds: Int64) {
    var index = 0
    while index < LatencyHistogram.bounds.count, milliseconds > LatencyHistogram.bounds[index] { index += 1 }
    counts[index] += 1
    sum += milliseconds
  }

  public init() {}

  /// What was counted since `earlier`.
  public func since(_ earlier: LatencyHistogram) -> LatencyHistogram {
    var rest = self
    for index in rest.counts.indices { rest.counts[index] -= earlier.counts[index] }
    rest.sum -= earlier.sum
    return rest
  }

  public var total: Int64 { counts.reduce(0, +) }

  /// What stands for everything above the last bound.
  public static let above: Int64 = 5_001

  /// The bound that a share of the counts lies within, or `above`; nil: nothing counted.
  public func quantile(_ share: Double) -> Int64? {
    let wanted = Int64((Double(total) * share).rounded(.up))
    var sum: Int64 = 0
    guard total > 0 else { return nil }
    for (index, bound) in LatencyHistogram.bounds.enumerated() {
      sum += counts[index]
      if sum >= wanted { return bound }
    }
    return LatencyHistogram.above
  }
}
