import Testing

@testable import campus_truth

@Suite struct AttendanceTests {
  private static let lesson = "m1,c1,g1,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
  private static let start: Int64 = 1_788_741_000_000
  private static let minute: Int64 = 60_000

  private func meeting(_ readings: [StoredReading], _ more: String...) throws -> Aggregate {
    try Sample.truth(sessions: [Self.lesson] + more, readings: readings).attendance().one("session", "m1", "meeting")
  }

  @Test(arguments: [
    (-15 * minute - 1, [3, 0, 0, 3, 0]), (-15 * minute, [3, 1, 0, 2, 0]), (10 * minute, [3, 1, 0, 2, 0]),
    (10 * minute + 1, [3, 0, 1, 2, 0]), (50 * minute - 1, [3, 0, 1, 2, 0]), (50 * minute, [3, 0, 0, 3, 0]),
  ])
  func aCheckInIsPresentLateOrOutOfTime(offset: Int64, counts: [Int]) throws {
    #expect(try meeting([checkIn("01010101", Self.start + offset)]).attendance == counts)
  }

  @Test func nobodyCheckedInIsEverybodyAbsent() throws {
    let meeting = try meeting([])
    #expect(meeting.attendance == [3, 0, 0, 3, 0])
    #expect(meeting.fraction("rate") == 0)
    #expect(meeting.key.window == LocalCalendar.Window(start: Self.start, end: Self.start + 50 * Self.minute))
  }

  @Test func theFirstOfAllCardsAndDevicesCounts() throws {
    // In the order of arrival: the early check-in of the other card comes last.
    let meeting = try meeting([
      checkIn("02020202", Self.start + 20 * Self.minute), checkIn("02020202", Self.start + 30 * Self.minute),
      checkIn("0202aaaa", Self.start - Self.minute, "main/b"),
    ])
    #expect(meeting.attendance == [3, 1, 0, 2, 0])
    #expect(meeting.fraction("rate") == 1.0 / 3)
  }

  @Test func cardsOfNobodyThereAreUnknownOnceEach() throws {
    let meeting = try meeting([
      checkIn("03030303", Self.start), checkIn("03030303", Self.start + 1), checkIn("deadbeef", Self.start),
      checkIn("deadbeef", Self.start, "main/b"), checkIn("0a0a0a0a", Self.start - 16 * Self.minute),
      checkIn("feedfeed", Self.start, "main/c"), checkIn("feedfeed", Self.start, "main/stranger"),
    ])
    #expect(meeting.attendance == [3, 0, 0, 3, 2])
  }

  @Test func twoMeetingsInOneRoomShareWhoBelongsToBoth() throws {
    let other = "m2,c2,g2,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T10:00:00+08:00"
    let truth = try Sample.truth(
      sessions: [Self.lesson, other],
      readings: [
        // Of the first, of both, of the second, of neither.
        checkIn("01010101", Self.start), checkIn("02020202", Self.start), checkIn("03030303", Self.start),
        checkIn("05050505", Self.start),
        // Only the second is still on.
        checkIn("0a0a0a0a", Self.start + 50 * Self.minute),
      ])
    let aggregates = truth.attendance()
    #expect(try aggregates.one("session", "m1", "meeting").attendance == [3, 2, 0, 1, 1])
    #expect(try aggregates.one("session", "m2", "meeting").attendance == [2, 2, 0, 0, 2])
    // Expected in both, and there in both.
    #expect(try aggregates.one("student", "s2", "day").attendance == [2, 2, 0, 0, 0])
    #expect(try aggregates.one("student", "s1", "day").attendance == [1, 1, 0, 0, 0])
    #expect(try aggregates.one("student", "s4", "week").attendance == [1, 0, 0, 1, 0])
  }

  @Test func whoComesEarlyForTheNextMeetingIsNoStrangerToTheLast() throws {
    let next = "m2,c2,g2,t1,room-1,2026-09-07T09:25:00+08:00,2026-09-07T10:00:00+08:00"
    let early = Self.start + 45 * Self.minute
    let aggregates = try Sample.truth(
      sessions: [Self.lesson, next],
      readings: [checkIn("03030303", early), checkIn("01010101", early), checkIn("05050505", early)]
    ).attendance()
    #expect(try aggregates.one("session", "m1", "meeting").attendance == [3, 0, 1, 2, 1])
    #expect(try aggregates.one("session", "m2", "meeting").attendance == [2, 1, 0, 1, 1])
  }

  @Test func aGroupOfNobodyHasNoRate() throws {
    let empty = "m9,c1,g9,t1,room-2,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
    let aggregates = try Sample.truth(sessions: [empty], readings: []).attendance()
    let meeting = try aggregates.one("session", "m9", "meeting")
    #expect(meeting.attendance == [0, 0, 0, 0, 0])
    #expect(meeting.measures["rate"] == .fraction(nil))
    #expect(Set(aggregates.map(\.key.scope)) == ["session", "course", "teacher"])
  }

  @Test func aDeadReaderIsToldApartFromAbsence() throws {
    var status = checkIn("", Self.start + 49 * Self.minute, "main/b")
    status.kind = "status"
    var later = status
    later.time = Self.start + 50 * Self.minute
    #expect(try meeting([later]).devicesHeard == 0)
    let one = try meeting([status, status])
    #expect(one.devicesExpected == 2 && one.devicesHeard == 1)
    // What happened at another time, but arrived in this one.
    later.received = Self.start - 15 * Self.minute
    later.name.device = "main/a"
    #expect(try meeting([status, later]).devicesHeard == 2)
  }

  @Test func aMeetingAppearsWhenItBeginsAndIsFinalFiveMinutesAfterItsEnd() throws {
    func meeting(_ logTime: Int64, _ readings: [StoredReading] = []) throws -> Aggregate? {
      try Sample.truth(sessions: [Self.lesson], readings: readings, logTime: logTime).attendance()
        .first { $0.key.scope == "session" }
    }
    #expect(try meeting(Self.start - 1) == nil)
    #expect(try meeting(Self.start - 1, [checkIn("deadbeef", Self.start - 1)])?.count("unknown") == 1)
    #expect(try meeting(Self.start)?.isFinal == false)
    #expect(try meeting(Self.start + 55 * Self.minute - 1)?.isFinal == false)
    #expect(try meeting(Self.start + 55 * Self.minute)?.isFinal == true)
  }

  @Test func aLaterCampusAddsItsMeetingsAndLeavesTheOthers() throws {
    var files = Sample.files
    files["enrolments"] = "group_id,person_id\ng1,s3\n"
    files["sessions"] = """
      session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at
      \(Self.lesson)
      m2,c1,g1,t1,room-1,2026-09-07T18:30:00+08:00,2026-09-07T19:20:00+08:00
      """
    var truth = try Sample.truth(
      sessions: [Self.lesson],
      readings: [
        checkIn("01010101", Self.start), checkIn("03030303", Self.start + 600 * Self.minute),
        checkIn("01010101", Self.start + 600 * Self.minute),
      ])
    truth.later = try PlainCampus(files)
    let attendance = truth.attendance()
    #expect(try attendance.one("session", "m1", "meeting").attendance == [3, 1, 0, 2, 0])
    #expect(try attendance.one("session", "m2", "meeting").attendance == [1, 1, 0, 0, 1])
    #expect(try attendance.one("course", "c1", "day").attendance == [4, 2, 0, 2, 1])
    #expect(try attendance.one("programme", "prog-2", "day").attendance == [1, 1, 0, 0, 0])
  }

  @Test func anIDThatTheLaterCampusUsesAgainIsAnotherMeeting() throws {
    var files = Sample.files
    files["sessions"] = """
      session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at
      m1,c1,g1,t1,room-1,2026-09-07T18:30:00+08:00,2026-09-07T19:20:00+08:00
      """
    var truth = try Sample.truth(
      sessions: [Self.lesson],
      readings: [checkIn("01010101", Self.start), checkIn("01010101", Self.start + 600 * Self.minute)])
    truth.later = try PlainCampus(files)
    #expect(try truth.attendance().one("course", "c1", "day").attendance == [6, 2, 0, 4, 0])
  }

  @Test func whenLateIsASetting() throws {
    let rules = try #require(Rules(lateAfterMinutes: 0, curfew: "23:00"))
    let truth = try Sample.truth(
      sessions: [Self.lesson], readings: [checkIn("01010101", Self.start), checkIn("02020202", Self.start + 1)],
      rules: rules)
    #expect(try truth.attendance().one("session", "m1", "meeting").attendance == [3, 1, 1, 1, 0])
  }
}
