import Aggregation
import Campus
import DeviceProtocol
import Foundation
import ReadingLog
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// With a seed of its own, printed, or with CAMPUS_TEST_SEED to repeat a run.
  init(test: StaticString = #function) {
    let given = ProcessInfo.processInfo.environment["CAMPUS_TEST_SEED"].flatMap(UInt64.init)
    state = given ?? UInt64.random(in: 1...999_999_999)
    print("seed \(state) of \(test)")
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "aggregation-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A campus of two rooms, a canteen, a gate and a dormitory, as its files say it. Monday is 7 September 2026.
struct CampusText {
  var files: [CampusFile: String]

  static let small = CampusText(files: [
    .units: """
      unit_id,parent_id,level,name
      school,,school,School
      col,school,college,College
      prog-1,col,programme,One
      prog-2,col,programme,Two
      office,school,office,Logistics
      """,
    .people: """
      person_id,role,name,unit_id,card
      s1,student,A,prog-1,0a000001
      s2,student,B,prog-1,0a000002
      s3,student,C,prog-2,0a000003;0b000003
      s4,student,D,prog-2,0a000004
      t1,teacher,T,col,0a0000f1
      t2,teacher,U,col,
      """,
    .places: """
      place_id,parent_id,kind,name,unit_id
      campus,,campus,Campus,office
      bld,campus,building,Building,
      room-1,bld,room,R1,
      room-2,bld,room,R2,
      canteen,campus,canteen,Canteen,
      counter,canteen,counter,Noodles,
      gate,campus,gate,Gate,
      dorm,campus,dormitory,Dormitory,
      """,
    .devices: """
      site,device,place_id,auth
      main,term-1,room-1,mac
      main,term-2,room-2,mac
      main,kiosk,counter,mac
      main,gate,gate,mac
      main,door,dorm,mac
      """,
    .courses: "course_id,name,unit_id\nc1,One,prog-1\nc2,Two,prog-2\n",
    .sessions: """
      session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at
      m1,c1,g1,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00
      m2,c2,g2,t2,room-1,2026-09-07T09:30:00+08:00,2026-09-07T10:20:00+08:00
      m3,c2,g3,t2,room-2,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00
      m4,c1,g1,t1,room-1,2026-09-08T08:30:00+08:00,2026-09-08T09:20:00+08:00
      """,
    .enrolments: "group_id,person_id\ng1,s1\ng1,s2\ng1,s3\ng2,s4\ng2,s2\ng3,s1\ng3,s4\n",
    .surveys: """
      item,place_kind,dimension,text,min,max
      1,canteen,taste,Taste,1,5
      21,room,quiz,Quiz,0,100
      """,
  ])

  /// The same with other lines in one file.
  func with(_ file: CampusFile, _ change: (String) -> String) -> CampusText {
    var text = self
    text.files[file] = change(files[file] ?? "")
    return text
  }
}

/// Milliseconds of a local time in September 2026 at the campus: `at(7, "08:30")`.
func at(_ day: Int, _ time: String) -> Int64 {
  let text = "2026-09-\(day < 10 ? "0" : "")\(day)T\(time)+08:00"
  do { return try ISO8601.milliseconds(text) } catch { preconditionFailure("\(text) is no time") }
}

/// One reading of a test.
struct Sample {
  var device = "term-1"
  var kind = ReadingKind.checkin
  var time: Int64
  /// When it was received; nil: at its commit.
  var received: Int64?
  var card: String?
  var value: Int64 = -1
  var item: Int64?
  var text: String?
  var quality = TimeQuality.device

  static func checkIn(_ card: String, _ time: Int64, _ device: String = "term-1") -> Sample {
    Sample(device: device, time: time, card: card)
  }

  static func vote(_ score: Int64, _ time: Int64, item: Int64 = 1, _ device: String = "kiosk") -> Sample {
    Sample(device: device, kind: .response, time: time, value: score, item: item)
  }

  /// direction 0 in, 1 out, 2 unknown.
  static func pass(
    _ card: String, _ time: Int64, direction: Int64 = 0, granted: Bool = true, _ device: String = "gate"
  ) -> Sample {
    Sample(device: device, kind: .passage, time: time, card: card, value: direction * 2 + (granted ? 1 : 0))
  }

  static func status(_ json: String, _ time: Int64, _ device: String = "term-1") -> Sample {
    Sample(device: device, kind: .status, time: time, text: json)
  }

  static func incident(_ category: Int64, _ time: Int64, _ device: String = "kiosk") -> Sample {
    Sample(device: device, kind: .incident, time: time, value: category)
  }
}

/// Cards of the small campus.
enum Card {
  static let s1 = "0a000001"
  static let s2 = "0a000002"
  static let s3 = "0a000003"
  static let s3second = "0b000003"
  static let s4 = "0a000004"
  static let stranger = "0c000001"
  static let otherStranger = "0c000002"
}
