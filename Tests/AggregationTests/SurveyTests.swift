import Aggregation
import Testing

@Suite struct SurveyTests {
  @Test func votesAreCountedPerPlaceDimensionAndWindow() throws {
    let world = try World()
    try world.commit(
      at: at(7, "12:10"),
      [.vote(1, at(7, "12:01")), .vote(5, at(7, "12:02")), .vote(4, at(7, "12:04")), .vote(2, at(7, "12:06"))])
    try world.fold()
    let five = try #require(
      try world.item(.satisfaction, .place, "counter/taste", .fiveMinutes, from: at(7, "12:00")))
    #expect(five.integer("count") == 3)
    let meal = try #require(try world.item(.satisfaction, .place, "counter/taste", .meal))
    #expect((meal.key.start, meal.key.end) == (at(7, "10:00"), at(7, "15:00")))
    #expect(meal.integer("count") == 4)
    #expect(meal.number("mean") == 3)
    #expect(meal.number("low_share") == 0.5)
    let bound = try #require(meal.number("lower_bound"))
    #expect(abs(bound - 0.1820) < 0.0005)
    #expect(
      meal.measures["histogram"]
        == .histogram([1, 2, 4, 5].map { Measures.Count(score: $0, count: 1) }))
    let term = try #require(try world.item(.satisfaction, .place, "counter/taste", .term))
    #expect(term.key.start == at(1, "00:00") - 31 * 86_400_000)
  }

  @Test func whatAPlaceLiesInAndItsUnitHaveItsVotesToo() throws {
    let world = try World()
    try world.commit(at: at(7, "12:10"), .vote(1, at(7, "12:01")))
    try world.fold()
    for id in ["counter/taste", "canteen/taste", "campus/taste"] {
      #expect(try world.item(.satisfaction, .place, id, .day)?.integer("count") == 1)
    }
    for id in ["office/taste", "school/taste"] {
      #expect(try world.item(.satisfaction, .unit, id, .month)?.integer("count") == 1)
    }
    #expect(try world.item(.satisfaction, .place, "canteen/taste", .fiveMinutes) == nil)
  }

  @Test func aWindowIsFinalFiveMinutesAfterItsEnd() throws {
    let world = try World()
    try world.commit(at: at(7, "12:03"), .vote(1, at(7, "12:01")))
    try world.commit(at: at(7, "12:10") - 1)
    try world.fold()
    #expect(try world.item(.satisfaction, .place, "counter/taste", .fiveMinutes)?.isFinal == false)
    try world.commit(at: at(7, "12:10"))
    try world.fold()
    #expect(try world.item(.satisfaction, .place, "counter/taste", .fiveMinutes)?.isFinal == true)
    try world.commit(at: at(8, "12:00"), .vote(3, at(7, "12:02")))
    try world.fold()
    let late = try #require(try world.item(.satisfaction, .place, "counter/taste", .fiveMinutes))
    #expect(late.isFinal && late.integer("count") == 2)
  }

  @Test func whatNoSurveyAsksForIsCountedAsSuch() throws {
    let world = try World()
    try world.commit(at: at(7, "12:03"), [.vote(1, at(7, "12:01"), item: 99), .vote(6, at(7, "12:01"))])
    try world.fold()
    #expect(world.aggregator.unattributed.unknownItem == 1)
    #expect(world.aggregator.unattributed.scoreOutOfRange == 1)
    #expect(try world.items(.satisfaction).isEmpty)
  }

  @Test func aTestInARoomIsAssessedForItsMeetingCourseTeacherAndUnits() throws {
    let world = try World()
    try world.commit(
      at: at(7, "09:00"),
      [60, 59, 100].map { .vote($0, at(7, "08:40"), item: 21, "term-1") })
    try world.fold()
    let meeting = try #require(try world.item(.assessment, .session, "m1/quiz", .meeting))
    #expect(meeting.integer("count") == 3)
    #expect(meeting.number("mean") == 73)
    #expect(meeting.number("pass_rate") == 2.0 / 3)
    for (scope, id) in [
      (AggregateScope.course, "c1/quiz"), (.teacher, "t1/quiz"), (.unit, "prog-1/quiz"), (.unit, "school/quiz"),
    ] {
      #expect(try world.item(.assessment, scope, id, .month)?.integer("count") == 3)
      #expect(try world.item(.assessment, scope, id, .term)?.integer("count") == 3)
    }
  }

  @Test func aTestOfAMeetingThatLastsLongerAfterAllGoesOnWhereItWas() throws {
    let longer = CampusText.small.with(.sessions) {
      $0.replacing("08:30:00+08:00,2026-09-07T09:20:00", with: "08:30:00+08:00,2026-09-07T10:00:00")
    }
    let world = try World()
    try world.commit(at: at(7, "09:00"), .vote(80, at(7, "08:40"), item: 21, "term-1"))
    try world.change(longer, at: at(7, "09:05"))
    // The answers were final when the meeting was to end.
    try world.commit(at: at(7, "09:26"))
    try world.fold()
    try world.crash()
    try world.commit(at: at(7, "09:28"), .vote(40, at(7, "09:27"), item: 21, "term-1"))
    try world.fold()
    #expect(try world.item(.assessment, .session, "m1/quiz", .meeting)?.integer("count") == 2)
    #expect(try world.item(.assessment, .course, "c1/quiz", .month)?.integer("count") == 2)
  }

  @Test func aTestWhileNothingMeetsBelongsToTheRoom() throws {
    let world = try World()
    try world.commit(at: at(7, "13:00"), .vote(80, at(7, "12:59"), item: 21, "term-1"))
    try world.fold()
    #expect(try world.item(.assessment, .place, "room-1/quiz", .month)?.integer("count") == 1)
    #expect(try world.items(.assessment, .course).isEmpty)
  }
}
