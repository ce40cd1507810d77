import Aggregation
import Testing

@Suite struct RollupTests {
  /// A Monday of three meetings: s1 is at m1, s4 late at m3 and present at m2, a stranger at m1.
  private func monday() throws -> World {
    let world = try World()
    try world.commit(
      at: at(7, "09:30"),
      [
        .checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.stranger, at(7, "08:31")),
        .checkIn(Card.s4, at(7, "08:45"), "term-2"), .checkIn(Card.s4, at(7, "09:30")),
      ])
    try world.commit(at: at(7, "10:25"))
    try world.fold()
    return world
  }

  @Test func coursesAndTeachersSumTheirMeetings() throws {
    let world = try monday()
    #expect(try world.attendance("c1", .course, .day) == [3, 1, 0, 2, 1])
    #expect(try world.attendance("c2", .course, .day) == [4, 1, 1, 2, 0])
    #expect(try world.attendance("t2", .teacher, .day) == [4, 1, 1, 2, 0])
  }

  @Test func unitsSumTheirPeople() throws {
    let world = try monday()
    // s1 at m1 and m3, s2 at m1 and m2; s3 at m1, s4 at m3 and m2.
    #expect(try world.attendance("prog-1", .programme, .day) == [4, 1, 0, 3, 0])
    #expect(try world.attendance("prog-2", .programme, .day) == [3, 1, 1, 1, 0])
    #expect(try world.attendance("col", .college, .day) == [7, 2, 1, 4, 0])
    #expect(try world.attendance("school", .school, .day) == [7, 2, 1, 4, 0])
  }

  @Test func completenessSumsTheMeetings() throws {
    let item = try #require(try monday().item(.attendance, .school, "school", .day))
    #expect((item.devicesHeard, item.devicesExpected) == (3, 3))
  }

  @Test func weeksBeginOnMondayAndMonthsOnTheFirst() throws {
    let world = try monday()
    let week = try #require(try world.item(.attendance, .student, "s4", .week))
    #expect((week.key.start, week.key.end) == (at(7, "00:00"), at(14, "00:00")))
    #expect(week.attendance == [2, 1, 1, 0, 0])
    let month = try #require(try world.item(.attendance, .student, "s4", .month))
    #expect((month.key.start, month.key.end) == (at(1, "00:00"), at(30, "00:00") + 86_400_000))
    #expect(month.attendance == [2, 1, 1, 0, 0])
  }

  @Test func aDayIsFinalWhenItIsOver() throws {
    let world = try monday()
    #expect(try world.item(.attendance, .course, "c1", .day)?.isFinal == false)
    try world.commit(at: at(8, "00:00") - 1)
    try world.fold()
    #expect(try world.item(.attendance, .course, "c1", .day)?.isFinal == false)
    try world.commit(at: at(8, "00:00"))
    try world.fold()
    #expect(try world.item(.attendance, .course, "c1", .day)?.isFinal == true)
    #expect(try world.item(.attendance, .student, "s1", .day)?.isFinal == true)
    #expect(try world.item(.attendance, .course, "c1", .week)?.isFinal == false)
  }

  @Test func aWeekTakesInAllItsDaysAndIsFinalOnMonday() throws {
    let world = try monday()
    try world.commit(at: at(8, "09:00"), .checkIn(Card.s2, at(8, "08:20")))
    try world.commit(at: at(14, "00:00"))
    try world.fold()
    let week = try #require(try world.item(.attendance, .course, "c1", .week))
    #expect(week.isFinal && week.attendance == [6, 2, 0, 4, 1])
    #expect(try world.item(.attendance, .course, "c1", .month)?.isFinal == false)
    #expect(try world.attendance("c1", .course, .month) == [6, 2, 0, 4, 1])
  }

  @Test func aMeetingOverMidnightBelongsToTheDayOfItsStart() throws {
    let campus = CampusText.small.with(.sessions) {
      $0 + "\nnight,c1,g1,t1,room-2,2026-09-07T23:30:00+08:00,2026-09-08T00:30:00+08:00\n"
    }
    let world = try World(campus)
    try world.commit(at: at(8, "00:10"), .checkIn(Card.s1, at(8, "00:05"), "term-2"))
    try world.commit(at: at(8, "00:35") - 1)
    try world.fold()
    let before = try #require(try world.item(.attendance, .course, "c1", .day, from: at(7, "00:00")))
    #expect(!before.isFinal && before.attendance == [6, 0, 1, 5, 0])
    try world.commit(at: at(8, "00:35"))
    try world.fold()
    #expect(try world.item(.attendance, .course, "c1", .day, from: at(7, "00:00"))?.isFinal == true)
  }

  @Test func everyMeetingThatHasBegunIsInHeardOrNot() throws {
    let world = try World(start: at(14, "00:00"))
    // A week that was over when the gateway first ran; one check-in of it comes late.
    try world.commit(at: at(14, "08:00"), .checkIn(Card.s2, at(8, "08:30")))
    try world.fold()
    let week = try #require(try world.item(.attendance, .course, "c1", .week))
    #expect(week.isFinal && week.attendance == [6, 1, 0, 5, 0])
    #expect((week.devicesHeard, week.devicesExpected) == (1, 2))
    #expect(try world.item(.attendance, .session, "m4", .meeting)?.isFinal == true)
  }

  @Test func daysFollowTheClocksOfTheCampus() throws {
    // Clocks in Berlin go back on 25 October 2026: the day has 25 hours.
    let campus = CampusText.small.with(.sessions) { _ in
      """
      session_id,course_id,group_id,teacher_id,place_id,starts_at,ends_at
      first,c1,g1,t1,room-1,2026-10-25T00:10:00+02:00,2026-10-25T00:50:00+02:00
      last,c1,g1,t1,room-1,2026-10-25T23:10:00+01:00,2026-10-25T23:50:00+01:00
      """
    }
    let start = at(7, "00:00") + 40 * 86_400_000
    let world = try World(campus, start: start, zone: "Europe/Berlin")
    try world.commit(at: start + 20 * 86_400_000)
    try world.fold()
    let days = try world.items(.attendance, .course, .day)
    #expect(days.map(\.attendance) == [[6, 0, 0, 6, 0]])
    let day = try #require(days.first)
    #expect(day.key.end - day.key.start == 25 * 3_600_000)
  }
}
