import Aggregation
import Campus
import Testing

/// Attendance of a random timetable against a slow count over all check-ins.
@Suite struct ModelTests {
  private struct MeetingModel {
    var id: String
    var course: String
    var group: Int
    var teacher: String
    var room: Int
    var start: Int64
    var end: Int64
  }

  private struct CheckIn {
    var card: Int
    var room: Int
    var time: Int64
  }

  private static let people = 24
  private static let rooms = 3
  private static let strangers = 3

  /// Meetings of three days that clash in their rooms, last over midnight, and share students.
  private func meetings(_ generator: inout SeededGenerator) -> [MeetingModel] {
    (0..<40).map { number in
      let start = at(7, "06:00") + Int64.random(in: 0..<3 * 24 * 12, using: &generator) * 300_000
      return MeetingModel(
        id: "m\(number)", course: "c\(number % 4)", group: Int.random(in: 0..<8, using: &generator),
        teacher: "t\(number % 3)", room: Int.random(in: 0..<ModelTests.rooms, using: &generator), start: start,
        end: start + Int64.random(in: 1...24, using: &generator) * 300_000)
    }
  }

  private func campus(_ meetings: [MeetingModel], _ groups: [Set<Int>]) -> CampusText {
    var text = CampusText(files: [:])
    text.files[.units] =
      "unit_id,parent_id,level,name\nschool,,school,S\ncol-0,school,college,A\ncol-1,school,college,B\n"
      + (0..<4).map { "prog-\($0),col-\($0 % 2),programme,P\n" }.joined()
    text.files[.people] =
      "person_id,role,name,unit_id,card\n"
      + (0..<ModelTests.people).map { "s\($0),student,N,prog-\($0 % 4),\(card($0))\n" }.joined()
      + (0..<3).map { "t\($0),teacher,T,school,\n" }.joined()
    text.files[.places] =
      "place_id,parent_id,kind,name,unit_id\n"
      + (0..<ModelTests.rooms).map { "room-\($0),,room,R,\n" }.joined()
    text.files[.devices] =
      "site,device,place_id,auth\n" + (0..<ModelTests.rooms).map { "main,term-\($0),room-\($0),mac\n" }.joined()
    text.files[.courses] = "course_id,name,unit_id\n" + (0..<4).map { "c\($0),C,prog-\($0)\n" }.joined()
    text.files[.sessions] =
      "session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at\n"
      + meetings.map {
        "\($0.id),\($0.course),g\($0.group),\($0.teacher),room-\($0.room),\(time($0.start)),\(time($0.end))\n"
      }.joined()
    text.files[.enrolments] =
      "group_id,person_id\n"
      + groups.enumerated().map { group, people in people.sorted().map { "g\(group),s\($0)\n" }.joined() }.joined()
    return text
  }

  private func time(_ milliseconds: Int64) -> String {
    let minutes = (milliseconds - at(7, "00:00")) / 60_000
    func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "2026-09-\(pad(7 + minutes / 1440))T\(pad(minutes / 60 % 24)):\(pad(minutes % 60)):00+08:00"
  }

  private func card(_ number: Int) -> String { "0a0000" + (number < 16 ? "0" : "") + String(number, radix: 16) }

  /// expected, present, late, absent, unknown of a meeting, and who was present (2) or late (1).
  private func count(
    _ meeting: MeetingModel, _ all: [MeetingModel], _ groups: [Set<Int>], _ checkIns: [CheckIn]
  ) -> (sums: [Int64], standings: [Int: Int]) {
    var standings: [Int: Int] = [:]
    var unknown: Set<Int> = []
    for checkIn in checkIns where checkIn.room == meeting.room {
      guard meeting.start - 900_000 <= checkIn.time, checkIn.time < meeting.end else { continue }
      let isExpectedSomewhere = all.contains {
        $0.room == checkIn.room && $0.start - 900_000 <= checkIn.time && checkIn.time < $0.end
          && groups[$0.group].contains(checkIn.card)
      }
      if groups[meeting.group].contains(checkIn.card) {
        let standing = checkIn.time <= meeting.start + 600_000 ? 2 : 1
        standings[checkIn.card] = max(standings[checkIn.card] ?? 0, standing)
      } else if !isExpectedSomewhere {
        unknown.insert(checkIn.card)
      }
    }
    let expected = Int64(groups[meeting.group].count)
    let present = Int64(standings.values.count { $0 == 2 })
    let late = Int64(standings.values.count { $0 == 1 })
    return ([expected, present, late, expected - present - late, Int64(unknown.count)], standings)
  }

  @Test func attendanceAgreesWithASlowCount() throws {
    var generator = SeededGenerator()
    let all = meetings(&generator)
    let groups = (0..<8).map { _ in
      Set((0..<Int.random(in: 0...12, using: &generator)).map { _ in
        Int.random(in: 0..<ModelTests.people, using: &generator)
      })
    }
    let checkIns = (0..<1_500).map { _ in
      CheckIn(
        card: Int.random(in: 0..<(ModelTests.people + ModelTests.strangers), using: &generator),
        room: Int.random(in: 0..<ModelTests.rooms, using: &generator),
        time: at(7, "05:00") + Int64.random(in: 0..<4 * 86_400, using: &generator) * 1_000)
    }
    let world = try World(campus(all, groups), start: at(7, "05:00"))
    // A third comes in time, the others up to two days late.
    var rows = checkIns.map { checkIn in
      (at: max(checkIn.time, at(7, "05:00")) + (Bool.random(using: &generator) ? 0
        : Int64.random(in: 0..<172_800_000, using: &generator)), checkIn: checkIn)
    }
    rows.sort { $0.at < $1.at }
    for (number, row) in rows.enumerated() {
      try world.commit(at: row.at, .checkIn(card(row.checkIn.card), row.checkIn.time, "term-\(row.checkIn.room)"))
      if number % 50 == 0 { try world.aggregator.step() }
      if number % 400 == 0 { try world.crash() }
    }
    try world.commit(at: at(29, "00:00"))
    try world.commit(at: at(30, "00:00") + 2 * 86_400_000)
    try world.fold()
    #expect(try world.items(.attendance).allSatisfy(\.isFinal))

    var days: [String: [Int64]] = [:]
    func add(_ key: String, _ sums: [Int64]) {
      days[key] = zip(days[key] ?? [0, 0, 0, 0, 0], sums).map(+)
    }
    for meeting in all {
      let (sums, standings) = count(meeting, all, groups, checkIns)
      #expect(try world.attendance(meeting.id) == sums, "\(meeting)")
      let day = (meeting.start - at(7, "00:00")) / 86_400_000 + 7
      for (grain, start) in [("day", day), ("week", 7), ("month", 1)] {
        add("course/\(meeting.course)/\(grain)/\(start)", sums)
        add("teacher/\(meeting.teacher)/\(grain)/\(start)", sums)
        for person in groups[meeting.group] {
          let standing = standings[person] ?? 0
          let one: [Int64] = [1, standing == 2 ? 1 : 0, standing == 1 ? 1 : 0, standing == 0 ? 1 : 0, 0]
          for key in [
            "student/s\(person)", "programme/prog-\(person % 4)", "college/col-\(person % 2)", "school/school",
          ] { add("\(key)/\(grain)/\(start)", one) }
        }
      }
    }
    var found: [String: [Int64]] = [:]
    for item in try world.items(.attendance) where item.key.grain != .meeting {
      let day = item.key.grain == .month ? 1 : (item.key.start - at(7, "00:00")) / 86_400_000 + 7
      found["\(item.key.scope)/\(item.key.id)/\(item.key.grain)/\(day)"] = item.attendance
    }
    #expect(found == days)
  }
}
