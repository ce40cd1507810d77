/// Where each number stands in an aggregate's vector of sums. Every vector begins with its completeness.
///
/// Attendance has nothing after its fixed part. The others go on with a count, so many numbers (histogram: score and
/// count in turn, ascending; device: boot, first seq, last seq and frames in turn), and then the devices that put
/// readings into the sums.
enum SumsLayout {
  static let devicesExpected = 0
  static let devicesHeard = 1
  /// The first number of a kind's own.
  static let own = 2

  enum Attendance {
    static let expected = 2
    static let present = 3
    static let late = 4
    static let unknown = 5
    static let meetings = 6
  }

  /// Satisfaction and assessment: `marked` counts the low scores of the one, the passed of the other.
  enum Survey {
    static let count = 2
    static let total = 3
    static let marked = 4
  }

  enum Gate {
    static let inward = 2
    static let outward = 3
    static let unknown = 4
    static let refused = 5
  }

  enum Dormitory {
    static let lateReturns = 2
    static let peopleLate = 3
  }

  enum Incident {
    static let opened = 2
    static let closed = 3
    static let open = 4
    /// Unix milliseconds; -1: none is open.
    static let oldest = 5
  }

  /// The last three are -1 where no status said so.
  enum Device {
    static let frames = 2
    static let readings = 3
    static let corrected = 4
    static let batteryLeast = 5
    static let backlogMost = 6
    static let droppedMost = 7
  }

  /// Numbers of the fixed part.
  static func fixedCount(_ kind: AggregateKind, _ scope: AggregateScope) -> Int {
    switch kind {
    case .attendance: 7
    case .satisfaction, .assessment: 5
    case .passage: scope == .dormitory ? 4 : 6
    case .incident: 6
    case .device: 8
    }
  }

  /// What sums begin with.
  static func empty(_ kind: AggregateKind, _ scope: AggregateScope) -> [Int64] {
    var sums = [Int64](repeating: 0, count: fixedCount(kind, scope))
    switch kind {
    case .incident: sums[Incident.oldest] = -1
    case .device:
      for index in Device.batteryLeast...Device.droppedMost { sums[index] = -1 }
    default: break
    }
    return sums
  }
}
