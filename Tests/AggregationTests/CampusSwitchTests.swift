import Aggregation
import Campus
import GRDB
import Testing

@testable import ReadingLog

@Suite struct CampusSwitchTests {
  private let withoutS1 = CampusText.small.with(.enrolments) {
    $0.replacing("g1,s1\n", with: "")
  }

  @Test func theSameCampusAgainIsNoNewVersion() throws {
    let world = try World()
    try world.change(.small, at: at(7, "07:00"))
    #expect(try world.store.campusVersions().count == 1)
    try world.change(withoutS1, at: at(7, "07:00"))
    #expect(try world.store.campusVersions().count == 2)
  }

  @Test func anOpenMeetingIsCountedAnewUnderANewRoster() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), [.checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.s2, at(7, "08:31"))])
    try world.fold()
    #expect(try world.attendance("m1") == [3, 2, 0, 1, 0])
    try world.change(withoutS1, at: at(7, "08:40"))
    try world.fold()
    #expect(try world.attendance("m1") == [2, 1, 0, 1, 1])
    #expect(try world.attendance("c1", .course, .day) == [2, 1, 0, 1, 1])
    #expect(try world.attendance("s1", .student, .day) == [1, 0, 0, 1, 0])
    #expect(try world.attendance("prog-1", .programme, .week) == [2, 1, 0, 1, 0])
  }

  @Test func aMeetingThatAVersionHasAsItWasIsNotCountedAnew() throws {
    let world = try World()
    try world.commit(
      at: at(7, "08:35"), [.checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.s4, at(7, "08:31"), "term-2")])
    try world.fold()
    // Who counts again finds nothing.
    try world.store.pool.write { try $0.execute(sql: "DELETE FROM reading") }
    try world.change(withoutS1, at: at(7, "08:40"))
    try world.fold()
    #expect(try world.attendance("m1") == [2, 0, 0, 2, 0])
    #expect(try world.attendance("m3") == [2, 1, 0, 1, 0])
    #expect(try world.attendance("s4", .student, .day) == [1, 1, 0, 0, 0])
  }

  @Test func aCardThatAnotherMeetingOfTheRoomNowExpectsIsNoStrangerAnyMore() throws {
    let shared = CampusText.small.with(.sessions) {
      $0 + "\nm5,c2,g2,t2,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
    }
    let world = try World(shared)
    try world.commit(at: at(7, "08:35"), .checkIn("0a0000f1", at(7, "08:30")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 1])
    try world.change(shared.with(.enrolments) { $0 + "g2,t1\n" }, at: at(7, "08:40"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 0])
    #expect(try world.attendance("m5") == [3, 1, 0, 2, 0])
  }

  @Test func aCardThatSomebodyIsGivenCountsForTheMeetingsThatGoOn() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.stranger, at(7, "08:30")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 1])
    try world.change(
      .small.with(.people) { $0.replacing("prog-1,0a000002", with: "prog-1,0a000002;\(Card.stranger)") },
      at: at(7, "08:40"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func aStudentWhoChangesProgrammeIsCountedInTheNewOne() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s3, at(7, "08:30")))
    try world.fold()
    #expect(try world.attendance("prog-2", .programme, .day) == [2, 1, 0, 1, 0])
    try world.change(.small.with(.people) { $0.replacing("C,prog-2", with: "C,prog-1") }, at: at(7, "08:40"))
    try world.fold()
    #expect(try world.attendance("prog-1", .programme, .day) == [4, 1, 0, 3, 0])
    #expect(try world.attendance("prog-2", .programme, .day) == [1, 0, 0, 1, 0])
  }

  @Test func aDeviceThatMovesTakesItsCheckInsWithIt() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s1, at(7, "08:30"), "term-2"))
    try world.fold()
    #expect(try world.attendance("m3") == [2, 1, 0, 1, 0])
    try world.change(
      .small.with(.devices) { $0.replacing("term-2,room-2", with: "term-2,room-1") }, at: at(7, "08:40"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
    #expect(try world.attendance("m3") == [2, 0, 0, 2, 0])
    let item = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect(item.devicesHeard == 1 && item.devicesExpected == 2)
  }

  @Test func aVersionThatWasJustReadIsNotReadAgain() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), [.checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.s2, at(7, "08:31"))])
    try world.fold()
    try world.change(withoutS1, at: at(7, "08:40"), isHandedOver: true)
    try world.store.pool.write { try $0.execute(sql: "ALTER TABLE campus_chunk RENAME TO campus_piece") }
    try world.fold()
    #expect(try world.attendance("m1") == [2, 1, 0, 1, 1])
    #expect(world.store.campusRead(of: 1) == nil)
  }

  @Test func aFinalMeetingKeepsItsRosterAlsoForLateData() throws {
    let world = try World()
    try world.commit(at: at(7, "09:25"), .checkIn(Card.s2, at(7, "08:31")))
    try world.change(withoutS1, at: at(7, "12:00"))
    try world.commit(at: at(7, "12:01"), .checkIn(Card.s1, at(7, "08:30")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 2, 0, 1, 0])
    // The next meeting of the group goes by the new one.
    try world.commit(at: at(8, "08:31"), .checkIn(Card.s1, at(8, "08:30")))
    try world.fold()
    #expect(try world.attendance("m4") == [2, 0, 0, 2, 1])
  }

  @Test func aMeetingOverByTheNewVersionIsFinalUnderTheOldOne() throws {
    // No commit said that it was over: the version's own does.
    let world = try World()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s1, at(7, "08:30")))
    try world.change(withoutS1, at: at(7, "09:25"))
    try world.commit(at: at(7, "09:26"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func aMeetingThatMovesTakesItsCheckInsFromItsNewPlace() throws {
    let moved = CampusText.small.with(.sessions) {
      $0.replacing("m1,c1,g1,t1,room-1,", with: "m1,c1,g1,t1,room-2,")
    }
    let world = try World()
    try world.commit(
      at: at(7, "08:35"), [.checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.s2, at(7, "08:31"), "term-2")])
    try world.change(moved, at: at(7, "08:40"))
    try world.fold()
    // s1 is expected in room-2 by m3 too, but was in room-1, where nothing meets now.
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
    #expect(try world.attendance("m3") == [2, 0, 0, 2, 0])
    #expect(try world.item(.attendance, .session, "m1", .meeting)?.devicesHeard == 1)
  }

  @Test func aMeetingThatVanishesIsWithdrawn() throws {
    let gone = CampusText.small.with(.sessions) { text in
      text.split(separator: "\n").filter { !$0.hasPrefix("m1,") }.joined(separator: "\n")
    }
    let world = try World()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s1, at(7, "08:30")))
    try world.fold()
    try world.change(gone, at: at(7, "08:40"))
    try world.fold()
    let item = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect(item.isFinal && item.attendance == [0, 0, 0, 0, 0])
    #expect(try world.attendance("c1", .course, .day) == [0, 0, 0, 0, 0])
    #expect(try world.attendance("s1", .student, .day) == [1, 0, 0, 1, 0])
  }

  @Test func aMeetingThatIsPutOffLeavesItsOldTime() throws {
    let later = CampusText.small.with(.sessions) {
      $0.replacing("m1,c1,g1,t1,room-1,2026-09-07T08:30", with: "m1,c1,g1,t1,room-1,2026-09-07T08:35")
    }
    let world = try World()
    try world.commit(at: at(7, "08:45"), .checkIn(Card.s1, at(7, "08:44")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 1, 2, 0])
    try world.change(later, at: at(7, "08:50"))
    try world.fold()
    #expect(try world.attendance("m1", from: at(7, "08:30")) == [0, 0, 0, 0, 0])
    #expect(try world.attendance("m1", from: at(7, "08:35")) == [3, 1, 0, 2, 0])
  }

  /// m1 at another time of 2026-09.
  private func m1(_ start: String, _ end: String) -> CampusText {
    CampusText.small.with(.sessions) {
      $0.replacing(
        "m1,c1,g1,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00",
        with: "m1,c1,g1,t1,room-1,2026-09-\(start):00+08:00,2026-09-\(end):00+08:00")
    }
  }

  /// What a fold of the whole log says is what the one that ran through said.
  private func expectTheSameOfARefold(_ world: World) throws {
    let before = try world.items().map(\.said)
    try world.forget()
    try world.fold()
    #expect(try world.items().map(\.said) == before)
  }

  @Test func anIDThatIsUsedAgainIsAnotherMeeting() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"), .checkIn(Card.s1, at(7, "08:30")))
    try world.fold()
    try world.change(m1("10T08:30", "10T09:20"), at: at(8, "07:00"))
    try world.commit(at: at(10, "08:35"), [.checkIn(Card.s2, at(10, "08:31")), .checkIn(Card.s3, at(7, "08:45"))])
    try world.commit(at: at(10, "09:30"))
    try world.fold()
    #expect(try world.attendance("m1", from: at(7, "08:30")) == [3, 1, 1, 1, 0])
    #expect(try world.attendance("m1", from: at(10, "08:30")) == [3, 1, 0, 2, 0])
    // And m4 of Tuesday, at which nobody was.
    #expect(try world.attendance("c1", .course, .week) == [9, 2, 1, 6, 0])
    try expectTheSameOfARefold(world)
  }

  @Test func aMeetingThatIsPutOffAndBackIsItselfAgain() throws {
    let world = try World()
    try world.commit(at: at(7, "08:45"), .checkIn(Card.s1, at(7, "08:44")))
    try world.fold()
    try world.change(m1("07T08:35", "07T09:20"), at: at(7, "08:50"))
    try world.commit(at: at(7, "08:51"))
    try world.fold()
    try world.change(.small, at: at(7, "08:55"))
    try world.commit(at: at(7, "08:56"), .checkIn(Card.s2, at(7, "08:56")))
    try world.fold()
    #expect(try world.attendance("m1", from: at(7, "08:30")) == [3, 0, 2, 1, 0])
    #expect(try world.attendance("m1", from: at(7, "08:35")) == [0, 0, 0, 0, 0])
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    #expect(try world.item(.attendance, .session, "m1", .meeting, from: at(7, "08:30"))?.isFinal == true)
    #expect(try world.attendance("c1", .course, .day) == [3, 0, 2, 1, 0])
    try expectTheSameOfARefold(world)
  }

  @Test func aMeetingThatReturnsToATimeWhenItWasFinalStaysAsItWas() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"), .checkIn(Card.s1, at(7, "08:30")))
    try world.change(m1("10T08:30", "10T09:20"), at: at(8, "07:00"))
    try world.commit(at: at(10, "08:35"), .checkIn(Card.s2, at(10, "08:31")))
    try world.fold()
    try world.change(.small, at: at(10, "08:40"))
    try world.commit(at: at(10, "08:41"))
    try world.fold()
    #expect(try world.attendance("m1", from: at(7, "08:30")) == [3, 1, 0, 2, 0])
    #expect(try world.attendance("m1", from: at(10, "08:30")) == [0, 0, 0, 0, 0])
    #expect(try world.attendance("c1", .course, .week) == [6, 1, 0, 5, 0])
  }

  /// Of an earlier version of the gateway, which let the row of a meeting follow its start.
  @Test func aMeetingWhoseAggregateTheStoreStillHasGoesOnWithIt() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s1, at(7, "08:30")))
    try world.fold()
    try world.change(m1("10T08:30", "10T09:20"), at: at(7, "08:40"))
    try world.commit(at: at(7, "08:41"))
    try world.fold()
    try world.store.pool.write { try $0.execute(sql: "DELETE FROM meeting WHERE state = 2") }
    try world.crash()
    try world.change(.small, at: at(7, "08:50"))
    try world.commit(at: at(7, "08:51"))
    try world.fold()
    #expect(try world.attendance("m1", from: at(7, "08:30")) == [3, 1, 0, 2, 0])
  }

  @Test func aMeetingFirstKnownWhenItIsPastIsFinalAtOnceWithItsCheckIns() throws {
    let before = CampusText.small.with(.sessions) { text in
      text.split(separator: "\n").filter { !$0.hasPrefix("m1,") }.joined(separator: "\n")
    }
    let world = try World(before)
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s1, at(7, "08:30")))
    try world.commit(at: at(7, "11:00"))
    try world.fold()
    try world.change(.small, at: at(7, "12:00"))
    try world.fold()
    let item = try #require(try world.item(.attendance, .session, "m1", .meeting))
    #expect(item.isFinal && item.attendance == [3, 1, 0, 2, 0])
  }

  @Test func anotherTimeZoneWithTheSameDaysChangesNothing() throws {
    let world = try World()
    try world.commit(at: at(7, "10:30"), [.checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.s4, at(7, "09:30"))])
    try world.fold()
    try world.change(.small, at: at(7, "12:00"), zone: "Asia/Singapore")
    try world.commit(at: at(7, "12:01"))
    try world.fold()
    #expect(try world.attendance("c1", .course, .day) == [3, 1, 0, 2, 0])
    #expect(try world.attendance("c2", .course, .day) == [4, 1, 0, 3, 0])
    try world.commit(at: at(7, "12:30"), .checkIn(Card.s2, at(7, "08:31")))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 2, 0, 1, 0])
    #expect(try world.attendance("c1", .course, .day) == [3, 2, 0, 1, 0])
    #expect(try world.attendance("c1", .course, .week) == [3, 2, 0, 1, 0])
  }

  @Test func rowsAreReadWithTheVersionThatEndsThem() throws {
    let world = try World()
    try world.commit(at: at(7, "08:31"), .checkIn(Card.s1, at(7, "08:31")))
    let log = FoldLog(world.store)
    defer { log.finish() }
    var cursor = FoldCursor()
    cursor.version = 1
    var chunk = FoldChunk()
    var next = try log.read(after: cursor, limit: 10, into: &chunk)
    #expect(next == nil)
    #expect(chunk.rows.count == 1)
    // Both commit between two reads.
    try world.change(withoutS1, at: at(7, "08:40"))
    try world.commit(at: at(7, "08:41"), .checkIn(Card.s2, at(7, "08:41")))
    next = try log.read(after: cursor, limit: 10, into: &chunk)
    #expect(next?.id == 2)
    #expect(chunk.rows.count == 1)
    cursor.row = chunk.end.row
    cursor.batch = chunk.end.batch
    cursor.version = 2
    next = try log.read(after: cursor, limit: 10, into: &chunk)
    #expect(next == nil)
    #expect(chunk.rows.count == 1)
  }

  @Test func aFoldInterruptedByACrashSwitchesAllTheSame() throws {
    let world = try World()
    try world.commit(at: at(7, "08:35"), [.checkIn(Card.s1, at(7, "08:30")), .checkIn(Card.s2, at(7, "08:31"))])
    try world.change(withoutS1, at: at(7, "08:40"))
    try world.commit(at: at(7, "08:41"), .checkIn(Card.s3, at(7, "08:41")))
    for _ in 0..<4 {
      try world.aggregator.step()
      try world.crash()
    }
    try world.fold()
    #expect(try world.attendance("m1") == [2, 1, 1, 0, 1])
  }
}
