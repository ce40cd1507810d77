import ReadingLog
import Testing

@testable import Aggregation

/// What a row meets depends on the log alone: everything its commit's time begins and ends comes first.
@Suite struct OrderTests {
  private static let meetings = 450

  /// So many meetings of group g2 in room-2, more than may begin and end at once.
  private let crowdedText = CampusText.small.with(.sessions) { text in
    text
      + (0..<OrderTests.meetings).map {
        "\nn\($0),c1,g2,t1,room-2,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
      }.joined()
  }

  private func crowded() throws -> World { try World(crowdedText) }

  /// Present at each of them, and whether it is final.
  private func presence(_ world: World) throws -> [String: Int64] {
    var presence: [String: Int64] = [:]
    for item in try world.items(.attendance, .session) where item.key.id.hasPrefix("n") {
      #expect(item.isFinal, "\(item.key.id)")
      presence[item.key.id] = item.attendance[1]
    }
    return presence
  }

  @Test func whatIsOverEndsBeforeTheRowsThatComeLater() throws {
    let world = try crowded()
    try world.commit(at: at(7, "09:30"), .checkIn(Card.s2, at(7, "08:31"), "term-2"))
    let first = try world.aggregator.step()
    #expect(first.rowsFolded == 0 && !first.isCaughtUp)
    #expect(try presence(world).values.count { $0 == 0 } == OrderTests.meetings)
    #expect(try world.aggregator.step().rowsFolded == 1)
    try world.fold()
    #expect(try presence(world).values.count { $0 == 1 } == OrderTests.meetings)
    #expect(try world.scalar("SELECT row FROM cursor WHERE name = 'aggregation'") == 1)
  }

  @Test func aCrashBetweenWhatEndsAndTheRowsThatFollowChangesNothing() throws {
    let world = try crowded()
    try world.commit(at: at(7, "08:20"), .checkIn(Card.s4, at(7, "08:20"), "term-2"))
    try world.commit(at: at(7, "09:30"), .checkIn(Card.s2, at(7, "08:31"), "term-2"))
    try world.commit(at: at(7, "09:31"), .checkIn(Card.stranger, at(7, "08:32"), "term-2"))
    for _ in 0..<6 {
      try world.aggregator.step()
      try world.crash()
    }
    try world.fold()
    #expect(try presence(world).values.count { $0 == 2 } == OrderTests.meetings)
    #expect(try world.attendance("n7") == [2, 2, 0, 0, 1])
    #expect(try world.attendance("c1", .course, .day) == [903, 900, 0, 3, 450])
  }

  @Test func noDaySaysLessWhileAnotherRosterComesIntoForce() throws {
    let world = try crowded()
    try world.commit(at: at(7, "08:35"))
    try world.fold()
    #expect(try world.attendance("c1", .course, .day)?.first == 903)
    try world.change(crowdedText.with(.enrolments) { $0 + "g2,s3\n" }, at: at(7, "08:40"))
    try world.commit(at: at(7, "08:41"))
    for _ in 0..<10 {
      try world.aggregator.step()
      let expected = try #require(try world.attendance("c1", .course, .day)?.first)
      #expect([903, 1_353].contains(expected))
    }
    try world.fold()
    #expect(try world.attendance("c1", .course, .day)?.first == 1_353)
  }

  @Test func whatIsBrokenOffByAStopIsDoneAtTheNextStart() throws {
    let world = try crowded()
    try world.commit(at: at(7, "08:35"), .checkIn(Card.s4, at(7, "08:31"), "term-2"))
    try world.aggregator.step()
    world.aggregator.stop()
    // More meetings than may begin at once: the rest is left.
    try world.commit(at: at(7, "09:30"))
    #expect(try world.aggregator.step().isBlocked)
    try world.crash()
    try world.change(crowdedText.with(.enrolments) { $0 + "g1,s4\n" }, at: at(7, "09:31"))
    try world.fold()
    #expect(try presence(world).values.count { $0 == 1 } == OrderTests.meetings)
    try world.change(crowdedText.with(.enrolments) { $0 + "g2,s1\n" }, at: at(7, "09:35"))
    try world.commit(at: at(7, "09:36"), .checkIn(Card.s4, at(7, "09:36")))
    world.aggregator.stop()
    #expect(throws: LogError.self) { for _ in 0..<3 { try world.aggregator.step() } }
    try world.crash()
    try world.fold()
    #expect(try world.attendance("m2") == [3, 1, 0, 2, 0])
  }

  @Test func aDayOfThePastIsFinalOnceAllItsMeetingsAre() throws {
    let world = try World()
    try world.commit(at: at(14, "08:00"))
    try world.fold()
    let past = crowdedText.with(.sessions) {
      $0.replacing("room-2,2026-09-07T08:30:00+08:00,2026-09-07", with: "room-2,2026-09-09T08:30:00+08:00,2026-09-09")
    }
    try world.change(past, at: at(14, "08:05"))
    try world.commit(at: at(14, "08:06"))
    try world.fold()
    let finals = try world.store.outboxBatch(for: "diagnosis", limit: 100_000).map(\.aggregate).filter {
      $0.isFinal && $0.name == "c1" && $0.grain == AggregateGrain.day.rawValue && $0.start == at(9, "00:00")
    }
    #expect(try finals.map { try AggregateItem($0).attendance } == [[900, 0, 0, 900, 0]])
  }

  /// A timetable of the past that comes into force is dealt with before the rows after it.
  @Test func aNewCampusEndsItsPastBeforeTheRowsThatComeLater() throws {
    let world = try World()
    try world.commit(at: at(7, "12:00"))
    try world.fold()
    try world.change(
      .small.with(.sessions) { text in
        text
          + (0..<OrderTests.meetings).map {
            "\nn\($0),c1,g2,t1,room-2,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
          }.joined()
      }, at: at(7, "12:01"))
    try world.commit(at: at(7, "12:02"), .checkIn(Card.s2, at(7, "08:31"), "term-2"))
    var folded = 0
    for _ in 0..<50 where folded == 0 { folded = try world.aggregator.step().rowsFolded }
    #expect(folded == 1)
    try world.crash()
    #expect(try presence(world).count == OrderTests.meetings)
    try world.fold()
    #expect(try presence(world).values.count { $0 == 1 } == OrderTests.meetings)
  }
}
