import Aggregation
import Testing

@Suite struct PassageTests {
  @Test func aGateCountsItsFlow() throws {
    let world = try World()
    try world.commit(
      at: at(7, "07:10"),
      [
        .pass(Card.s1, at(7, "07:01")), .pass(Card.s2, at(7, "07:02"), direction: 1),
        .pass(Card.s3, at(7, "07:03"), direction: 2), .pass(Card.stranger, at(7, "07:06"), granted: false),
      ])
    try world.fold()
    let hour = try #require(try world.item(.passage, .gate, "gate", .hour))
    #expect(["in", "out", "unknown", "refused", "count"].map { hour.integer($0) } == [1, 1, 1, 1, 4])
    #expect(try world.items(.passage, .gate, .fiveMinutes).map { $0.integer("count") } == [3, 1])
    #expect(try world.item(.passage, .gate, "gate", .day)?.integer("count") == 4)
  }

  @Test func anEntryAfterTheCurfewIsALateReturn() throws {
    let world = try World()
    try world.commit(
      at: at(8, "06:00"),
      [
        .pass(Card.s1, at(7, "23:00") - 1, "door"), .pass(Card.s1, at(7, "23:00"), "door"),
        .pass(Card.s1, at(8, "01:00"), "door"), .pass(Card.s2, at(8, "05:00") - 1, "door"),
        .pass(Card.s3, at(8, "05:00"), "door"), .pass(Card.s3, at(8, "00:00"), direction: 1, "door"),
        .pass(Card.s4, at(8, "00:00"), granted: false, "door"),
      ])
    try world.fold()
    let night = try #require(try world.item(.passage, .dormitory, "dorm", .day))
    #expect((night.key.start, night.key.end) == (at(7, "12:00"), at(8, "12:00")))
    #expect(night.integer("late_returns") == 3)
    #expect(night.integer("people_late") == 2)
  }

  @Test func theCurfewIsARule() throws {
    let world = try World(rules: AggregationRules(curfewMinutes: 30))
    try world.commit(
      at: at(8, "06:00"), [.pass(Card.s1, at(8, "00:29"), "door"), .pass(Card.s2, at(8, "00:30"), "door")])
    try world.fold()
    #expect(try world.item(.passage, .dormitory, "dorm", .day)?.integer("late_returns") == 1)
  }

  @Test func aPersonLateTwiceIsOnePersonAfterARestartToo() throws {
    let world = try World()
    try world.commit(at: at(7, "23:10"), .pass(Card.s1, at(7, "23:05"), "door"))
    try world.fold()
    try world.crash()
    try world.commit(at: at(7, "23:40"), .pass(Card.s1, at(7, "23:35"), "door"))
    try world.fold()
    let night = try #require(try world.item(.passage, .dormitory, "dorm", .day))
    #expect(night.integer("late_returns") == 2)
    #expect(night.integer("people_late") == 1)
  }

  @Test func aReaderHeardOnlyBeforeTheCurfewIsHeardAfterARestartToo() throws {
    let world = try World(.small.with(.devices) { $0 + "\nmain,door-2,dorm,mac\n" })
    try world.commit(at: at(7, "22:10"), .pass(Card.s1, at(7, "22:05"), "door"))
    try world.fold()
    try world.commit(at: at(7, "22:20"), .pass(Card.s2, at(7, "22:15"), "door-2"))
    try world.fold()
    try world.crash()
    try world.commit(at: at(8, "12:10"))
    try world.fold()
    let night = try #require(try world.item(.passage, .dormitory, "dorm", .day))
    #expect(night.isFinal && night.integer("late_returns") == 0)
    #expect((night.devicesHeard, night.devicesExpected) == (2, 2))
  }

  @Test func aPersonLateWithTwoCardsIsOnePerson() throws {
    let world = try World()
    try world.commit(
      at: at(8, "06:00"),
      [.pass(Card.s3, at(7, "23:05"), "door"), .pass(Card.s3second, at(7, "23:35"), "door")])
    try world.fold()
    let night = try #require(try world.item(.passage, .dormitory, "dorm", .day))
    #expect(night.integer("late_returns") == 2)
    #expect(night.integer("people_late") == 1)
  }
}
