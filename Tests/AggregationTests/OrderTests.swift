import Aggregation
import Testing

/// What a row meets depends on the log alone: everything its commit's time begins and ends comes first.
@Suite struct OrderTests {
  private static let meetings = 450

  /// So many meetings of group g2 in room-2, more than may begin and end at once.
  private func crowded() throws -> World {
    try World(
      .small.with(.sessions) { text in
        text
          + (0..<OrderTests.meetings).map {
            "\nn\($0),c1,g2,t1,room-2,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
          }.joined()
      })
  }

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
