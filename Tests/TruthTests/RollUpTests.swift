import Testing

@testable import campus_truth

@Suite struct RollUpTests {
  /// Monday, Monday again in another room, Tuesday, and the Monday after.
  private static let timetable = [
    "m1,c1,g1,t1,room-1,2026-08-31T08:30:00+08:00,2026-08-31T09:20:00+08:00",
    "m2,c1,g2,t1,room-2,2026-08-31T10:30:00+08:00,2026-08-31T11:20:00+08:00",
    "m3,c2,g1,t1,room-1,2026-09-01T08:30:00+08:00,2026-09-01T09:20:00+08:00",
    "m4,c1,g1,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00",
  ]

  private func aggregates(logTime: Int64 = Sample.far) throws -> [Aggregate] {
    try Sample.truth(
      sessions: Self.timetable,
      readings: [
        checkIn("01010101", try at("2026-08-31T08:30:00+08:00")),
        checkIn("02020202", try at("2026-08-31T08:45:00+08:00")),
        checkIn("02020202", try at("2026-08-31T10:20:00+08:00"), "main/c"),
        checkIn("05050505", try at("2026-08-31T10:20:00+08:00"), "main/c"),
        checkIn("01010101", try at("2026-09-01T08:20:00+08:00")),
      ], logTime: logTime
    ).attendance()
  }

  private func find(_ scope: String, _ id: String, _ grain: String, from day: String) throws -> Aggregate {
    let start = try at(day + "T00:00:00+08:00")
    return try #require(
      try aggregates().first {
        $0.key.scope == scope && $0.key.id == id && $0.key.grain == grain && $0.key.window.start == start
      })
  }

  @Test func aCourseSumsItsMeetings() throws {
    let monday = try find("course", "c1", "day", from: "2026-08-31")
    #expect(monday.attendance == [5, 2, 1, 2, 1])
    #expect(monday.fraction("rate") == 3.0 / 5)
    #expect(monday.devicesExpected == 3 && monday.devicesHeard == 2)
    #expect(try find("course", "c1", "week", from: "2026-08-31").attendance == [5, 2, 1, 2, 1])
    #expect(try find("course", "c1", "week", from: "2026-09-07").attendance == [3, 0, 0, 3, 0])
    #expect(try find("course", "c1", "month", from: "2026-08-01").attendance == [5, 2, 1, 2, 1])
    #expect(try find("course", "c1", "month", from: "2026-09-01").attendance == [3, 0, 0, 3, 0])
  }

  @Test func aWeekBelongsToTwoMonthsAndIsOneWeek() throws {
    #expect(try find("teacher", "t1", "week", from: "2026-08-31").attendance == [8, 3, 1, 4, 1])
    #expect(try find("teacher", "t1", "month", from: "2026-09-01").attendance == [6, 1, 0, 5, 0])
  }

  @Test func unitsSumTheirEnrolledPeopleOnly() throws {
    // s1 by class, s2 directly; s4 belongs nowhere, s5 is not enrolled.
    #expect(try find("programme", "prog-1", "day", from: "2026-08-31").attendance == [3, 2, 1, 0, 0])
    #expect(try find("programme", "prog-2", "day", from: "2026-08-31").attendance == [1, 0, 0, 1, 0])
    #expect(try find("college", "col-1", "day", from: "2026-08-31").attendance == [4, 2, 1, 1, 0])
    #expect(try find("school", "school", "day", from: "2026-08-31").attendance == [4, 2, 1, 1, 0])
    // Each meeting's devices once, whoever of it belongs to the unit.
    let programme = try find("programme", "prog-2", "day", from: "2026-08-31")
    #expect(programme.devicesExpected == 1 && programme.devicesHeard == 1)
    let scopes = Set(try aggregates().map(\.key.scope))
    #expect(scopes == ["session", "course", "teacher", "programme", "college", "school", "student"])
    #expect(try !aggregates().contains { $0.key.id == "class-1" || $0.key.id == "office-1" })
  }

  @Test func aStudentSumsTheirMeetings() throws {
    #expect(try find("student", "s2", "day", from: "2026-08-31").attendance == [2, 1, 1, 0, 0])
    #expect(try find("student", "s1", "week", from: "2026-08-31").attendance == [2, 2, 0, 0, 0])
    #expect(try !aggregates().contains { $0.key.id == "s5" })
  }

  @Test func aRollUpIsFinalWhenItsWindowIsOver() throws {
    func finality(_ logTime: String, _ grain: String) throws -> Bool? {
      let start = try at("2026-08-31T00:00:00+08:00")
      return try aggregates(logTime: at(logTime)).first {
        $0.key.id == "c1" && $0.key.grain == grain && $0.key.window.start == start
      }?.isFinal
    }
    #expect(try finality("2026-08-31T23:59:59+08:00", "day") == false)
    #expect(try finality("2026-09-01T00:00:00+08:00", "day") == true)
    #expect(try finality("2026-09-01T00:00:00+08:00", "week") == false)
    #expect(try finality("2026-09-07T00:00:00+08:00", "week") == true)
    // A check-in of the future, by the log's time, has begun it.
    #expect(try finality("2026-08-31T08:00:00+08:00", "day") == false)
  }

  @Test func aMeetingOverMidnightBelongsToTheDayItStartsOn() throws {
    let night = "m5,c1,g1,t1,room-1,2026-09-06T23:30:00+08:00,2026-09-07T00:30:00+08:00"
    let readings = [
      checkIn("01010101", try at("2026-09-06T23:20:00+08:00")),
      checkIn("02020202", try at("2026-09-07T00:10:00+08:00")),
    ]
    let aggregates = try Sample.truth(sessions: [night], readings: readings).attendance()
    #expect(try aggregates.one("session", "m5", "meeting").attendance == [3, 1, 1, 1, 0])
    #expect(
      try aggregates.one("course", "c1", "day").key.window
        == window("2026-09-06T00:00:00+08:00", "2026-09-07T00:00:00+08:00"))
    #expect(
      try aggregates.one("course", "c1", "week").key.window
        == window("2026-08-31T00:00:00+08:00", "2026-09-07T00:00:00+08:00"))
    // Over at half past midnight: the day's window ends first, its meeting five minutes after that.
    let running = try Sample.truth(
      sessions: [night], readings: readings, logTime: at("2026-09-07T00:34:59+08:00"))
    #expect(try running.attendance().one("course", "c1", "day").isFinal == false)
  }

  @Test func aNightOfAClockChangeHasTwentyFiveHours() throws {
    // The clocks show half past two twice: the meeting is in the second.
    let sessions = ["m6,c1,g1,t1,room-1,2026-10-25T02:30:00+01:00,2026-10-25T03:30:00+01:00"]
    let readings = [
      checkIn("01010101", try at("2026-10-25T02:20:00+01:00")),
      // The same on the clock, an hour before.
      checkIn("02020202", try at("2026-10-25T02:30:00+02:00")),
    ]
    let aggregates = try Sample.truth(sessions: sessions, zone: "Europe/Berlin", readings: readings).attendance()
    #expect(try aggregates.one("session", "m6", "meeting").attendance == [3, 1, 0, 2, 0])
    let day = try aggregates.one("course", "c1", "day").key.window
    #expect(try day == window("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"))
    #expect(day.end - day.start == 25 * 3_600_000)
    let week = try aggregates.one("course", "c1", "week").key.window
    #expect(try week == window("2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"))
    let month = try aggregates.one("course", "c1", "month").key.window
    #expect(try month == window("2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"))
  }
}
