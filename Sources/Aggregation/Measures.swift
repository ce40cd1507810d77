import DeviceProtocol
import ReadingLog

/// What an aggregate says, by name in the contract's order: a pure function of its sums.
public struct Measures: Sendable, Equatable {
  public enum Value: Sendable, Equatable {
    case integer(Int64)
    case number(Double)
    /// Score and how often it was given, ascending; scores nobody gave are left out.
    case histogram([Count])
    /// There is nothing to say it of.
    case null
  }

  public struct Count: Sendable, Equatable {
    public var score: Int64
    public var count: Int64

    public init(score: Int64, count: Int64) {
      self.score = score
      self.count = count
    }
  }

  public private(set) var values: [(name: String, value: Value)] = []

  public subscript(name: String) -> Value? { values.first { $0.name == name }?.value }

  public static func == (left: Measures, right: Measures) -> Bool {
    left.values.elementsEqual(right.values) { $0.name == $1.name && $0.value == $1.value }
  }

  init(_ kind: AggregateKind, _ scope: AggregateScope, _ stored: StoredAggregate) {
    var sums = stored.sums
    let missing = SumsLayout.fixedCount(kind, scope) - sums.count
    if missing > 0 { sums += [Int64](repeating: 0, count: missing) }
    values.reserveCapacity(8)
    switch kind {
    case .attendance: attendance(sums)
    case .satisfaction: survey(sums, marked: "low_share", hasBound: true)
    case .assessment: survey(sums, marked: "pass_rate", hasBound: false)
    case .passage:
      if scope == .dormitory { dormitory(sums) } else { gate(sums) }
    case .incident: incident(sums, at: min(stored.watermark, stored.end))
    case .device: device(sums)
    }
  }

  private mutating func add(_ name: String, _ value: Int64) { values.append((name, .integer(value))) }

  private mutating func add(_ name: String, _ part: Int64, of whole: Int64) {
    values.append((name, whole == 0 ? .null : .number(Double(part) / Double(whole))))
  }

  private mutating func attendance(_ sums: [Int64]) {
    let expected = sums[SumsLayout.Attendance.expected]
    let present = sums[SumsLayout.Attendance.present]
    let late = sums[SumsLayout.Attendance.late]
    add("expected", expected)
    add("present", present)
    add("late", late)
    add("absent", expected - present - late)
    add("unknown", sums[SumsLayout.Attendance.unknown])
    add("rate", present + late, of: expected)
  }

  private mutating func survey(_ sums: [Int64], marked name: String, hasBound: Bool) {
    let count = sums[SumsLayout.Survey.count]
    let marked = sums[SumsLayout.Survey.marked]
    add("count", count)
    add("mean", sums[SumsLayout.Survey.total], of: count)
    add(name, marked, of: count)
    if hasBound {
      values.append(("lower_bound", count == 0 ? .null : .number(Wilson.lowerBound(marked, of: count))))
    }
    let pairs = Measures.tail(sums, after: 5)
    var histogram: [Count] = []
    for index in stride(from: 0, to: pairs.count - 1, by: 2) {
      histogram.append(Count(score: pairs[pairs.startIndex + index], count: pairs[pairs.startIndex + index + 1]))
    }
    values.append(("histogram", .histogram(histogram)))
  }

  /// The counted numbers after the fixed part.
  private static func tail(_ sums: [Int64], after fixed: Int) -> ArraySlice<Int64> {
    guard sums.count > fixed, let count = Int(exactly: sums[fixed]), count >= 0, fixed + 1 + count <= sums.count else {
      return []
    }
    return sums[(fixed + 1)..<(fixed + 1 + count)]
  }

  private mutating func gate(_ sums: [Int64]) {
    add("in", sums[SumsLayout.Gate.inward])
    add("out", sums[SumsLayout.Gate.outward])
    add("unknown", sums[SumsLayout.Gate.unknown])
    add("refused", sums[SumsLayout.Gate.refused])
    add("count", sums[SumsLayout.Gate.inward...SumsLayout.Gate.refused].reduce(0, +))
  }

  private mutating func dormitory(_ sums: [Int64]) {
    add("late_returns", sums[SumsLayout.Dormitory.lateReturns])
    add("people_late", sums[SumsLayout.Dormitory.peopleLate])
  }

  /// `time`: when ages are taken, Unix milliseconds.
  private mutating func incident(_ sums: [Int64], at time: Int64) {
    add("opened", sums[SumsLayout.Incident.opened])
    add("closed", sums[SumsLayout.Incident.closed])
    add("open", sums[SumsLayout.Incident.open])
    let oldest = sums[SumsLayout.Incident.oldest]
    values.append(("oldest_age_s", oldest < 0 ? .null : .integer(max(0, time - oldest) / 1_000)))
  }

  private mutating func device(_ sums: [Int64]) {
    add("frames", sums[SumsLayout.Device.frames])
    add("readings", sums[SumsLayout.Device.readings])
    add("corrected", sums[SumsLayout.Device.corrected])
    for (name, index) in [
      ("battery_mv_min", SumsLayout.Device.batteryLeast), ("backlog_max", SumsLayout.Device.backlogMost),
      ("dropped", SumsLayout.Device.droppedMost),
    ] { values.append((name, sums[index] < 0 ? .null : .integer(sums[index]))) }
    let boots = Measures.tail(sums, after: 8)
    var missing: Int64 = 0
    for index in stride(from: boots.startIndex, to: boots.endIndex - 3, by: 4) {
      missing += boots[index + 2] - boots[index + 1] + 1 - boots[index + 3]
    }
    add("gaps_open", max(0, missing))
  }
}

/// Wilson's score interval (Wilson 1927), one-sided at 95 %.
enum Wilson {
  /// The 95th percentile of the normal distribution.
  static let z = 1.6448536269514722

  /// The least share that `part` of `whole` makes believable: 0.42 for 2 of 2, 0.88 for 20 of 20.
  static func lowerBound(_ part: Int64, of whole: Int64) -> Double {
    let count = Double(whole)
    let share = Double(part) / count
    let centre = share + z * z / (2 * count)
    let spread = z * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    return max(0, (centre - spread) / (1 + z * z / count))
  }
}
