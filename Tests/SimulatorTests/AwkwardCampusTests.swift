import Campus
import Foundation
import Testing

@testable import campus_simulator

@Suite struct AwkwardCampusTests {
  private func campus(_ zone: CampusZone = .china) throws -> Campus {
    let path = try Samples.directory(awkward: true, zone: zone)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try Campus.loaded(path)
  }

  @Test func itHasWhatATidyOneHasNot() throws {
    let campus = try campus()
    let odd = campus.sessions.filter { $0.id.hasPrefix("odd-") }
    func members(_ group: String) -> Set<Int32> { Set(campus.enrolments.members(of: group)) }
    #expect(!members("g-elective-1").intersection(members("g-elective-2")).isEmpty)
    #expect(members("g-nobody").isEmpty && odd.contains { $0.groupID == "g-nobody" })
    #expect(odd.contains { LocalDay(at: $0.start) != LocalDay(at: $0.end) })
    let clashes = odd.filter { session in
      odd.contains { $0.id != session.id && $0.placeID == session.placeID && $0.start == session.start }
    }
    #expect(clashes.count == 2)
    #expect(campus.people.contains { $0.cards.count == 2 })
    #expect(campus.people.contains { $0.role == .student && $0.cards.isEmpty })
    #expect(odd.contains { session in !campus.devices.contains { $0.placeID == session.placeID } })
  }

  @Test func aSecondCardIsShownNowAndThen() throws {
    let planner = try Samples.planner(seed: 3, awkward: true)
    let shown = planner.readings(of: Samples.monday).filter { $0.card > 0 }
    #expect(!shown.isEmpty)
    for reading in shown {
      let cards = planner.campus.people[Int(reading.person)].cards
      #expect(planner.cards.withCard(reading.person, reading.card) { Array($0) } == cards[Int(reading.card)])
    }
  }

  @Test func aCampusMayLieInAnotherTimeZone() throws {
    let berlin = try CampusZone("Europe/Berlin")
    let sunday = try LocalDay("2026-10-25", zone: berlin)
    #expect(sunday.adding(1).start - sunday.start == 25 * 3_600_000)
    #expect(LocalDay.isoText(sunday.start, zone: berlin) == "2026-10-25T00:00:00+02:00")
    #expect(LocalDay.isoText(sunday.time(8 * 60 + 30), zone: berlin) == "2026-10-25T08:30:00+01:00")
    #expect(LocalDay(at: sunday.adding(1).start - 1, zone: berlin) == sunday)
    #expect(LocalDay(at: sunday.start - 1, zone: berlin) == sunday.adding(-1))
    #expect(throws: Failure.self) { try CampusZone("Berlin") }
    // The timetable is read as clocks show it there.
    let first = try #require(try campus(berlin).sessions.first)
    #expect(LocalDay.isoText(first.start, zone: berlin).hasSuffix("T08:30:00+02:00"))
  }
}
