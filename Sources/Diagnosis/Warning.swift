/// A warning (预警): a subject that does not meet a standard, from its raising to its closing.
public struct Warning: Sendable, Equatable, Codable {
  public var id: Int64
  /// The standard's id, and its names when the warning was raised.
  public var standard: String
  public var name: String
  public var nameEn: String
  public var layer: Standard.Layer
  /// Who answers for it now: after an escalation, who it went to.
  public var unit: String
  /// The level the data reached in the latest bad window.
  public var level: Level
  /// How often nobody acknowledged in time.
  public var escalations: Int
  public var state: State
  public var aggregate: Aggregate
  public var scope: String
  /// The id of the aggregate: a course, a person, a place and dimension.
  public var subject: String
  public var grain: String
  /// The latest bad window.
  public var window: Window
  public var measure: String
  public var direction: Standard.Direction
  /// The measure in that window, the threshold it is worse than, and what it rests on.
  public var value: Double
  public var threshold: Double
  public var sample: Double?
  /// The event that raised it: its id and time (milliseconds UTC, the gateway's watermark).
  public var cause: String
  public var causeTime: Int64
  public var raisedAt: Int64
  public var changedAt: Int64
  public var closedAt: Int64?
  /// When it is escalated, or closes by itself, if nobody does anything.
  public var dueAt: Int64?
  /// Every step, the oldest first; empty in lists.
  public var steps: [Step] = []

  /// `level`, one higher for every escalation, `alarm` at most.
  public var urgency: Level { Level(grade: min(Level.alarm.grade, level.grade + escalations)) ?? .alarm }

  /// The life cycle is the quality spiral (质量螺旋).
  public enum State: String, Sendable, Codable, CaseIterable {
    /// 已预警
    case raised
    /// 已确认
    case acknowledged
    /// 改进中
    case improving
    /// 已验证
    case verified
    /// 已重开
    case reopened
    /// 已关闭
    case closed

    public var isOpen: Bool { self != .closed }
    /// Whether somebody has yet to acknowledge it.
    public var isWaiting: Bool { self == .raised || self == .reopened }
  }

  /// Something that happened to a warning.
  public struct Step: Sendable, Equatable, Codable {
    /// Milliseconds UTC.
    public var at: Int64
    public var kind: Kind
    /// The state afterwards.
    public var state: State
    /// Who: a person's name, or `Step.core`.
    public var by: String
    /// What was said, the measure taken, or where it was escalated to.
    public var note: String?
    /// The measure and window the step rests on.
    public var value: Double?
    public var window: Window?

    /// Steps the data or the clock made.
    public static let core = "diagnosis"

    public enum Kind: String, Sendable, Codable, CaseIterable {
      case raised, worsened, eased, acknowledged, improving, verified, reopened, escalated, corrected, closed
    }
  }
}

/// A span of time, milliseconds UTC: start inclusive, end exclusive.
public struct Window: Sendable, Equatable, Hashable, Codable {
  public var start: Int64
  public var end: Int64

  public init(start: Int64, end: Int64) {
    self.start = start
    self.end = end
  }
}

/// Which warnings are asked for; nothing set: all.
public struct WarningFilter: Sendable {
  /// Empty: every state.
  public var states: Set<Warning.State> = []
  public var standard: String?
  public var layer: Standard.Layer?
  /// Who answers for it now.
  public var unit: String?
  public var subject: String?
  /// The least urgency.
  public var urgency: Level?
  /// Only warnings with a lower id: the next page of a list that begins with the newest.
  public var before: Int64?
  public var limit = 1_000

  public init() {}

  /// Those that are not closed.
  public static var open: WarningFilter {
    var filter = WarningFilter()
    filter.states = Set(Warning.State.allCases.filter(\.isOpen))
    return filter
  }
}
