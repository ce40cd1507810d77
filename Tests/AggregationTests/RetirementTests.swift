import Aggregation
import ReadingLog
import Testing

/// Meetings that are older than readings are kept.
@Suite struct RetirementTests {
  /// Two weeks after a Monday and a Tuesday.
  private func later() throws -> World {
    let world = try World()
    try world.commit(
      at: at(7, "10:30"),
      [
        .checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.stranger, at(7, "08:31")),
        .checkIn(Card.s4, at(7, "08:31"), "term-2"),
      ])
    try world.commit(at: at(8, "01:00"), .pass(Card.s2, at(7, "23:30"), "door"))
    try world.commit(at: at(8, "10:30"), .checkIn(Card.s2, at(8, "08:45")))
    try world.commit(at: at(21, "10:30"))
    try world.fold()
    return world
  }

  private func attendance(_ world: World) throws -> [String] { try world.items(.attendance).map(\.said) }

  @Test func whoWasThereIsForgottenAndWhatItCameToStays() throws {
    let world = try later()
    let before = try attendance(world)
    #expect(try world.scalar("SELECT count(*) FROM attendance_card") > 0)
    try world.aggregator.retireMeetings(olderThanDays: 10, now: at(17, "10:30"))
    #expect(try world.store.removeRetiredMeetings() == 0)
    try world.aggregator.retireMeetings(olderThanDays: 10, now: world.now)
    #expect(try world.store.removeRetiredMeetings() == 4)
    for table in ["meeting", "attendance_card", "attendance_device", "aggregate_card"] {
      #expect(try world.scalar("SELECT count(*) FROM \(table)") == 0, "\(table)")
    }
    try world.commit(at: at(21, "10:31"), .checkIn(Card.s3, at(7, "08:30")))
    try world.fold()
    #expect(try attendance(world) == before)
  }

  @Test func theyDoNotComeBackWithARestartOrANewCampus() throws {
    let world = try later()
    let before = try attendance(world)
    try world.aggregator.retireMeetings(olderThanDays: 10, now: world.now)
    try world.store.removeRetiredMeetings()
    try world.crash()
    try world.commit(at: at(21, "10:31"), .checkIn(Card.s3, at(8, "08:30")))
    try world.fold()
    #expect(try attendance(world) == before)
    try world.change(.small.with(.enrolments) { $0 + "g1,s4\n" }, at: at(21, "11:00"))
    try world.commit(at: at(21, "11:01"), .checkIn(Card.s3, at(8, "08:30")))
    try world.fold()
    #expect(try attendance(world) == before)
    #expect(try world.scalar("SELECT count(*) FROM meeting") == 0)
  }

  @Test func youngerMeetingsStayAndTakeLateReadings() throws {
    let world = try later()
    try world.aggregator.retireMeetings(olderThanDays: 13, now: world.now)
    // Monday's three; Tuesday's one is young enough.
    #expect(try world.store.removeRetiredMeetings() == 3)
    try world.commit(at: at(21, "10:31"), .checkIn(Card.s1, at(8, "08:30")))
    try world.fold()
    #expect(try world.attendance("m4") == [3, 1, 1, 1, 0])
    #expect(try world.attendance("c1", .course, .day, from: at(8, "00:00")) == [3, 1, 1, 1, 0])
    #expect(try world.attendance("c1", .course, .week) == [6, 2, 1, 3, 1])
    #expect(try world.scalar("SELECT count(*) FROM meeting") == 1)
  }

  @Test func aLatePassageOfANightWhoseCardsAreGoneTakesNobodyAway() throws {
    let world = try later()
    try world.aggregator.retireMeetings(olderThanDays: 10, now: world.now)
    try world.store.removeRetiredMeetings()
    try world.crash()
    try world.commit(
      at: at(21, "10:31"), [.pass(Card.s1, at(7, "23:40"), "door"), .pass(Card.s3, at(7, "23:41"), "door")])
    try world.fold()
    let night = try #require(try world.item(.passage, .dormitory, "dorm", .day))
    #expect((night.integer("late_returns"), night.integer("people_late")) == (3, 2))
  }
}
