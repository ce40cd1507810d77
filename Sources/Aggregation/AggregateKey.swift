/// What is added up. Raw values are the store's; names are the contract's.
public enum AggregateKind: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case attendance = 1
  case satisfaction = 2
  case passage = 3
  case assessment = 4
  case incident = 5
  case device = 6

  public var description: String {
    switch self {
    case .attendance: "attendance"
    case .satisfaction: "satisfaction"
    case .passage: "passage"
    case .assessment: "assessment"
    case .incident: "incident"
    case .device: "device"
    }
  }

  public init?(name: String) {
    guard let kind = AggregateKind.allCases.first(where: { $0.description == name }) else { return nil }
    self = kind
  }
}

/// Whom or what an aggregate is about; its `id` is an id of this.
public enum AggregateScope: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case session = 1
  case course = 2
  case teacher = 3
  case programme = 4
  case college = 5
  case school = 6
  case student = 7
  case place = 8
  /// A responsible unit of any level.
  case unit = 9
  case gate = 10
  case dormitory = 11
  case device = 12

  public var description: String {
    switch self {
    case .session: "session"
    case .course: "course"
    case .teacher: "teacher"
    case .programme: "programme"
    case .college: "college"
    case .school: "school"
    case .student: "student"
    case .place: "place"
    case .unit: "unit"
    case .gate: "gate"
    case .dormitory: "dormitory"
    case .device: "device"
    }
  }

  public init?(name: String) {
    guard let scope = AggregateScope.allCases.first(where: { $0.description == name }) else { return nil }
    self = scope
  }
}

/// How long an aggregate's window is. All but `meeting` and `fiveMinutes` follow the campus time zone.
public enum AggregateGrain: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case meeting = 1
  case fiveMinutes = 2
  case hour = 3
  /// Breakfast 05:00–10:00, lunch 10:00–15:00, dinner 15:00–22:00.
  case meal = 4
  /// A calendar day; for dormitories the night from noon to noon.
  case day = 5
  /// From Monday.
  case week = 6
  case month = 7
  /// February to July, August to January.
  case term = 8

  public var description: String {
    switch self {
    case .meeting: "meeting"
    case .fiveMinutes: "5min"
    case .hour: "hour"
    case .meal: "meal"
    case .day: "day"
    case .week: "week"
    case .month: "month"
    case .term: "term"
    }
  }

  public init?(name: String) {
    guard let grain = AggregateGrain.allCases.first(where: { $0.description == name }) else { return nil }
    self = grain
  }
}

/// Which aggregate: revisions of the same key are states of the same thing.
public struct AggregateKey: Sendable, Hashable {
  public var kind: AggregateKind
  public var scope: AggregateScope
  /// The id of what the scope names, as the campus files spell it; `{place_id}/{dimension}` for surveys,
  /// `{place_id}/{category}` for incidents, `{site}/{device}` for devices.
  public var id: String
  public var grain: AggregateGrain
  /// Unix milliseconds; `end` exclusive.
  public var start: Int64
  public var end: Int64

  public init(
    kind: AggregateKind, scope: AggregateScope, id: String, grain: AggregateGrain, start: Int64, end: Int64
  ) {
    self.kind = kind
    self.scope = scope
    self.id = id
    self.grain = grain
    self.start = start
    self.end = end
  }
}
