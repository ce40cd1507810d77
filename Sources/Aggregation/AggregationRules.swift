import Foundation

/// Rules that decide what readings add up to. They are committed with each campus version, so that a replay of the
/// log goes by the rules of its time.
public struct AggregationRules: Sendable, Equatable, Codable {
  /// A check-in up to and including so many minutes after a meeting's start is present; later is late.
  public var lateAfterMinutes: Int
  /// Local time of day, minutes since midnight, from which an entry into a dormitory is a late return, until 05:00.
  public var curfewMinutes: Int

  public init(lateAfterMinutes: Int = 10, curfewMinutes: Int = 23 * 60) {
    self.lateAfterMinutes = lateAfterMinutes
    self.curfewMinutes = curfewMinutes
  }

  enum CodingKeys: String, CodingKey {
    case lateAfterMinutes = "late_after_minutes"
    case curfewMinutes = "curfew_minutes"
  }

  /// As a campus version's `settings`; equal rules give equal text.
  public var json: String {
    "{\"curfew_minutes\":\(curfewMinutes),\"late_after_minutes\":\(lateAfterMinutes)}"
  }

  /// Takes a campus version's `settings`.
  init(json: String) throws {
    self = try JSONDecoder().decode(AggregationRules.self, from: Data(json.utf8))
  }
}

/// How often and how much; none of it changes a final measure. Times in milliseconds of the log's time.
public struct AggregationSettings: Sendable {
  /// Between running revisions of a key, at least.
  public var revisionInterval: Int64 = 1_000
  /// The same for satisfaction: a warning of it is to be raised within a second.
  public var surveyInterval: Int64 = 500
  /// The same for roll-ups of attendance to course, teacher and units, and, while much comes, for satisfaction and
  /// assessment in windows of a day or more.
  public var rollupInterval: Int64 = 5_000
  /// Between two writings of students' roll-ups of a day, where many have changed: most come and go within it.
  public var studentInterval: Int64 = 300_000
  /// So few students' roll-ups are written like the others.
  public var studentsAtOnce = 100
  /// The same for devices.
  public var deviceInterval: Int64 = 60_000
  /// Between writings of everything that has changed, after which the cursor moves, at most; sooner when idle.
  public var cycleInterval: Int64 = 5_000
  /// The same in rows of the log.
  public var rowsPerCycle = 1_000_000
  /// Rows of the log folded at once.
  public var rowsPerStep = 8_000
  /// Rows of a step from which on it counts as much: 50,000 a second.
  public var rowsOfBusyStep = 1_000
  /// Rows written in one transaction, so that it stays under 5 ms beside the lane.
  public var writesPerTransaction = 800
  /// Final aggregates with nothing unwritten that stay in memory.
  public var finalsKept = 20_000
  /// Finals that may wait in the outbox, all destinations together. Beyond, the fold waits, and with it the cursor, but
  /// never intake.
  public var outboxRows = 1_000_000
  /// Who is to be told of revisions; empty: nobody, and nothing is queued.
  public var destinations: [String] = ["diagnosis"]

  public init() {}
}
