import Testing

@testable import campus_truth

@Suite struct PassageTests {
  @Test func aGateCountsWhoGoesInAndOut() throws {
    let time = try at("2026-09-07T08:59:59+08:00")
    let aggregates = try Sample.truth(readings: [
      passing("01010101", time, "main/gate"), passing("01010101", time, "main/gate", "out"),
      passing("deadbeef", time, "main/gate", "unknown"), passing("deadbeef", time, "main/gate", granted: false),
      passing("01010101", time + 1_000, "main/gate"),
    ]).passage()
    let day = try aggregates.one("gate", "gate", "day")
    #expect(["in", "out", "unknown", "refused", "count"].map(day.count) == [2, 1, 1, 1, 5])
    let hours = aggregates.filter { $0.key.grain == "hour" }.sorted { $0.key.window.start < $1.key.window.start }
    #expect(hours.map { $0.count("count") } == [4, 1])
    #expect(try hours[0].key.window == window("2026-09-07T08:00:00+08:00", "2026-09-07T09:00:00+08:00"))
    #expect(aggregates.count(where: { $0.key.grain == "5min" }) == 2)
  }

  @Test(arguments: [
    ("2026-09-07T22:59:59", nil), ("2026-09-07T23:00:00", "2026-09-07"), ("2026-09-08T04:59:59", "2026-09-07"),
    ("2026-09-08T05:00:00", nil),
  ])
  func comingHomeIsLateFromTheCurfewToFive(clock: String, night: String?) throws {
    let aggregates = try Sample.truth(readings: [passing("01010101", try at(clock + "+08:00"), "main/door")]).passage()
    #expect(try aggregates.map(\.key.window.start) == (night.map { [try at($0 + "T12:00:00+08:00")] } ?? []))
    #expect(aggregates.allSatisfy { $0.key.scope == "dormitory" && $0.key.id == "home" && $0.key.grain == "day" })
  }

  @Test func peopleAreCountedOnceANight() throws {
    let time = try at("2026-09-07T23:30:00+08:00")
    let aggregates = try Sample.truth(readings: [
      passing("02020202", time, "main/door"), passing("0202aaaa", time + 7_200_000, "main/door"),
      passing("deadbeef", time, "main/door"), passing("feedfeed", time, "main/door"),
      passing("01010101", time, "main/door", "out"), passing("01010101", time, "main/door", granted: false),
      passing("01010101", time, "main/gate"),
    ]).passage()
    let night = try aggregates.one("dormitory", "home", "day")
    #expect(night.count("late_returns") == 4)
    #expect(night.count("people_late") == 3)
    #expect(try night.key.window == window("2026-09-07T12:00:00+08:00", "2026-09-08T12:00:00+08:00"))
  }

  @Test func aCurfewAfterMidnightLiesInTheSameNight() throws {
    let rules = try #require(Rules(lateAfterMinutes: 10, curfew: "00:30"))
    let readings = try ["2026-09-07T23:30:00", "2026-09-08T00:29:59", "2026-09-08T00:30:00"].map {
      passing("01010101", try at($0 + "+08:00"), "main/door")
    }
    let aggregates = try Sample.truth(readings: readings, rules: rules).passage()
    #expect(try aggregates.one("dormitory", "home", "day").count("late_returns") == 1)
    #expect(Rules(lateAfterMinutes: 10, curfew: "24:00") == nil)
  }
}
