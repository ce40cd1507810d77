import Campus
import Diagnosis

/// Of whom a campus can ever have an aggregate, and how much one can rest on.
struct StandardReach {
  private let campus: Campus
  /// People enrolled in each group, by the group's name.
  private let sizes: [String: Int]

  init(_ campus: Campus) {
    self.campus = campus
    var sizes: [String: Int] = [:]
    for group in campus.enrolments.groups { sizes[group] = campus.enrolments.members(of: group).count }
    self.sizes = sizes
  }

  // MARK: Of whom

  /// Ids that aggregates of this kind and scope can have here.
  func subjects(_ aggregate: Aggregate, _ scope: String) -> Set<String> {
    switch (aggregate, scope) {
    case (.attendance, "session"): Set(campus.sessions.map(\.id))
    case (.attendance, "course"): Set(campus.sessions.map(\.courseID))
    case (.attendance, "teacher"): Set(campus.sessions.map(\.teacherID))
    case (.attendance, "student"): students
    case (.attendance, _): enrolledUnits(scope)
    case (.satisfaction, "place"): surveyed(forRooms: false) { campus.path(ofPlace: $0.placeID).map(\.id) }
    case (.satisfaction, _):
      surveyed(forRooms: false) { device in
        campus.path(ofPlace: device.placeID).compactMap(\.unitID).flatMap { campus.path(ofUnit: $0).map(\.id) }
      }
    case (.assessment, "course"): assessed(campus.sessions.map(\.courseID))
    case (.assessment, "session"): assessed(campus.sessions.map(\.id))
    case (.assessment, "teacher"): assessed(campus.sessions.map(\.teacherID))
    case (.assessment, "unit"):
      assessed(campus.courses.compactMap(\.unitID).flatMap { campus.path(ofUnit: $0).map(\.id) })
    case (.assessment, _): surveyed(forRooms: true) { campus.path(ofPlace: $0.placeID).map(\.id) }
    case (.passage, _): Set(campus.places.filter { $0.kind.rawValue == scope }.map(\.id))
    case (.incident, _): Set(campus.devices.flatMap { campus.path(ofPlace: $0.placeID).map(\.id) + [$0.placeID] })
    case (.device, _): Set(campus.devices.map(\.name.description))
    }
  }

  private var students: Set<String> {
    var ids: Set<String> = []
    for group in Set(campus.sessions.map(\.groupID)) {
      for person in campus.people(inGroup: group) { ids.insert(person.id) }
    }
    return ids
  }

  /// Units of a level that enrolled people belong to.
  private func enrolledUnits(_ level: String) -> Set<String> {
    var ids: Set<String> = []
    var seen: Set<String> = []
    for group in Set(campus.sessions.map(\.groupID)) {
      for person in campus.people(inGroup: group) {
        guard let unit = person.unitID, seen.insert(unit).inserted else { continue }
        for unit in campus.path(ofUnit: unit) where unit.level.rawValue == level { ids.insert(unit.id) }
      }
    }
    return ids
  }

  private func surveyed(forRooms: Bool, _ owners: (Device) -> [String]) -> Set<String> {
    let items = campus.surveys.filter { ($0.placeKind == .room) == forRooms }
    var ids: Set<String> = []
    for device in campus.devices {
      let kinds = Set(campus.path(ofPlace: device.placeID).map(\.kind))
      for item in items where kinds.contains(item.placeKind) {
        for owner in owners(device) { ids.insert("\(owner)/\(item.dimension)") }
      }
    }
    return ids
  }

  private func assessed(_ owners: [String]) -> Set<String> {
    let dimensions = Set(campus.surveys.filter { $0.placeKind == .room }.map(\.dimension))
    return Set(Set(owners).flatMap { owner in dimensions.map { "\(owner)/\($0)" } })
  }

  // MARK: How much

  /// The most people any window of this scope and grain can expect; nil: it is not known.
  func mostExpected(_ scope: String, _ grain: String) -> Int? {
    let days: Int64? = ["day": 1, "week": 7, "month": 31][grain]
    switch scope {
    case "session": return campus.sessions.map { sizes[$0.groupID] ?? 0 }.max()
    case "course": return days.flatMap { most(in: $0) { [($0.courseID, sizes[$0.groupID] ?? 0)] } }
    case "teacher": return days.flatMap { most(in: $0) { [($0.teacherID, sizes[$0.groupID] ?? 0)] } }
    case "programme", "college", "school":
      let shares = self.shares(of: scope)
      return days.flatMap { most(in: $0) { shares[$0.groupID] ?? [] } }
    default: return nil
    }
  }

  /// How many of a group belong to each unit of a level.
  private func shares(of level: String) -> [String: [(String, Int)]] {
    var shares: [String: [(String, Int)]] = [:]
    var paths: [String: [String]] = [:]
    for group in campus.enrolments.groups {
      var counts: [String: Int] = [:]
      for person in campus.people(inGroup: group) {
        guard let unit = person.unitID else { continue }
        let path = paths[unit] ?? campus.path(ofUnit: unit).filter { $0.level.rawValue == level }.map(\.id)
        paths[unit] = path
        for id in path { counts[id, default: 0] += 1 }
      }
      shares[group] = counts.map { ($0.key, $0.value) }
    }
    return shares
  }

  /// The largest sum over any `days` in a row, of any owner: no window of the calendar holds more.
  private func most(in days: Int64, _ owners: (Session) -> [(String, Int)]) -> Int? {
    var meetings: [String: [(start: Int64, size: Int)]] = [:]
    for session in campus.sessions {
      for (owner, size) in owners(session) { meetings[owner, default: []].append((session.start, size)) }
    }
    var most: Int?
    for var list in meetings.values {
      list.sort { $0.start < $1.start }
      var sum = 0
      var first = 0
      for meeting in list {
        sum += meeting.size
        while list[first].start <= meeting.start - days * 86_400_000 {
          sum -= list[first].size
          first += 1
        }
        most = max(most ?? 0, sum)
      }
    }
    return most
  }
}
