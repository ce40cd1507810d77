import Campus

/// What goes wrong on a campus by design: a class that stays away, a canteen going downhill, a dead reader.
///
/// Decided by simulated time and the seed alone, like everything else that happens.
struct Scenario: Sendable {
  enum What: String, Sendable, CaseIterable {
    case absent, late, guests, downhill, dead, offline, clock
  }

  /// Simulated time, as the timetable has it: from inclusive, until exclusive.
  struct Span: Sendable, Equatable {
    var from = Int64.min
    var until = Int64.max

    func contains(_ time: Int64) -> Bool { from <= time && time < until }
  }

  /// A row of the file.
  struct Row: Sendable, Equatable {
    var line: Int
    var what: What
    var target: String
    var span: Span
    /// As the file has it.
    var value: String
  }

  /// People at meetings: those named, or all at the meetings of a group or a course.
  struct PeopleRule: Sendable {
    var span: Span
    var amount: Double
    var people: Set<Int> = []
    var group: String?
    var course: String?

    func concerns(_ person: Int, _ session: Session) -> Bool {
      guard span.contains(session.start) else { return false }
      return people.contains(person) || group == session.groupID || course == session.courseID
    }
  }

  /// A place and what lies in it; positions in `campus.places`.
  struct PlaceRule: Sendable {
    var span: Span
    var amount: Double
    var places: Set<Int>
    var names: Set<String>
  }

  struct DeviceRule: Sendable {
    var span: Span
    var devices: Set<Int32>
  }

  /// Every row, for the ledger.
  var rows: [Row] = []
  var absences: [PeopleRule] = []
  var delays: [PeopleRule] = []
  var visits: [PlaceRule] = []
  var declines: [PlaceRule] = []
  var deaths: [DeviceRule] = []
  var silences: [DeviceRule] = []
  /// By position among the devices of the run.
  var clocks: [Int32: ClockFault] = [:]

  /// Probability, on top of what is usual, that somebody misses a meeting.
  func absence(of person: Int, from session: Session) -> Double {
    absences.reduce(0) { $1.concerns(person, session) ? $0 + $1.amount : $0 }
  }

  /// Minutes by which somebody comes later than usual.
  func lateness(of person: Int, for session: Session) -> Double {
    delays.reduce(0) { $1.concerns(person, session) ? $0 + $1.amount : $0 }
  }

  /// Cards of people not enrolled that are shown at a meeting.
  func guests(at session: Session) -> Int {
    visits.reduce(0) { sum, rule in
      rule.span.contains(session.start) && rule.names.contains(session.placeID) ? sum + Int(rule.amount) : sum
    }
  }

  /// What a place has lost of its standing by a day, as a share of the scale.
  func decline(of place: Int, on day: LocalDay) -> Double {
    guard !declines.isEmpty else { return 0 }
    return declines.reduce(0) { sum, rule in
      guard rule.places.contains(place), rule.span.contains(day.start + LocalDay.milliseconds - 1) else { return sum }
      let since = rule.span.from == .min ? day.start : rule.span.from
      let days = Double(max(0, day.start - since)) / Double(LocalDay.milliseconds)
      return sum + rule.amount * (days.rounded() + 1)
    }
  }

  /// Whether a device takes no reading at an instant.
  func isDead(_ device: Int32, at time: Int64) -> Bool {
    deaths.contains { $0.span.contains(time) && $0.devices.contains(device) }
  }

  /// When a device takes readings and sends nothing.
  func silences(of device: Int32) -> [Span] {
    silences.filter { $0.devices.contains(device) }.map(\.span)
  }
}
