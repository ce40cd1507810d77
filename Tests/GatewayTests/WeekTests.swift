import Testing

extension EndToEnd {
  /// Whole simulated weeks, and every aggregate of them computed once more by a program that shares no code.
  @Suite(.serialized) struct WeekTests {
    /// What goes wrong in the week that begins with `monday`, by the clock of its zone.
    private func scenario(_ monday: Int, _ month: String, _ offset: String) -> String {
      func time(_ day: Int, _ clock: String) -> String {
        "\(month)-\(monday + day < 10 ? "0" : "")\(monday + day)T\(clock):00\(offset)"
      }
      return """
        absent,class-1-1,\(time(2, "00:00")),,0.6
        late,class-2-1,,,9
        guests,campus,,,2
        downhill,canteen-1,\(time(1, "00:00")),,0.12
        dead,main/term-0006,\(time(2, "10:00")),,
        dead,main/term-0007,\(time(0, "09:00")),\(time(0, "15:00")),
        offline,main/term-0005,\(time(0, "08:00")),\(time(0, "13:30")),
        offline,main/term-0008,\(time(1, "08:00")),\(time(4, "09:00")),
        offline,main/kiosk-0003,\(time(3, "11:00")),\(time(4, "11:00")),
        offline,main/reader-0001,\(time(5, "22:00")),\(time(6, "10:00")),

        """
    }

    private func live(
      zone: String, start: String, scenario: String, seed: UInt64, speed: Int, kills: Int = 0, _ more: String = ""
    ) throws -> String {
      let week = try WeekRun(zone: zone, monday: start, seed: seed)
      try week.startGateway()
      try week.startSimulator(
        seed: seed, speed: speed, scenario: scenario + more, "--duplicates", "0.1", "--reorder", "0.1",
        "--lost-receipts", "0.02", "--forged", "0.02")
      var dice = SeededGenerator(seed: seed)
      var atWork = 0
      for round in 0..<kills {
        // Every other gateway is given the time to get to work, however slow the machine.
        if round % 2 == 0 { waitAtMost(5) { week.isOnline || !week.isLiving } }
        pause(Double.random(in: 0.1...0.6, using: &dice))
        if week.isOnline && week.isLiving { atWork += 1 }
        week.killGateway()
        try week.startGateway(waits: false)
      }
      #expect(atWork >= kills / 5, "too few kills hit a gateway at work: \(atWork) of \(kills)")
      try week.finishSimulator()
      let truth = try week.waitForTruth()
      #expect(try week.stopGateway() == 0)
      return truth
    }

    @Test func aWeekWithEverythingThatGoesWrongIsCountedTruly() throws {
      let said = try live(
        zone: "Asia/Shanghai", start: "2025-10-20T00:00:00+08:00", scenario: scenario(20, "2025-10", "+08:00"),
        seed: 11, speed: 40_000)
      print(said)
      for aggregate in ["attendance", "satisfaction", "passage", "assessment", "incident", "device"] {
        #expect(said.contains(" \(aggregate)"), "nothing to compare: \(said)")
      }
    }

    /// Sunday of that week has 25 hours, and a meeting lasts through the change.
    @Test func aWeekOfAClockChangeIsCountedTruly() throws {
      print(
        try live(
          zone: "Europe/Berlin", start: "2025-10-20T00:00:00+02:00", scenario: scenario(20, "2025-10", "+02:00"),
          seed: 12, speed: 40_000))
    }

    /// A year ahead, 1970, twenty minutes slow: their times are corrected or not, and nobody else's windows move.
    @Test func wildClocksMoveNobodyElsesWindows() throws {
      print(
        try live(
          zone: "Asia/Shanghai", start: "2025-10-20T00:00:00+08:00", scenario: scenario(20, "2025-10", "+08:00"),
          seed: 13, speed: 40_000,
          "clock,main/term-0008,,,year-ahead\nclock,main/reader-0009,,,in-1970\nclock,main/kiosk-0004,,,slow\n"))
    }

    /// Every meeting of the past week is final at once: its roster stays, whatever comes into force and however late
    /// its check-ins come.
    @Test func aReloadInTheMiddleOfTheWeekChangesNoFinalRoster() throws {
      let week = try WeekRun(zone: "Asia/Shanghai", monday: "2025-10-20T00:00:00+08:00", seed: 16)
      try week.startGateway()
      try week.startSimulator(
        seed: 16, speed: 40_000, scenario: scenario(20, "2025-10", "+08:00"), "--duplicates", "0.1", "--reorder", "0.1")
      pause(6)
      #expect(week.isLiving)
      try week.reloadCampus([
        "enrolments.csv": WeekRun.otherMembers,
        "sessions.csv": WeekRun.anotherMeeting(
          "night-1", from: "2025-10-22T02:00:00+08:00", to: "2025-10-22T03:00:00+08:00"),
      ])
      try week.finishSimulator()
      print(try week.waitForTruth())
      #expect(try week.stopGateway() == 0)
    }

    /// A day's timetable comes when the week is over: its meetings are counted from the rows that are stored.
    @Test func aTimetableThatComesLateIsCountedTruly() throws {
      let week = try WeekRun(zone: "Asia/Shanghai", monday: "2025-10-20T00:00:00+08:00", seed: 17)
      try week.hideFromGateway(["sessions.csv": WeekRun.withoutMeetings(of: "2025-10-22")])
      try week.startGateway()
      try week.startSimulator(
        seed: 17, speed: 40_000, scenario: scenario(20, "2025-10", "+08:00"), "--duplicates", "0.1", "--reorder", "0.1")
      try week.finishSimulator()
      let before = try week.waitForTruth()
      try week.reloadCampus(["enrolments.csv": WeekRun.otherMembers])
      let after = try week.waitForTruth()
      #expect(before != after, "more meetings are compared")
      print(after)
      #expect(try week.stopGateway() == 0)
    }

    /// The core, a process of its own, is killed while it accepts: the relay cannot know what it had accepted.
    @Test func fiftyKillsOfTheCoreLoseNoFinal() throws {
      var dice = SeededGenerator.announced("fifty kills of the core")
      let seed = UInt64.random(in: 1...9_999, using: &dice)
      let week = try WeekRun(
        zone: "Asia/Shanghai", monday: "2025-10-20T00:00:00+08:00", seed: seed, hasCore: true)
      try week.startCore(waits: true)
      try week.startGateway()
      try week.startSimulator(
        seed: seed, speed: 10_000, scenario: scenario(20, "2025-10", "+08:00"), "--duplicates", "0.1",
        "--reorder", "0.1", "--lost-receipts", "0.02")
      var atWork = 0
      for round in 0..<50 {
        let before = try week.acceptedRevisions()
        // Every other core is given the time to accept something, however slow the machine.
        if round % 2 == 0 { waitAtMost(3) { ((try? week.acceptedRevisions()) ?? before) > before } }
        pause(Double.random(in: 0.05...0.8, using: &dice))
        if try week.acceptedRevisions() > before { atWork += 1 }
        week.killCore()
        try week.startCore(waits: true)
      }
      try week.finishSimulator()
      print(try week.waitForTruth())
      try week.waitForEmptyOutbox()
      #expect(try week.stopGateway() == 0)
      #expect(try week.stopCore() == 0)
      let comparison = try week.compareWithCore()
      print("\(atWork) of 50 kills while it accepted; \(comparison)")
      #expect(atWork >= 10, "too few kills hit a core at work")
      #expect(comparison.differences == [] && comparison.finals > 500, "\(comparison)")
    }

    @Test func fiftyKillsCountNothingTwice() throws {
      print(
        try live(
          zone: "Asia/Shanghai", start: "2025-10-20T00:00:00+08:00", scenario: scenario(20, "2025-10", "+08:00"),
          seed: 14, speed: 20_000, kills: 50))
    }
  }
}
