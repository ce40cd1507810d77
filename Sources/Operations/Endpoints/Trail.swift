import Campus
import Diagnosis

/// From a warning back to the rows of the log that caused it.
enum Trail {
  /// Milliseconds before a meeting in which a check-in counts for it.
  static let beforeMeeting: Int64 = 15 * 60_000

  /// The question whose answer they are; nil: they lie in many places, as those of a course's week do.
  static func readings(of warning: Warning, _ campus: Campus) -> String? {
    let place = String(warning.subject.prefix { $0 != "/" })
    switch (warning.aggregate, warning.scope) {
    case (.attendance, "session"), (.assessment, "session"):
      guard let session = campus.session(warning.subject) else { return nil }
      let isAttendance = warning.aggregate == .attendance
      return question(
        warning, kind: isAttendance ? "checkin" : "response", ("place", session.placeID),
        // A store may hold windows of any time: what cannot be reckoned begins at the beginning.
        from: max(warning.window.start, beforeMeeting) - (isAttendance ? beforeMeeting : 0))
    case (.device, "device"):
      let parts = warning.subject.split(separator: "/", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { return nil }
      return question(warning, kind: nil, ("site", parts[0]), ("device", parts[1]), from: warning.window.start)
    case (.satisfaction, "place"), (.assessment, "place"):
      return question(warning, kind: "response", ("place", place), from: warning.window.start)
    case (.passage, _): return question(warning, kind: "passage", ("place", place), from: warning.window.start)
    case (.incident, _): return question(warning, kind: "incident", ("place", place), from: warning.window.start)
    default: return nil
    }
  }

  private static func question(
    _ warning: Warning, kind: String?, _ parameters: (String, String)..., from: Int64
  ) -> String {
    var parts = parameters.map { "\($0.0)=\(PercentText.encode($0.1))" }
    if let kind { parts.append("kind=\(kind)") }
    parts += ["from=\(max(0, from))", "to=\(warning.window.end)"]
    return "/api/v1/readings?" + parts.joined(separator: "&")
  }
}

extension EntityNames {
  func named(_ warning: Warning) -> NamedWarning {
    NamedWarning(
      warning: warning, unitName: campus.unit(warning.unit)?.name,
      subjectName: name(scope: warning.scope, id: warning.subject))
  }
}

/// A warning as `warnings list --json` prints it, with names besides.
struct NamedWarning: Members {
  var warning: Warning
  var unitName: String?
  var subjectName: String?

  func write(to members: inout some MemberWriter) {
    members.add("id", .integer(warning.id))
    members.add("standard", .text(warning.standard))
    members.add("name", .text(warning.name))
    members.add("name_en", .text(warning.nameEn))
    members.add("layer", .text(warning.layer.rawValue))
    members.add("unit", .text(warning.unit))
    members.add("unit_name", JSON(unitName))
    members.add("level", .text(warning.level.rawValue))
    members.add("urgency", .text(warning.urgency.rawValue))
    members.add("escalations", JSON(count: warning.escalations))
    members.add("state", .text(warning.state.rawValue))
    members.add("aggregate", .text(warning.aggregate.rawValue))
    members.add("scope", .text(warning.scope))
    members.add("subject", .text(warning.subject))
    members.add("subject_name", JSON(subjectName))
    members.add("grain", .text(warning.grain))
    members.add(
      "window",
      object: { window in
        window.add("start", .integer(warning.window.start))
        window.add("end", .integer(warning.window.end))
      })
    members.add("measure", .text(warning.measure))
    members.add("direction", .text(warning.direction.rawValue))
    members.add("value", .number(warning.value))
    members.add("threshold", .number(warning.threshold))
    if let sample = warning.sample { members.add("sample", .number(sample)) }
    members.add("cause", .text(warning.cause))
    members.add("cause_time", .integer(warning.causeTime))
    members.add("raised_at", .integer(warning.raisedAt))
    members.add("changed_at", .integer(warning.changedAt))
    if let closed = warning.closedAt { members.add("closed_at", .integer(closed)) }
    if let due = warning.dueAt { members.add("due_at", .integer(due)) }
  }
}
