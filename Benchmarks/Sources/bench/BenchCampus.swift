import CLoad
import Foundation

/// A campus as large as wanted, whose devices `publish -c` plays: rooms where groups meet, gates, counters of canteens.
struct BenchCampus {
  var devices: Int
  /// At each of them one group meets.
  var rooms = 500
  /// In a group.
  var students = 20
  /// In all; fewer than rooms × students: each is in several groups. nil: as many.
  var people: Int?
  var counters = 500
  var gates = 20
  /// Days of the timetable before today; 0: today alone, from five minutes ago for six hours. With more, one meeting
  /// fills a room's day.
  var pastDays = 0

  private var allPeople: Int { people ?? rooms * students }

  /// As `publish -c` takes it.
  var argument: String { "\(rooms),\(students),\(allPeople),\(counters),\(gates)" }

  private var load: load_campus {
    load_campus(
      rooms: UInt32(rooms), students: UInt32(students), people: UInt32(allPeople), counters: UInt32(counters),
      gates: UInt32(gates))
  }

  /// A device's name, and its key in hexadecimal.
  static func device(_ device: UInt32) -> (name: String, key: String) {
    var name = [CChar](repeating: 0, count: Int(LOAD_NAME_SIZE))
    load_device_name(device, &name)
    var key = [UInt8](repeating: 0, count: 32)
    load_device_key(device, &key)
    return (String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self), hex(key))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// Writes `campus/` and `keys.csv`.
  func write(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: "\(folder)/campus", withIntermediateDirectories: true)
    func put(_ name: String, _ lines: [String]) throws {
      try (lines.joined(separator: "\n") + "\n").write(
        toFile: "\(folder)/campus/\(name).csv", atomically: false, encoding: .utf8)
    }
    try put("units", units)
    try put("people", peopleLines)
    try put("places", places)
    let (devices, keys) = deviceLines
    try put("devices", devices)
    try put(
      "courses", ["course_id,name,unit_id"] + (0..<courses).map { "course-\($0),Course \($0),college-\($0 % 10)" })
    try put("sessions", sessions)
    try put("enrolments", enrolments)
    try put("surveys", ["item,place_kind,dimension,text,min,max", "1,counter,taste,Taste,1,5"])
    try (keys.joined(separator: "\n") + "\n").write(toFile: "\(folder)/keys.csv", atomically: false, encoding: .utf8)
  }

  private var courses: Int { max(1, rooms / 4) }

  private var units: [String] {
    ["unit_id,parent_id,level,name", "school,,school,School", "office,school,office,Logistics"]
      + (0..<10).map { "college-\($0),school,college,College \($0)" }
      + (0..<50).map { "programme-\($0),college-\($0 % 10),programme,Programme \($0)" }
  }

  private var peopleLines: [String] {
    var lines = ["person_id,role,name,unit_id,card"]
    lines.reserveCapacity(allPeople + courses + 1)
    var card = [UInt8](repeating: 0, count: Int(LOAD_CARD_SIZE))
    for person in 0..<allPeople {
      load_card(UInt32(person), &card)
      lines.append("student-\(person),student,Student \(person),programme-\(person % 50),\(BenchCampus.hex(card))")
    }
    for course in 0..<courses { lines.append("teacher-\(course),teacher,Teacher \(course),college-\(course % 10),") }
    return lines
  }

  private var places: [String] {
    ["place_id,parent_id,kind,name,unit_id", "campus,,campus,Campus,office", "hall,campus,building,Hall,office"]
      + ["canteen,campus,canteen,Canteen,office"] + (0..<rooms).map { "room-\($0),hall,room,Room \($0)," }
      + (0..<gates).map { "gate-\($0),campus,gate,Gate \($0)," }
      + (0..<counters).map { "counter-\($0),canteen,counter,Counter \($0)," }
  }

  private var deviceLines: (devices: [String], keys: [String]) {
    var lines = ["site,device,place_id,model,auth,adapter"]
    var keys = ["site,device,key"]
    var campus = load
    for device in 0..<UInt32(devices) {
      let (name, key) = BenchCampus.device(device)
      let place = load_place_of(&campus, device)
      let kind =
        switch load_role_of(device) {
        case LOAD_TERMINAL: "room"
        case LOAD_READER: "gate"
        default: "counter"
        }
      lines.append("\(LOAD_SITE),\(name),\(kind)-\(place),bench,mac,")
      keys.append("\(LOAD_SITE),\(name),\(key)")
    }
    return (lines, keys)
  }

  private var sessions: [String] {
    var lines = ["session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at"]
    let now = Int(load_unix_s()) / 60 * 60
    for day in 0...pastDays {
      let start = pastDays == 0 ? now - 300 : now - day * 86_400 - 43_200
      let end = start + (pastDays == 0 ? 6 * 3_600 : 86_340)
      let (from, to) = (BenchCampus.text(start), BenchCampus.text(end))
      for room in 0..<rooms {
        let course = room % courses
        lines.append(
          "meeting-\(room)-\(day),course-\(course),group-\(room),teacher-\(course),room-\(room),\(from),\(to)")
      }
    }
    return lines
  }

  private static func text(_ seconds: Int) -> String {
    let date = Date(timeIntervalSince1970: Double(seconds))
    return ISO8601DateFormatter().string(from: date).replacingOccurrences(of: "Z", with: "+00:00")
  }

  private var enrolments: [String] {
    var lines = ["group_id,person_id"]
    lines.reserveCapacity(rooms * students + 1)
    var campus = load
    for room in 0..<UInt32(rooms) {
      for member in 0..<UInt32(students) {
        lines.append("group-\(room),student-\(load_member(&campus, room, member))")
      }
    }
    return lines
  }
}
