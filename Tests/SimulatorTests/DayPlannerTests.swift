import Campus
import Testing

@testable import campus_simulator

@Suite struct DayPlannerTests {
  @Test func theSameSeedLivesTheSameDay() throws {
    let first = try Samples.planner(seed: 3).readings(of: Samples.monday)
    let second = try Samples.planner(seed: 3).readings(of: Samples.monday)
    #expect(first == second)
    #expect(first != (try Samples.planner(seed: 4).readings(of: Samples.monday)))
  }

  @Test func aDayHasEveryKindInOrderOfTime() throws {
    let readings = try Samples.planner(seed: 3).readings(of: Samples.monday)
    #expect(Set(readings.map(\.kind)).count == 5)
    #expect(zip(readings, readings.dropFirst()).allSatisfy { $0.time <= $1.time })
  }

  @Test func checkInsCountForTheMeetingTheyWereMadeFor() throws {
    let planner = try Samples.planner(seed: 3)
    let windows = (planner.sessions[Samples.monday.number] ?? []).map { planner.campus.sessions[$0] }
    for reading in planner.readings(of: Samples.monday) where reading.kind == .checkin {
      let name = planner.devices[Int(reading.device)].name
      let place = planner.campus.device(site: name.site, device: name.device)?.placeID
      #expect(
        windows.contains { session in
          session.placeID == place && session.start - 15 * 60_000 <= reading.time && reading.time < session.end
            && planner.campus.enrolments.members(of: session.groupID).contains(reading.person)
        })
    }
  }

  @Test func scoresStayOnTheirScale() throws {
    let planner = try Samples.planner(seed: 3)
    for reading in planner.readings(of: Samples.monday) where reading.kind == .response {
      let item = try #require(planner.campus.survey(item: reading.item))
      #expect(item.scores.contains(reading.score))
    }
  }

  @Test func theFirstBusyDayIsTheFirstWithAFullTimetable() throws {
    let planner = try Samples.planner(seed: 3)
    let day = try #require(planner.firstBusyDay)
    #expect(day == Samples.monday)
    #expect(planner.morning(of: day) == day.time(8 * 60 + 10))
  }
}
