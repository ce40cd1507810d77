import Aggregation
import Testing

@Suite struct AttendanceTests {
  @Test func aCheckInAtTenMinutesIsPresent() throws {
    let world = try World()
    try world.commit(at: at(7, "08:40:01"), .checkIn(Card.s1, at(7, "08:40:00")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func aCheckInAMillisecondLaterIsLate() throws {
    let world = try World()
    try world.commit(at: at(7, "08:40:01"), .checkIn(Card.s1, at(7, "08:40:00") + 1))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 1, 2, 0])
  }

  @Test func checkInsCountFromAQuarterOfAnHourBeforeTheStartToTheEnd() throws {
    let world = try World()
    try world.commit(
      at: at(7, "09:21"),
      [
        .checkIn(Card.s1, at(7, "08:15:00") - 1), .checkIn(Card.s2, at(7, "08:15:00")),
        .checkIn(Card.s3, at(7, "09:20:00") - 1),
      ])
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 1, 1, 0])
    try world.commit(at: at(7, "09:22"), .checkIn(Card.s1, at(7, "09:20:00")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 1, 1, 0])
  }

  @Test func aLimitOfFifteenMinutesIsARuleOfTheCampusVersion() throws {
    let world = try World(rules: AggregationRules(lateAfterMinutes: 15))
    try world.commit(at: at(7, "08:50"), [.checkIn(Card.s1, at(7, "08:45:00")), .checkIn(Card.s2, at(7, "08:45:01"))])
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 1, 1, 0])
  }

  @Test func theFirstCheckInCountsWhateverTheOrder() throws {
    let world = try World()
    try world.commit(at: at(7, "08:50"), .checkIn(Card.s1, at(7, "08:45")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 1, 2, 0])
    try world.commit(at: at(7, "08:51"), .checkIn(Card.s1, at(7, "08:29")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func twoCardsOfOnePersonAreOnePerson() throws {
    let world = try World()
    try world.commit(
      at: at(7, "08:50"), [.checkIn(Card.s3second, at(7, "08:45")), .checkIn(Card.s3, at(7, "08:30"))])
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func aCardOfNobodyExpectedIsUnknownOnce() throws {
    let world = try World()
    try world.commit(
      at: at(7, "08:50"),
      [
        .checkIn(Card.stranger, at(7, "08:30")), .checkIn(Card.stranger, at(7, "08:31")),
        .checkIn(Card.otherStranger, at(7, "08:31")), .checkIn(Card.s4, at(7, "08:32")),
      ])
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 3])
  }

  @Test func betweenTwoMeetingsACheckInCountsForTheOneThatExpectsIt() throws {
    // m1 ends at 9:20, m2 begins at 9:30 in the same room: from 9:15 to 9:20 both are in time.
    let world = try World()
    try world.commit(
      at: at(7, "09:21"),
      [
        .checkIn(Card.s4, at(7, "09:16")), .checkIn(Card.s1, at(7, "09:17")), .checkIn(Card.s2, at(7, "09:18")),
        .checkIn(Card.stranger, at(7, "09:19")),
      ])
    try world.commit(at: at(7, "09:31"))
    try world.fold()
    // s2 is expected at both.
    #expect(try world.attendance("m1") == [3, 0, 2, 1, 1])
    #expect(try world.attendance("m2") == [2, 2, 0, 0, 1])
  }

  @Test func aCheckInInAnotherRoomDoesNotCount() throws {
    let world = try World()
    try world.commit(at: at(7, "08:50"), .checkIn(Card.s1, at(7, "08:30"), "term-2"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 0])
    #expect(try world.attendance("m3") == [2, 1, 0, 1, 0])
  }

  @Test func aStudentOfTwoGroupsIsExpectedInBothAtOnce() throws {
    let world = try World()
    try world.commit(at: at(7, "08:50"), .checkIn(Card.s1, at(7, "08:30")))
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    #expect(try world.attendance("s1", .student, .day) == [2, 1, 0, 1, 0])
  }

  @Test func aMeetingBeginsWithLogTimeWithoutAnyCheckIn() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30") - 1)
    try world.fold()
    #expect(try world.attendance("m1") == nil)
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 0])
  }

  @Test func aMeetingIsFinalFiveMinutesAfterItsEnd() throws {
    let world = try World()
    try world.commit(at: at(7, "09:25") - 1)
    try world.fold()
    #expect(try world.item(.attendance, .session, "m1", .meeting)?.isFinal == false)
    try world.commit(at: at(7, "09:25"))
    try world.fold()
    #expect(try world.item(.attendance, .session, "m1", .meeting)?.isFinal == true)
  }

  @Test func lateDataMakesAFurtherFinalRevision() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    let before = try #require(try world.item(.attendance, .session, "m1", .meeting))
    try world.commit(at: at(9, "12:00"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    let after = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect(after.isFinal && after.revision == before.revision + 1)
    #expect(after.attendance == [3, 1, 0, 2, 0])
    #expect(try world.attendance("s1", .student, .day, from: at(7, "00:00")) == [2, 1, 0, 1, 0])
    #expect(try world.attendance("c1", .course, .month) == [6, 1, 0, 5, 0])
  }

  @Test func theSameCheckInAgainMakesNoRevision() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    let before = try world.items(.attendance)
    try world.commit(at: at(7, "09:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    #expect(try world.items(.attendance) == before)
  }

  @Test func aDeadReaderMakesAMeetingIncomplete() throws {
    let world = try World()
    try world.commit(at: at(7, "09:26"), .checkIn(Card.s1, at(7, "08:31"), "term-2"))
    try world.fold()
    let dead = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect((dead.devicesHeard, dead.devicesExpected) == (0, 1))
    let alive = try #require(try world.item(.attendance, .session, "m3", .meeting))
    #expect((alive.devicesHeard, alive.devicesExpected) == (1, 1))
    let course = try #require(try world.item(.attendance, .course, "c2", .day))
    #expect((course.devicesHeard, course.devicesExpected) == (1, 1))
  }

  @Test func aStatusReceivedInTimeMakesADeviceHeard() throws {
    // Stamped long ago by a bad clock, but received while the meeting was on.
    let world = try World()
    try world.commit(at: at(7, "08:15"), .status("{\"battery_mv\":3300}", at(1, "00:00")))
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    #expect(try world.item(.attendance, .session, "m1", .meeting)?.devicesHeard == 1)
  }

  @Test func aRateOfNobodyExpectedIsNull() throws {
    let world = try World(.small.with(.enrolments) { _ in "group_id,person_id\ng2,s4\n" })
    try world.commit(at: at(7, "08:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    let item = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect(item.attendance == [0, 0, 0, 0, 1])
    #expect(item.measures["rate"] == .null)
  }

  @Test func runningRevisionsComeAtMostOnceASecond() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.aggregator.step()
    for (number, card) in [Card.s1, Card.s2, Card.s3].enumerated() {
      try world.commit(at: at(7, "08:30") + Int64(number) * 300 + 100, .checkIn(card, at(7, "08:30")))
      try world.aggregator.step()
    }
    #expect(try world.item(.attendance, .session, "m1", .meeting)?.revision == 1)
    try world.commit(at: at(7, "08:30:01"))
    try world.aggregator.step()
    let item = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect(item.revision == 2 && item.attendance == [3, 3, 0, 0, 0])
  }

  @Test func theContractsObjectIsWritten() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    let item = try #require(try world.item(.attendance, .session, "m1", .meeting))
    let expected = """
      {"aggregate":"attendance","scope":"session","id":"m1","grain":"meeting",\
      "window":{"start":\(at(7, "08:30")),"end":\(at(7, "09:20"))},"revision":\(item.revision),"final":true,\
      "completeness":{"devices_expected":1,"devices_heard":1},\
      "measures":{"expected":3,"present":1,"late":0,"absent":2,"unknown":0,"rate":0.3333333333333333}}
      """
    #expect(String(decoding: item.json, as: UTF8.self) == expected)
    #expect(item.eventID == "attendance/session/m1/meeting/\(at(7, "08:30"))/\(item.revision)")
    let event = String(decoding: item.event(source: "campus-gateway-1/0f"), as: UTF8.self)
    #expect(event.hasPrefix("{\"specversion\":\"1.0\",\"type\":\"cn.campus.aggregate.attendance.v1\""))
    #expect(event.contains("\"time\":\"2026-09-07T01:30:00.000Z\""))
  }
}
