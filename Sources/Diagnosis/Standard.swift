/// A quality standard (标准): which measure of which aggregate is watched, where it becomes a warning (预警), and who
/// answers for it. Durations are milliseconds.
public struct Standard: Sendable, Equatable {
  /// The name under `standards:` in the file; what warnings refer to.
  public var id: String
  /// In Chinese.
  public var name: String
  /// In English.
  public var nameEn: String
  public var layer: Layer
  public var aggregate: Aggregate
  /// Such as `course`; the aggregate says which there are.
  public var scope: String
  /// Such as `week`; the aggregate says which there are.
  public var grain: String
  /// Patterns of the aggregate's id, `*` for any text; empty: every id.
  public var ids: [String] = []
  public var measure: String
  public var direction: Direction
  public var levels: Levels
  /// The measure that counts how much a window rests on, and the least of it that is judged.
  public var sampleMeasure: String
  public var minimumSample: Double = 0
  /// A level is left only when the measure is better than its threshold by this much.
  public var hysteresis: Double = 0
  /// A verified warning stays in sight so long before it closes; after a closing, so long nothing is raised anew for
  /// the same subject unless the level is higher.
  public var coolDown: Int64 = 0
  /// A unit_id of the campus, or an office's name.
  public var responsibleUnit: String
  /// Whether the unit is the aggregate's own where it has one.
  public var unitFromEvent = false
  /// How long a warning may wait to be acknowledged; nil: for ever.
  public var escalateAfter: Int64?
  /// Who answers after the first, second, … time nobody acknowledged.
  public var escalateTo: [String] = []
  public var basis: Basis = .final
  /// How many good windows in a row verify an improvement.
  public var verifyWindows = 1
  public var ranking: RankingRule?

  /// The layer of diagnosis (诊断层面) a standard belongs to.
  public enum Layer: String, Sendable, Codable, CaseIterable {
    case school, programme, college, course, teacher, student, place, device
  }

  public enum Direction: String, Sendable, Codable, CaseIterable {
    /// A value less than a threshold is worse than it (低于).
    case below
    /// A value that reaches or passes a threshold is worse than it (达到或超过).
    case above
  }

  /// Which revisions may raise a warning.
  public enum Basis: String, Sendable, Codable, CaseIterable {
    /// Every revision, while the window is still open.
    case running
    /// Only those of windows that are over.
    case final
  }

  /// Thresholds in the measure's unit; at least one is there, and each is worse than the one before.
  public struct Levels: Sendable, Equatable {
    public var notice: Double?
    public var warning: Double?
    public var alarm: Double?

    public init(notice: Double? = nil, warning: Double? = nil, alarm: Double? = nil) {
      self.notice = notice
      self.warning = warning
      self.alarm = alarm
    }

    public subscript(_ level: Level) -> Double? {
      switch level {
      case .notice: notice
      case .warning: warning
      case .alarm: alarm
      }
    }
  }

  /// Which part of a ranked population is praised (激励), which is reviewed.
  public struct RankingRule: Sendable, Equatable {
    /// Shares of the population, 0 to 0.5.
    public var top = 0.15
    public var bottom = 0.10
    /// Fewer subjects with a sufficient sample are not ranked.
    public var minimumPopulation = 10

    public init(top: Double = 0.15, bottom: Double = 0.10, minimumPopulation: Int = 10) {
      self.top = top
      self.bottom = bottom
      self.minimumPopulation = minimumPopulation
    }
  }
}

/// How grave a warning is (预警等级): notice 提示, warning 预警, alarm 警报.
public enum Level: String, Sendable, Codable, CaseIterable, Comparable {
  case notice, warning, alarm

  /// 1, 2, 3; kept in the store.
  public var grade: Int {
    switch self {
    case .notice: 1
    case .warning: 2
    case .alarm: 3
    }
  }

  public init?(grade: Int) {
    guard let level = Level.allCases.first(where: { $0.grade == grade }) else { return nil }
    self = level
  }

  public static func < (left: Level, right: Level) -> Bool { left.grade < right.grade }
}
