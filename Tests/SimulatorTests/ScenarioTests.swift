import Campus
import Testing

@testable import campus_simulator

@Suite struct ScenarioTests {
  private static let header = "what,target,from,to,value\n"

  private func planner(_ rows: String, seed: UInt64 = 3, awkward: Bool = false) throws -> DayPlanner {
    let usual = try Samples.planner(seed: seed, awkward: awkward)
    let scenario = try Scenario(Array((Self.header + rows).utf8), named: "s.csv", usual.campus, usual.devices)
    return DayPlanner(
      seed: seed, campus: usual.campus, devices: usual.devices, cards: usual.cards, scenario: scenario)
  }

  private func checkIns(_ planner: DayPlanner, of unit: String, on day: LocalDay = Samples.monday) -> Int {
    planner.readings(of: day).count { reading in
      guard reading.kind == .checkin, reading.person >= 0 else { return false }
      let own = planner.campus.people[Int(reading.person)].unitID ?? ""
      return planner.campus.path(ofUnit: own).contains { $0.id == unit }
    }
  }

  @Test func aBadClassStaysAwayAndOthersDoNot() throws {
    let usual = try Samples.planner(seed: 3)
    let bad = try planner("absent,class-1-1,,,1\n")
    #expect(checkIns(usual, of: "class-1-1") > 0)
    #expect(checkIns(bad, of: "class-1-1") == 0)
    #expect(checkIns(bad, of: "col-2") == checkIns(usual, of: "col-2"))
    let later = try planner("absent,class-1-1,2026-09-08T00:00:00+08:00,,1\n")
    #expect(later.readings(of: Samples.monday) == usual.readings(of: Samples.monday))
    #expect(checkIns(later, of: "class-1-1", on: Samples.monday.adding(1)) == 0)
  }

  @Test func peopleAreLateByWhatTheScenarioSays() throws {
    let usual = try Samples.planner(seed: 3)
    let delayed = try planner("late,school,,,20\n")
    func lates(_ planner: DayPlanner) -> Int {
      planner.readings(of: Samples.monday).count { reading in
        reading.kind == .checkin
          && planner.campus.sessions.contains { session in
            session.start + 10 * 60_000 < reading.time && reading.time < session.end
              && planner.campus.enrolments.members(of: session.groupID).contains(reading.person)
          }
      }
    }
    #expect(lates(delayed) > 5 * lates(usual))
  }

  @Test func aDeadReaderTakesNothingFromThenOn() throws {
    let noon = Samples.monday.time(12 * 60)
    let usual = try Samples.planner(seed: 3)
    let terminal = try #require(usual.devices.firstIndex { $0.role == .terminal })
    let name = usual.devices[terminal].name
    let dead = try planner("dead,\(name),\(LocalDay.isoText(noon)),,\n")
    let before = usual.readings(of: Samples.monday).filter { $0.device != terminal || $0.time < noon }
    #expect(dead.readings(of: Samples.monday) == before)
    #expect(before.contains { $0.device == terminal })
    #expect(!dead.readings(of: Samples.monday.adding(1)).contains { $0.device == terminal })
  }

  @Test func aCanteenGoesDownhillDayByDay() throws {
    let planner = try planner("downhill,canteen-1,2026-09-07T00:00:00+08:00,,0.12\n")
    let place = try #require(planner.campus.places.firstIndex { $0.id == "canteen-1" })
    let declines = (0..<3).map { planner.scenario.decline(of: place, on: Samples.monday.adding($0)) }
    #expect(declines.map { Int(($0 * 100).rounded()) } == [12, 24, 36])
    #expect(planner.scenario.decline(of: place, on: Samples.monday.adding(-1)) == 0)
    func mean(_ day: LocalDay) -> Double {
      let kiosks = Set(planner.map.kiosks.filter { $0.place == place }.map(\.device))
      let scores = planner.readings(of: day).filter { $0.kind == .response && kiosks.contains($0.device) }.map(\.score)
      return Double(scores.reduce(0, +)) / Double(max(1, scores.count))
    }
    #expect(mean(Samples.monday) - mean(Samples.monday.adding(3)) > 0.8)
  }

  @Test func guestsShowCardsOfNobodyEnrolled() throws {
    let usual = try Samples.planner(seed: 3)
    let guests = try planner("guests,campus,,,4\n")
    let meetings = guests.sessions[Samples.monday.number]?.count ?? 0
    let before = usual.readings(of: Samples.monday).count { $0.kind == .checkin }
    let after = guests.readings(of: Samples.monday).filter { $0.kind == .checkin }
    #expect(after.count == before + 4 * meetings)
    #expect(after.count { $0.person < 0 } == 2 * meetings)
  }

  @Test func anOfflineDeviceKeepsSilentInItsTime() throws {
    let planner = try planner(
      "offline,main/reader-0001,2026-09-07T10:00:00+08:00,2026-09-07T12:00:00+08:00,\nclock,canteen-1,,,in-1970\n")
    let span = Scenario.Span(from: Samples.monday.time(600), until: Samples.monday.time(720))
    #expect(planner.scenario.silences(of: 0) == [span])
    #expect(planner.scenario.silences(of: 1).isEmpty)
    #expect(!planner.scenario.clocks.isEmpty && planner.scenario.clocks.values.allSatisfy { $0 == .in1970 })
    // Nothing is lost by it.
    #expect(planner.readings(of: Samples.monday) == (try Samples.planner(seed: 3).readings(of: Samples.monday)))
  }

  @Test func everyFaultIsFoundWithItsLine() throws {
    let rows = """
      absent,class-1-1,,,1.5
      sleepy,class-1-1,,,1
      dead,main/nobody,,,
      guests,nowhere,,,2
      offline,main/reader-0001,2026-09-07T10:00:00+08:00,2026-09-07T09:00:00+08:00,
      offline,main/reader-0001,today,,
      clock,main/reader-0001,,,backwards
      clock,main/reader-0001,2026-09-07T10:00:00+08:00,,slow
      absent,nobody,,,1
      """
    do {
      _ = try planner(rows)
      Issue.record("the scenario was taken")
    } catch Failure.campus(let text) {
      let lines = text.split(separator: "\n").map { $0.split(separator: ":")[1] }
      #expect(lines == ["2", "3", "4", "5", "6", "7", "8", "9", "10"])
    }
  }
}
