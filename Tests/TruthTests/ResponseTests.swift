import Testing

@testable import campus_truth

@Suite struct ResponseTests {
  private func votes(_ scores: [Int], at time: String) throws -> [Aggregate] {
    let time = try at(time)
    return try Sample.truth(readings: scores.map { answer(1, $0, time, "main/kiosk") }).satisfaction()
  }

  @Test func votesAreCountedAtThePlaceAndAllItLiesIn() throws {
    let aggregates = try votes([1, 2, 3, 5, 5], at: "2026-09-07T12:07:30+08:00")
    for id in ["counter/taste", "canteen/taste", "campus/taste"] {
      let day = try aggregates.one("place", id, "day")
      #expect(day.count("count") == 5)
      #expect(day.fraction("mean") == 3.2)
      #expect(day.fraction("low_share") == 0.4)
      #expect(day.measures["histogram"] == .histogram([1: 1, 2: 1, 3: 1, 5: 2]))
    }
    // The counter names no unit of its own; the canteen's is responsible, and the school above it.
    #expect(try aggregates.one("unit", "kitchen/taste", "day").count("count") == 5)
    #expect(try aggregates.one("unit", "school/taste", "day").count("count") == 5)
    #expect(aggregates.filter { $0.key.grain == "5min" }.map(\.key.id) == ["counter/taste"])
    #expect(!aggregates.contains { $0.key.id == "col-1/taste" })
  }

  @Test func everyGrainHasItsWindow() throws {
    let aggregates = try votes([4], at: "2026-09-07T12:07:30+08:00")
    func of(_ grain: String) throws -> LocalCalendar.Window {
      try aggregates.one("place", "counter/taste", grain).key.window
    }
    #expect(try of("5min") == window("2026-09-07T12:05:00+08:00", "2026-09-07T12:10:00+08:00"))
    #expect(try of("meal") == window("2026-09-07T10:00:00+08:00", "2026-09-07T15:00:00+08:00"))
    #expect(try of("day") == window("2026-09-07T00:00:00+08:00", "2026-09-08T00:00:00+08:00"))
    #expect(try of("month") == window("2026-09-01T00:00:00+08:00", "2026-10-01T00:00:00+08:00"))
    #expect(try of("term") == window("2026-08-01T00:00:00+08:00", "2027-02-01T00:00:00+08:00"))
  }

  @Test(arguments: [
    ("04:59:59", nil), ("05:00:00", "05"), ("09:59:59", "05"), ("10:00:00", "10"), ("15:00:00", "15"),
    ("21:59:59", "15"), ("22:00:00", nil),
  ])
  func mealsAreThreeADay(clock: String, start: String?) throws {
    let meal = try votes([4], at: "2026-09-07T\(clock)+08:00").first {
      $0.key.grain == "meal" && $0.key.id == "canteen/taste"
    }
    #expect(try meal?.key.window.start == start.map { try at("2026-09-07T\($0):00:00+08:00") })
  }

  @Test func twoAngryVotesProveLittle() throws {
    // With everybody of n dissatisfied the bound is 1 / (1 + z² / n).
    let two = try votes([1, 1], at: "2026-09-07T12:00:00+08:00").one("place", "canteen/taste", "day")
    #expect(abs((two.fraction("lower_bound") ?? 0) - 1 / (1 + 2.705543454 / 2)) < 1e-9)
    let none = try votes([5, 5, 5], at: "2026-09-07T12:00:00+08:00").one("place", "canteen/taste", "day")
    #expect(try #require(none.fraction("lower_bound")) < 1e-12)
    let many = try votes(
      Array(repeating: 1, count: 50) + Array(repeating: 5, count: 50), at: "2026-09-07T12:00:00+08:00"
    ).one("place", "canteen/taste", "day")
    #expect(abs((many.fraction("lower_bound") ?? 0) - 0.4188) < 1e-4)
  }

  @Test(arguments: [(1, 5, 2), (1, 10, 4), (0, 100, 39), (-2, 2, -1), (3, 3, 2)])
  func theLowestTwoFifthsOfAScaleAreLow(least: Int, most: Int, highestLow: Int) {
    let survey = PlainCampus.Survey(placeKind: "canteen", dimension: "x", least: least, most: most)
    for score in least...most { #expect(Truth.Votes.isLow(score, survey) == (score <= highestLow)) }
  }

  @Test func whatIsOffTheScaleOrAskedByNobodyCountsNowhere() throws {
    let time = try at("2026-09-07T12:00:00+08:00")
    let readings = [
      answer(1, 0, time, "main/kiosk"), answer(1, 6, time, "main/kiosk"), answer(9, 3, time, "main/kiosk"),
      answer(1, 3, time, "main/stranger"),
    ]
    let truth = try Sample.truth(readings: readings)
    #expect(truth.satisfaction().isEmpty && truth.assessment().isEmpty)
  }

  @Test func testsBelongToTheMeetingThatIsOn() throws {
    let sessions = [
      "m1,c1,g1,t1,room-1,2026-08-31T08:30:00+08:00,2026-08-31T09:20:00+08:00",
      "m2,c2,g2,t1,room-1,2026-08-31T09:00:00+08:00,2026-08-31T10:00:00+08:00",
    ]
    let aggregates = try Sample.truth(
      sessions: sessions,
      readings: [
        answer(2, 59, try at("2026-08-31T08:30:00+08:00"), "main/a"),
        answer(2, 60, try at("2026-08-31T09:10:00+08:00"), "main/b"),
        answer(2, 90, try at("2026-08-31T09:20:00+08:00"), "main/a"),
        answer(2, 90, try at("2026-08-31T08:29:59+08:00"), "main/a"),
        answer(2, 90, try at("2026-08-31T08:40:00+08:00"), "main/c"),
      ]
    ).assessment()
    let first = try aggregates.one("session", "m1/test", "meeting")
    #expect(first.count("count") == 2)
    #expect(first.fraction("mean") == 59.5)
    #expect(first.fraction("pass_rate") == 0.5)
    #expect(try aggregates.one("session", "m2/test", "meeting").fraction("pass_rate") == 1)
    #expect(try aggregates.one("course", "c1/test", "month").count("count") == 2)
    // The answer in both meetings is one of their teacher's.
    #expect(try aggregates.one("teacher", "t1/test", "term").count("count") == 3)
    // Where nothing meets it is the room's.
    #expect(try aggregates.one("place", "room-1/test", "month").count("count") == 1)
    #expect(try aggregates.one("place", "room-2/test", "month").count("count") == 1)
    #expect(try aggregates.one("unit", "col-1/test", "month").count("count") == 2)
    #expect(try aggregates.one("unit", "school/test", "term").count("count") == 2)
    #expect(try Sample.truth(sessions: sessions, readings: []).satisfaction().isEmpty)
  }
}
