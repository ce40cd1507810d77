import DeviceProtocol
import Foundation
import ReadingLog

/// One class with a teacher, a course, and meetings in room-1, where the terminals of the deployment stand.
struct School {
  struct Meeting {
    var id: String
    /// Unix milliseconds.
    var start: Int64
    var minutes: Int64 = 45

    var end: Int64 { start + minutes * 60_000 }
  }

  var students = 4
  var meetings: [Meeting]

  /// A meeting that was over hours ago: what is known of it is final at once.
  static func over() -> School { School(meetings: [Meeting(id: "m1", start: hoursAgo(3))]) }

  /// On a full minute, so that nothing depends on fractions.
  static func hoursAgo(_ hours: Int64) -> Int64 { (unixMilliseconds() / 60_000 - hours * 60) * 60_000 }

  /// Of a student, counted from 1; 0 is nobody's.
  static func card(_ student: Int) -> [UInt8] { [4, 0x5c, UInt8(student >> 8), UInt8(student & 0xff)] }

  func write(to folder: TemporaryFolder) throws {
    try folder.write(
      "campus/units.csv",
      """
      unit_id,parent_id,level,name
      school,,school,School
      college-1,school,college,College 1
      programme-1,college-1,programme,Programme 1
      class-1,programme-1,class,Class 1

      """)
    try folder.write(
      "campus/places.csv", "place_id,parent_id,kind,name,unit_id\nroom-1,,room,Room 1,college-1\n")
    var people = "person_id,role,name,unit_id,card\nt1,teacher,Teacher,college-1,\n"
    var enrolments = "group_id,person_id\n"
    for student in 1...students {
      people += "s\(student),student,Student \(student),class-1,\(Hex.string(School.card(student)))\n"
      enrolments += "g1,s\(student)\n"
    }
    try folder.write("campus/people.csv", people)
    try folder.write("campus/enrolments.csv", enrolments)
    try folder.write("campus/courses.csv", "course_id,name,unit_id\nc1,Course 1,college-1\n")
    var sessions = "session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at\n"
    for meeting in meetings {
      sessions += "\(meeting.id),c1,g1,t1,room-1,\(School.iso(meeting.start)),\(School.iso(meeting.end))\n"
    }
    try folder.write("campus/sessions.csv", sessions)
  }

  private static func iso(_ milliseconds: Int64) -> String {
    let text = ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    return text.replacingOccurrences(of: "Z", with: "+00:00")
  }

  /// A standard that every badly attended meeting of this school breaks.
  static let standards = """
    standards:
      meeting-attendance:
        name: 课堂到课率
        name_en: Attendance of a class meeting
        layer: course
        aggregate: attendance
        scope: session
        grain: meeting
        measure: rate
        direction: below
        levels: {notice: 95%, warning: 80%, alarm: 40%}
        minimum_sample: 1
        responsible_unit: office
        ranking: {top: 50%, bottom: 50%, minimum_population: 2}

    """
}

extension Deployment {
  /// Writes the school and its standards; for the next start.
  func enrol(_ school: School) throws {
    try school.write(to: folder)
    let standards = try folder.write("standards.yaml", School.standards)
    environment["CAMPUS_GATEWAY_DIAGNOSIS_STANDARDS"] = standards
  }

  /// Publishes one frame with check-ins: who, and when.
  func checkIn(
    _ client: MQTTClient, seq: UInt32, device: Int = 0, _ readings: [(student: Int, at: Int64)]
  ) throws {
    let device = devices[device]
    let frame = device.message(
      seq: seq, readings: readings.map { CBOR.checkin(at: $0.at, card: School.card($0.student)) })
    try client.publish(device.topic("up"), frame)
    try client.flush()
  }

  /// A command with this or another configuration.
  func run(_ arguments: [String], environment more: [String: String] = [:]) throws -> CommandResult {
    let name = "\(folder.path)/\(UUID().uuidString)"
    let process = try ChildProcess(
      Deployment.executable, arguments + (arguments.contains("--config") ? [] : ["--config", configuration]),
      environment: environment.merging(more) { $1 }, output: "\(name).out", errors: "\(name).err")
    let status = try process.wait(within: 60)
    return CommandResult(
      arguments: arguments, status: status, output: text(of: process.output), errors: process.log)
  }

  func aggregates(_ arguments: String...) throws -> [AggregateRow] {
    try run(["aggregates", "--json"] + arguments).expectGood().decoded()
  }

  /// Waits for an aggregate that `isWanted` accepts.
  @discardableResult
  func waitForAggregate(
    _ key: String, within limit: Double = 20, _ isWanted: (AggregateRow) -> Bool
  ) throws -> AggregateRow {
    var last: [AggregateRow] = []
    do {
      var found: AggregateRow?
      try eventually(within: limit, every: 0.1, "") {
        last = try aggregates("--key", key)
        found = last.first(where: isWanted)
        return found != nil
      }
      if let found { return found }
    } catch is TimedOut {}
    throw TimedOut(description: "\(key) stays \(last)\n\(process?.log ?? "")")
  }
}
