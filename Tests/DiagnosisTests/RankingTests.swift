import Testing

@testable import Diagnosis

@Suite struct RankingTests {
  private func standard(_ rule: Standard.RankingRule = .init()) -> Standard { .sample.with { $0.ranking = rule } }

  private func sample(_ rates: [Double], _ rule: Standard.RankingRule = .init(), window: Int = 1) throws -> Sample {
    let sample = try Sample([standard(rule)])
    let events = rates.enumerated().map { index, rate in
      Event.rate(rate, window: window).with { $0.id = "c\(index < 10 ? "0" : "")\(index)" }
    }
    _ = try sample.core.accept(batch: Event.batch(events), now: 1)
    return sample
  }

  private func signals(_ rates: [Double]) throws -> [String] {
    let ranking = try #require(try sample(rates).core.rankings().first)
    return ranking.entries.map { entry in
      switch entry.signal {
      case .top: "\(entry.rank)+"
      case .bottom: "\(entry.rank)-"
      case nil: "\(entry.rank)"
      }
    }
  }

  @Test func theBestAndTheLastAreMarked() throws {
    let rates = (0..<20).map { 0.99 - Double($0) / 100 }
    let ranking = try #require(try sample(Array(rates.reversed())).core.rankings().first)
    #expect(ranking.isRanked && ranking.population == 20 && ranking.window.start == Event.firstWindow)
    #expect(ranking.entries.map(\.value) == rates)
    #expect(ranking.entries.map(\.rank) == Array(1...20))
    #expect(ranking.entries.map { $0.signal == .top } == (0..<20).map { $0 < 3 })
    #expect(ranking.entries.map { $0.signal == .bottom } == (0..<20).map { $0 >= 18 })
  }

  @Test func aTieIsInOrOutTogetherInDoubtForThePeople() throws {
    #expect(
      try signals([1, 1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.4])
        == ["1+", "1+", "1+", "4", "5", "6", "7", "8", "9", "9"])
    #expect(
      try signals([1, 0.9, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
        == ["1+", "2", "2", "2", "5", "6", "7", "8", "9", "10-"])
  }

  @Test func whereAllAreEqualNobodyIsMarked() throws {
    #expect(try signals(Array(repeating: 0.9, count: 12)) == Array(repeating: "1", count: 12))
  }

  @Test func nobodyIsBothTopAndBottom() throws {
    #expect(
      try signals(Array(repeating: 1, count: 9) + [0.5]) == Array(repeating: "1+", count: 9) + ["10-"])
  }

  @Test func tooFewAreNotRanked() throws {
    let ranking = try #require(try sample([0.9, 0.8, 0.7]).core.rankings().first)
    #expect(!ranking.isRanked && ranking.entries.isEmpty && ranking.population == 3)
  }

  @Test func smallSamplesAndIncompleteWindowsAreLeftOut() throws {
    let sample = try sample([0.9, 0.8, 0.7], .init(minimumPopulation: 3))
    try sample.send(
      .rate(0.1, of: 9).with { $0.id = "small" }, .rate(0.1).with { $0.id = "deaf" }.with { $0.heard = 1 },
      .rate(0.1).with { ($0.id, $0.expected, $0.heard) = ("field", 0, 0) }, .rate(nil).with { $0.id = "none" })
    let ranking = try #require(try sample.core.rankings(standard: "course").first)
    #expect(ranking.population == 3 && ranking.leftOut.sample == 2 && ranking.leftOut.incomplete == 2)
  }

  @Test func theLatestWindowThatIsWhollyFinalIsRanked() throws {
    let sample = try sample([0.9, 0.8, 0.7], .init(minimumPopulation: 3))
    try sample.send(
      .rate(0.95, window: 2).with { $0.id = "c00" },
      .rate(0.95, window: 2).with { $0.id = "c01" }.with { $0.isFinal = false })
    #expect(try sample.core.rankings().map(\.window.start) == [Event.firstWindow])
    let next = try #require(try sample.core.rankings(start: Event.firstWindow + week).first)
    #expect(next.leftOut.pending == 1 && next.population == 1)
    #expect(try sample.core.rankings(start: 5).isEmpty)
    #expect(try sample.core.rankings(standard: "other").isEmpty)
  }

  @Test func whereLessIsBetterTheLeastIsFirst() throws {
    let rule = Standard.RankingRule(top: 0.5, bottom: 0.5, minimumPopulation: 2)
    let sample = try Sample([
      .sample.with {
        $0.measure = "absent"
        $0.direction = .above
        $0.levels = .init(alarm: 50)
        $0.ranking = rule
      }
    ])
    try sample.send(
      .rate(0).with { $0.measures = "{\"expected\":20,\"absent\":7}" },
      .rate(0).with { $0.measures = "{\"expected\":20,\"absent\":2}" }.with { $0.id = "c2" })
    let entries = try #require(try sample.core.rankings().first).entries
    #expect(entries.map(\.id) == ["c2", "c1"] && entries.map(\.signal) == [.top, .bottom])
  }
}
