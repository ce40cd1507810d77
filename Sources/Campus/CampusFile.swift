/// One file of a campus directory.
public enum CampusFile: String, Sendable, CaseIterable, Hashable {
  case units = "units.csv"
  case people = "people.csv"
  case places = "places.csv"
  case devices = "devices.csv"
  case courses = "courses.csv"
  case sessions = "sessions.csv"
  case enrolments = "enrolments.csv"
  case surveys = "surveys.csv"

  /// Columns the header row must have, in any order.
  public var columns: [String] {
    switch self {
    case .units: ["unit_id", "parent_id", "level", "name"]
    case .people: ["person_id", "role", "name", "unit_id", "card"]
    case .places: ["place_id", "parent_id", "kind", "name", "unit_id"]
    case .devices: ["site", "device", "place_id", "auth"]
    case .courses: ["course_id", "name", "unit_id"]
    case .sessions:
      ["session_id", "course_id", "group_id", "teacher_id", "place_id", "starts_at", "ends_at"]
    case .enrolments: ["group_id", "person_id"]
    case .surveys: ["item", "place_kind", "dimension", "text", "min", "max"]
    }
  }

  /// Columns that may be left out: the same as empty cells.
  public var optionalColumns: [String] {
    self == .devices ? ["model", "adapter"] : []
  }

  /// A campus without devices hears nothing; every other file may be absent.
  public var isRequired: Bool { self == .devices }
}
