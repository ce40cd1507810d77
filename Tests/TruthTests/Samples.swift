import Foundation
import Testing

@testable import campus_truth

/// A tiny campus: two rooms, four students of two programmes, a canteen, a dormitory, a gate.
enum Sample {
  static let files: [String: String] = [
    "units": """
    unit_id,parent_id,level,name
    school,,school,School
    col-1,school,college,College
    office-1,col-1,office,Office
    prog-1,col-1,programme,One
    prog-2,col-1,programme,Two
    class-1,prog-1,class,Class one
    kitchen,school,office,Kitchen
    """,
    "people": """
    person_id,role,name,unit_id,card
    s1,student,,class-1,01010101
    s2,student,,prog-1,02020202; 0202AAAA
    s3,student,,prog-2,03030303
    s4,student,,,
    s5,student,,prog-2,05050505
    t1,teacher,,office-1,0a0a0a0a
    """,
    "places": """
    place_id,parent_id,kind,name,unit_id
    campus,,campus,,school
    hall,campus,building,,
    room-1,hall,room,,col-1
    room-2,hall,room,,col-1
    canteen,campus,canteen,,kitchen
    counter,canteen,counter,,
    home,campus,dormitory,,
    floor,home,room,,
    gate,campus,gate,,
    """,
    "devices": """
    site,device,place_id,model,auth,adapter
    main,a,room-1,terminal,mac,
    main,b,room-1,terminal,mac,
    main,c,room-2,terminal,mac,
    main,kiosk,counter,kiosk,transport,
    main,door,floor,reader,mac,
    main,gate,gate,reader,mac,
    """,
    "courses": """
    course_id,name,unit_id
    c1,One,col-1
    c2,Two,
    """,
    "sessions": "session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at",
    "enrolments": """
    group_id,person_id
    g1,s1
    g1,s2
    g1,s4
    g2,s2
    g2,s3
    """,
    "surveys": """
    item,place_kind,dimension,text,min,max
    1,canteen,taste,,1,5
    2,room,test,,0,100
    """,
  ]

  static let far: Int64 = 4_000_000_000_000

  /// `sessions`: the rows below the header.
  static func truth(
    sessions: [String] = [], zone: String = "Asia/Shanghai", readings: [StoredReading], logTime: Int64 = far,
    rules: Rules = Rules()
  ) throws -> Truth {
    var files = files
    files["sessions"] = ([files["sessions"] ?? ""] + sessions).joined(separator: "\n")
    return Truth(
      campus: try PlainCampus(files), calendar: try LocalCalendar(zone), rules: rules, readings: readings,
      logTime: logTime)
  }
}

/// An instant, written as `2026-09-07T08:30:00+08:00`.
func at(_ text: String) throws -> Int64 { try LocalCalendar.instant(text) }

/// A window between two instants.
func window(_ start: String, _ end: String) throws -> LocalCalendar.Window {
  LocalCalendar.Window(start: try at(start), end: try at(end))
}

func checkIn(_ card: String, _ time: Int64, _ device: String = "main/a") -> StoredReading {
  var reading = StoredReading(
    name: StoredReading.Name(device: device, epoch: 1, seq: 1, index: 0), kind: "checkin", time: time)
  reading.card = card
  return reading
}

func answer(_ item: Int, _ score: Int, _ time: Int64, _ device: String) -> StoredReading {
  var reading = checkIn("", time, device)
  reading.kind = "response"
  reading.item = item
  reading.score = score
  return reading
}

func passing(
  _ card: String, _ time: Int64, _ device: String, _ direction: String = "in", granted: Bool = true
) -> StoredReading {
  var reading = checkIn(card, time, device)
  reading.kind = "passage"
  reading.direction = direction
  reading.isGranted = granted
  return reading
}

extension [Aggregate] {
  /// The one aggregate of a scope, an id and a grain.
  func one(_ scope: String, _ id: String, _ grain: String) throws -> Aggregate {
    let found = filter { $0.key.scope == scope && $0.key.id == id && $0.key.grain == grain }
    #expect(found.count == 1, "\(scope) \(id) \(grain): \(found.map(\.key))")
    return try #require(found.first)
  }
}

extension Aggregate {
  func count(_ name: String) -> Int? {
    if case .count(let count)? = measures[name] { count } else { nil }
  }

  func fraction(_ name: String) -> Double? {
    if case .fraction(let fraction)? = measures[name] { fraction } else { nil }
  }

  /// Expected, present, late, absent, unknown.
  var attendance: [Int?] { ["expected", "present", "late", "absent", "unknown"].map(count) }
}
