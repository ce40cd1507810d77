import Aggregation
import DeviceProtocol
import GRDB
import Testing

@testable import ReadingLog

/// Aggregates after crashes and refolds against those of a fold that ran through.
@Suite struct RestartTests {
  private let cards = [Card.s1, Card.s2, Card.s3, Card.s3second, Card.s4, Card.stranger, Card.otherStranger]

  /// Readings of two days, in commits out of order and with some of them again or days late.
  private func commits(_ generator: inout SeededGenerator) -> [(time: Int64, samples: [Sample])] {
    var commits: [(time: Int64, samples: [Sample])] = []
    var clock = at(7, "07:50")
    var held: [Sample] = []
    while clock < at(9, "03:00") {
      clock += Int64.random(in: 1_000...1_200_000, using: &generator)
      var samples: [Sample] = []
      for _ in 0..<Int.random(in: 0...6, using: &generator) {
        let time = clock - Int64.random(in: 0...2_000_000, using: &generator)
        let sample = sample(at: time, &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: held.append(sample)
        case 1: samples += [sample, sample]
        default: samples.append(sample)
        }
      }
      if Int.random(in: 0..<12, using: &generator) == 0 {
        samples += held
        held.removeAll()
      }
      commits.append((clock, samples))
    }
    commits.append((at(9, "04:00"), held))
    commits.append((at(9, "04:10"), []))
    return commits
  }

  private func sample(at time: Int64, _ generator: inout SeededGenerator) -> Sample {
    let card = cards.randomElement(using: &generator) ?? Card.s1
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return .vote(Int64.random(in: 1...5, using: &generator), time)
    case 1: return .vote(Int64.random(in: 0...100, using: &generator), time, item: 21, "term-1")
    case 2: return .pass(card, time, direction: Int64.random(in: 0...2, using: &generator))
    case 3: return .pass(card, time, "door")
    case 4: return .incident(Bool.random(using: &generator) ? 7 : 0x8007, time)
    case 5: return .status("{\"battery_mv\":\(Int.random(in: 3000...3600, using: &generator)),\"backlog\":3}", time)
    default: return .checkIn(card, time, Bool.random(using: &generator) ? "term-1" : "term-2")
    }
  }

  /// What only one of two folds says.
  private func differences(_ one: [String], _ other: [String]) -> [String] {
    let found =
      Set(one).subtracting(other).map { "+ \($0)" }.sorted() + Set(other).subtracting(one).map { "- \($0)" }.sorted()
    found.prefix(20).forEach { print($0) }
    return found
  }

  private func said(_ world: World) throws -> [String] { try world.items().map(\.said) }

  @Test func crashesAtAnyStepChangeNothing() throws {
    var generator = SeededGenerator()
    var settings = AggregationSettings()
    settings.rowsPerStep = 7
    settings.writesPerTransaction = 5
    settings.cycleInterval = 600_000
    let commits = commits(&generator)
    let campus = CampusText.small.with(.enrolments) { $0 + "g2,s1\n" }
    let through = try World()
    let crashing = try World(settings: settings)
    for (number, commit) in commits.enumerated() {
      for world in [through, crashing] {
        if number == commits.count / 3 { try world.change(campus, at: commit.time - 1) }
        try world.commit(at: commit.time, commit.samples)
      }
      try through.fold()
      for _ in 0..<Int.random(in: 0...3, using: &generator) { try crashing.aggregator.step() }
      if Int.random(in: 0..<5, using: &generator) == 0 { try crashing.crash() }
    }
    try crashing.fold()
    let expected = try said(through)
    #expect(differences(try said(crashing), expected) == [])
    #expect(expected.count > 100)
  }

  @Test func aRefoldOfTheLogGivesTheSameMeasures() throws {
    var generator = SeededGenerator()
    let world = try World()
    for commit in commits(&generator) {
      try world.commit(at: commit.time, commit.samples)
      if Bool.random(using: &generator) { try world.fold() }
    }
    try world.change(.small.with(.enrolments) { $0 + "g2,s1\n" }, at: at(9, "04:20"))
    try world.commit(at: at(9, "04:30"))
    try world.fold()
    let before = try said(world)
    try world.forget()
    try world.fold()
    #expect(differences(try said(world), before) == [])
  }

  @Test func rowsInAnyOrderGiveTheSameFinalAttendance() throws {
    var generator = SeededGenerator()
    let samples = commits(&generator).flatMap(\.samples).filter { $0.kind == .checkin }
    var results: [[String]] = []
    for _ in 0..<3 {
      let world = try World()
      for sample in samples.shuffled(using: &generator) {
        var sample = sample
        sample.received = sample.time
        try world.commit(at: at(9, "05:00"), sample)
      }
      try world.fold()
      results.append(try world.items(.attendance).filter(\.isFinal).map(\.said))
    }
    #expect(results[0] == results[1] && results[1] == results[2])
    #expect(!results[0].isEmpty)
  }

  @Test func theCursorComesToTheLogsEnd() throws {
    let world = try World()
    try world.commit(at: at(7, "08:31"), [.checkIn(Card.s1, at(7, "08:31")), .vote(3, at(7, "08:30"))])
    try world.aggregator.step()
    #expect(try world.scalar("SELECT row FROM cursor WHERE name = 'aggregation'") == 2)
  }

  @Test func whatCannotBeReadIsTriedAgain() throws {
    let world = try World()
    try world.commit(at: at(7, "08:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.store.pool.write { try $0.execute(sql: "ALTER TABLE campus_chunk RENAME TO campus_piece") }
    try world.crash()
    #expect(throws: LogError.self) { try world.aggregator.step() }
    #expect(throws: LogError.self) { try world.aggregator.step() }
    try world.store.pool.write { try $0.execute(sql: "ALTER TABLE campus_piece RENAME TO campus_chunk") }
    try world.fold()
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func aGatewayWithoutACampusWaits() throws {
    let world = try World()
    try world.forget()
    try world.store.pool.write { try $0.execute(sql: "DELETE FROM campus_version") }
    try world.crash()
    #expect(try world.aggregator.step().isWithoutCampus)
  }
}
