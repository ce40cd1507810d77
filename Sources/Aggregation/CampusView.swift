import Campus
import DeviceProtocol
import ReadingLog

/// A campus version compiled for the fold: ids are numbers, cards are tokens, ancestors are lists.
final class CampusView {
  struct Unit: Hashable {
    var scope: AggregateScope
    var name: Int32
  }

  /// A place of this version; `line` holds it and what it lies in, the nearest first.
  struct PlaceEntry {
    var name: Int32
    var kind: Place.Kind
    /// Names of the place and of what it lies in.
    var line: [Int32] = []
    /// Names of the responsible unit and those above it.
    var units: [Int32] = []
    /// Name of the dormitory it is or lies in; -1: none.
    var dormitory: Int32 = -1
  }

  struct SessionEntry {
    var name: Int32
    var course: Int32
    var teacher: Int32
    var place: Int32
    var group: Int32
    /// Names of the course's unit and those above it.
    var units: Int32
    var start: Int64
    var end: Int64
  }

  struct Survey {
    var isForRooms: Bool
    var dimension: Int32
    var least: Int64
    var most: Int64

    /// In the lowest 40 % of the scores there are: 1 and 2 of 1 to 5.
    func isLow(_ score: Int64) -> Bool { (score - least + 1) * 10 <= (most - least + 1) * 4 }
    /// At 60 % of the range or above.
    func isPass(_ score: Int64) -> Bool { (score - least) * 10 >= (most - least) * 6 }
  }

  let version: CampusVersion
  let rules: AggregationRules
  let campus: Campus
  let calendar: CampusCalendar
  /// People by the token of each of their cards, as positions in `campus.people`.
  private(set) var people: [Token: Int32] = [:]
  /// The first card of each person by the others.
  private var otherCards: [Token: Token] = [:]
  /// Names of people, by position.
  private(set) var personNames: [Int32] = []
  /// Which of `unitLists` a person's are; by position.
  private(set) var personUnits: [Int32] = []
  /// Programmes, colleges and schools above a unit.
  private(set) var unitLists: [[Unit]] = [[]]
  private(set) var groups: [ArraySlice<Int32>] = []
  private(set) var sessions: [SessionEntry] = []
  private var sessionIndex: [Int32: Int32] = [:]
  private(set) var places: [PlaceEntry] = []
  private(set) var placeIndex: [Int32: Int32] = [:]
  private(set) var surveys: [Int64: Survey] = [:]
  /// Names of each course's units: a list for each distinct unit.
  private(set) var courseUnits: [[Int32]] = [[]]
  /// Devices by place's name, as names `{site}/{device}`.
  private(set) var devices: [Int32: [Int32]] = [:]
  /// The position in `places` of each device, by the device's name.
  private(set) var devicePlaces: [Int32: Int32] = [:]
  /// Devices at a place or in it, and in the places a unit is responsible for; by name.
  private(set) var devicesBelow: [Int32: Int64] = [:]
  private(set) var devicesOfUnit: [Int32: Int64] = [:]

  /// Reads a version from the log, where nobody has just read it, and compiles it.
  static func load(
    _ version: CampusVersion, _ store: LogStore, _ subjects: SubjectKey, _ names: Names, _ calendar: CampusCalendar
  ) throws(LogError) -> CampusView {
    let campus: Campus
    if let known = store.campusRead(of: version.id) { campus = known } else { campus = try read(version, store) }
    let rules: AggregationRules
    do { rules = try AggregationRules(json: version.settings) } catch {
      throw .other(AggregationError.campus(version: version.id, problem: "\(error)").description)
    }
    return CampusView(version, campus, calendar, rules, subjects, names)
  }

  private static func read(_ version: CampusVersion, _ store: LogStore) throws(LogError) -> Campus {
    var files: [CampusFile: [UInt8]] = [:]
    for (name, bytes) in try store.campusFiles(of: version.id) {
      if let file = CampusFile(rawValue: name) { files[file] = bytes }
    }
    let (campus, faults) = Campus.load(files: files, wereAccepted: true)
    guard let campus else {
      let fault = faults.first.map { "\($0)" } ?? "no campus"
      throw .other(AggregationError.campus(version: version.id, problem: fault).description)
    }
    return campus
  }

  init(
    _ version: CampusVersion, _ campus: Campus, _ calendar: CampusCalendar, _ rules: AggregationRules,
    _ subjects: SubjectKey, _ names: Names
  ) {
    self.version = version
    self.campus = campus
    self.rules = rules
    self.calendar = calendar
    addPeople(subjects, names)
    addPlaces(names)
    addSessions(names)
    for survey in campus.surveys {
      surveys[Int64(survey.item)] = Survey(
        isForRooms: survey.placeKind == .room, dimension: names.number(survey.dimension),
        least: Int64(survey.scores.lowerBound), most: Int64(survey.scores.upperBound))
    }
  }

  private func addPeople(_ subjects: SubjectKey, _ names: Names) {
    people.reserveCapacity(campus.people.count)
    personNames.reserveCapacity(campus.people.count)
    personUnits.reserveCapacity(campus.people.count)
    var lists: [String: Int32] = [:]
    for (position, person) in campus.people.enumerated() {
      personNames.append(names.number(person.id))
      var first: Token?
      for card in person.cards {
        let token = card.withUnsafeBytes { subjects.token($0) }
        people[token] = Int32(position)
        if let first { otherCards[token] = first } else { first = token }
      }
      guard let unit = person.unitID else {
        personUnits.append(0)
        continue
      }
      if lists[unit] == nil {
        lists[unit] = Int32(unitLists.count)
        unitLists.append(
          campus.path(ofUnit: unit).compactMap { unit in
            CampusView.scope(of: unit.level).map { Unit(scope: $0, name: names.number(unit.id)) }
          })
      }
      personUnits.append(lists[unit] ?? 0)
    }
  }

  /// One card for all cards of a person; a card in no roster stands for itself.
  func card(standingFor token: Token) -> Token { otherCards[token] ?? token }

  private static func scope(of level: OrganisationUnit.Level) -> AggregateScope? {
    switch level {
    case .school: .school
    case .college: .college
    case .programme: .programme
    case .office, .class: nil
    }
  }

  private func addPlaces(_ names: Names) {
    for place in campus.places {
      let line = campus.path(ofPlace: place.id)
      var entry = PlaceEntry(name: names.number(place.id), kind: place.kind)
      entry.line = line.map { names.number($0.id) }
      if let unit = line.lazy.compactMap(\.unitID).first {
        entry.units = campus.path(ofUnit: unit).map { names.number($0.id) }
      }
      if let dormitory = line.first(where: { $0.kind == .dormitory }) { entry.dormitory = names.number(dormitory.id) }
      placeIndex[entry.name] = Int32(places.count)
      places.append(entry)
    }
    for device in campus.devices {
      let name = names.number(device.name.description)
      let place = names.number(device.placeID)
      // Without places.csv there is no more to know of a place than its name.
      if placeIndex[place] == nil {
        placeIndex[place] = Int32(places.count)
        places.append(PlaceEntry(name: place, kind: .room, line: [place]))
      }
      guard let index = placeIndex[place] else { continue }
      devices[place, default: []].append(name)
      devicePlaces[name] = index
      for place in places[Int(index)].line { devicesBelow[place, default: 0] += 1 }
      for unit in places[Int(index)].units { devicesOfUnit[unit, default: 0] += 1 }
    }
  }

  private func addSessions(_ names: Names) {
    var groupIndex: [String: Int32] = [:]
    for group in campus.enrolments.groups {
      groupIndex[group] = Int32(groups.count)
      groups.append(campus.enrolments.members(of: group))
    }
    var lists: [String: Int32] = [:]
    sessions.reserveCapacity(campus.sessions.count)
    for session in campus.sessions {
      var units: Int32 = 0
      if let unit = campus.course(session.courseID)?.unitID {
        if lists[unit] == nil {
          lists[unit] = Int32(courseUnits.count)
          courseUnits.append(campus.path(ofUnit: unit).map { names.number($0.id) })
        }
        units = lists[unit] ?? 0
      }
      let name = names.number(session.id)
      sessionIndex[name] = Int32(sessions.count)
      sessions.append(
        SessionEntry(
          name: name, course: names.number(session.courseID), teacher: names.number(session.teacherID),
          place: names.number(session.placeID), group: groupIndex[session.groupID] ?? -1, units: units,
          start: session.start, end: session.end))
    }
  }

  /// The session of a name where it begins at `start`; nil: the version has none, or has it at another time.
  func session(_ name: Int32, at start: Int64) -> SessionEntry? {
    guard let index = sessionIndex[name], sessions[Int(index)].start == start else { return nil }
    return sessions[Int(index)]
  }

  /// Positions in `campus.people` of those enrolled in a group, ascending.
  func members(ofGroup group: Int32) -> ArraySlice<Int32> { group < 0 ? [] : groups[Int(group)] }
}
