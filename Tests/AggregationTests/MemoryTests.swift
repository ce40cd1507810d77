import Testing

@testable import Aggregation

@Suite struct MemoryTests {
  private static let commits = 400

  /// Late votes, each into a window of its own, while other keys have a revision to come at any time.
  private func lateVotes(_ number: Int) -> [Sample] {
    let now = at(7, "12:00") + Int64(number) * 600
    var samples: [Sample] = [.vote(3, at(1, "00:00") + Int64(number) * 300_000), .vote(4, now)]
    // Half a turn behind: of the two, one always waits for its interval.
    if number > 0 { samples.append(.pass(Card.s1, now)) }
    return samples
  }

  @Test func whatIsFinalLeavesMemoryAlsoUnderConstantLoad() throws {
    var settings = AggregationSettings()
    settings.finalsKept = 20
    let world = try World(settings: settings)
    var most: Int64 = 0
    for number in 0..<MemoryTests.commits {
      try world.commit(at: at(7, "12:00") + Int64(number) * 600, lateVotes(number))
      try world.aggregator.step()
      #expect(world.aggregator.pending > 0 || number == 0)
      let open = try world.scalar("SELECT count(*) FROM aggregate WHERE final = 0")
      most = max(most, Int64(world.aggregator.aggregatesInMemory) - open)
    }
    #expect(try world.scalar("SELECT count(*) FROM aggregate WHERE final = 1") > Int64(MemoryTests.commits))
    #expect(most < 100, "\(most) beside the open ones")
    try world.fold()
    let fives = try world.items(.satisfaction, .place, .fiveMinutes, id: "counter/taste")
    #expect(fives.filter { $0.key.start < at(7, "00:00") }.allSatisfy { $0.integer("count") == 1 })
    let month = try world.item(.satisfaction, .place, "counter/taste", .month)
    #expect(month?.integer("count") == Int64(2 * MemoryTests.commits))
  }

  @Test func whatLeftMemoryIsTakenUpAgainByLateData() throws {
    var settings = AggregationSettings()
    settings.finalsKept = 1
    let (small, large) = (try World(settings: settings), try World())
    for number in 0..<60 {
      let time = at(7, "12:00") + Int64(number) * 600
      // Back and forth over ten windows that are over.
      let samples: [Sample] = [
        .vote(Int64(number % 5 + 1), at(1, "10:00") + Int64(number * 7 % 10) * 300_000),
        .pass(Card.s2, at(2, "23:30") + Int64(number % 10) * 300_000, "door"), .vote(2, time),
      ]
      for world in [small, large] {
        try world.commit(at: time, samples)
        try world.aggregator.step()
      }
    }
    try small.fold()
    try large.fold()
    #expect(Set(try small.items().map(\.said)) == Set(try large.items().map(\.said)))
  }
}
