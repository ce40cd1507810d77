import Foundation

/// The campus directory, as its files say it.
struct PlainCampus {
  struct Unit {
    var parent: String
    var level: String
  }

  struct Place {
    var parent: String
    var kind: String
    /// The responsible unit; empty for none.
    var unit: String
  }

  struct Session {
    var id, course, group, teacher, place: String
    var start, end: Int64
  }

  struct Survey {
    var placeKind, dimension: String
    var least, most: Int
  }

  var units: [String: Unit] = [:]
  /// The unit of each person; empty for none.
  var people: [String: String] = [:]
  var personOfCard: [String: String] = [:]
  var places: [String: Place] = [:]
  /// By `site/device`.
  var placeOfDevice: [String: String] = [:]
  var unitOfCourse: [String: String] = [:]
  var sessions: [Session] = []
  var members: [String: Set<String>] = [:]
  var surveys: [Int: Survey] = [:]

  init(directory: String) throws {
    var texts: [String: String] = [:]
    for name in ["units", "people", "places", "devices", "courses", "sessions", "enrolments", "surveys"] {
      let path = "\(directory)/\(name).csv"
      guard FileManager.default.fileExists(atPath: path) else { continue }
      guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable("\(path): cannot be read") }
      texts[name] = String(decoding: data, as: UTF8.self)
    }
    try self.init(texts)
  }

  /// Takes the text of each file by its name without `.csv`.
  init(_ texts: [String: String]) throws {
    func rows(_ name: String) -> [[String: String]] { PlainCSV.rows(texts[name] ?? "") }
    func cell(_ row: [String: String], _ name: String) -> String { row[name] ?? "" }
    for row in rows("units") {
      units[cell(row, "unit_id")] = Unit(parent: cell(row, "parent_id"), level: cell(row, "level"))
    }
    for row in rows("people") {
      people[cell(row, "person_id")] = cell(row, "unit_id")
      for card in cell(row, "card").split(separator: ";") {
        personOfCard[card.filter { $0 != " " }.lowercased()] = cell(row, "person_id")
      }
    }
    for row in rows("places") {
      places[cell(row, "place_id")] = Place(
        parent: cell(row, "parent_id"), kind: cell(row, "kind"), unit: cell(row, "unit_id"))
    }
    for row in rows("devices") {
      placeOfDevice[cell(row, "site") + "/" + cell(row, "device")] = cell(row, "place_id")
    }
    for row in rows("courses") { unitOfCourse[cell(row, "course_id")] = cell(row, "unit_id") }
    for row in rows("enrolments") { members[cell(row, "group_id"), default: []].insert(cell(row, "person_id")) }
    for row in rows("surveys") {
      guard let item = Int(cell(row, "item")), let least = Int(cell(row, "min")), let most = Int(cell(row, "max"))
      else { throw Unreadable("surveys.csv: \(row)") }
      surveys[item] = Survey(
        placeKind: cell(row, "place_kind"), dimension: cell(row, "dimension"), least: least, most: most)
    }
    for row in rows("sessions") {
      sessions.append(
        Session(
          id: cell(row, "session_id"), course: cell(row, "course_id"), group: cell(row, "group_id"),
          teacher: cell(row, "teacher_id"), place: cell(row, "place_id"),
          start: try LocalCalendar.instant(cell(row, "starts_at")),
          end: try LocalCalendar.instant(cell(row, "ends_at"))))
    }
  }

  /// The unit itself and all above it.
  func unitPath(_ id: String) -> [String] {
    var path: [String] = []
    var next = id
    while let unit = units[next] {
      path.append(next)
      next = unit.parent
    }
    return path
  }

  /// The place itself and all it lies in.
  func placePath(_ id: String) -> [String] {
    var path: [String] = []
    var next = id
    while let place = places[next] {
      path.append(next)
      next = place.parent
    }
    return path
  }

  func devices(at place: String) -> [String] { placeOfDevice.filter { $0.value == place }.map(\.key) }
}
