/// The aggregates of the contract: what each measures, of whom, and over which windows.
public enum Aggregate: String, Sendable, Codable, CaseIterable {
  case attendance, satisfaction, passage, assessment, incident, device

  /// Measures a standard may name; `silence` besides.
  public func measures(of scope: String) -> [String] {
    switch self {
    case .attendance: ["expected", "present", "late", "absent", "unknown", "rate"]
    case .satisfaction: ["count", "mean", "low_share", "lower_bound"]
    case .passage:
      scope == "dormitory" ? ["late_returns", "people_late"] : ["in", "out", "unknown", "refused", "count"]
    case .assessment: ["count", "mean", "pass_rate"]
    case .incident: ["opened", "closed", "open", "oldest_age_s"]
    case .device: ["frames", "readings", "corrected", "battery_mv_min", "backlog_max", "dropped", "gaps_open"]
    }
  }

  /// Devices expected less devices heard, of the completeness; every aggregate has it.
  public static let silence = "devices_silent"

  public var scopes: [String] {
    switch self {
    case .attendance: ["session", "course", "teacher", "programme", "college", "school", "student"]
    case .satisfaction: ["place", "unit"]
    case .passage: ["gate", "dormitory"]
    case .assessment: ["session", "course", "teacher", "unit", "place"]
    case .incident: ["place"]
    case .device: ["device"]
    }
  }

  /// The windows a scope is measured over.
  public func grains(of scope: String) -> [String] {
    switch (self, scope) {
    case (.attendance, "session"): ["meeting"]
    case (.attendance, _): ["day", "week", "month"]
    case (.satisfaction, "place"): ["5min", "meal", "day", "month", "term"]
    case (.satisfaction, _): ["meal", "day", "month", "term"]
    case (.passage, "dormitory"): ["day"]
    case (.passage, _): ["5min", "hour", "day"]
    case (.assessment, "session"): ["meeting"]
    case (.assessment, _): ["month", "term"]
    case (.incident, _): ["day"]
    case (.device, _): ["hour", "day"]
    }
  }

  /// What counts how much a window rests on, where the standard does not say.
  public func sampleMeasure(of scope: String) -> String {
    switch self {
    case .attendance: "expected"
    case .satisfaction, .assessment: "count"
    case .passage: scope == "dormitory" ? "late_returns" : "count"
    case .incident: "opened"
    case .device: "frames"
    }
  }

  /// Whether a window some of whose devices were not heard says nothing about this measure: people whose card no
  /// device could read look absent.
  public func needsEveryDevice(_ measure: String) -> Bool {
    self == .attendance && ["present", "absent", "rate"].contains(measure)
  }
}

extension Aggregate {
  /// The grains of all scopes of all aggregates.
  static let everyGrain: Set<String> = Set(
    allCases.flatMap { aggregate in aggregate.scopes.flatMap(aggregate.grains(of:)) })
}
