import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// From what a terminal published to what `aggregates` prints.
  @Suite(.serialized) struct AggregatesCommandTests {
    @Test func aMeetingIsCountedFromWhatItsTerminalSent() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      let start = school.meetings[0].start
      try deployment.checkIn(
        try deployment.client(), seq: 1,
        [
          (1, start - 15 * 60_000), (2, start + 10 * 60_000), (3, start + 10 * 60_000 + 1), (0, start + 60_000),
          (1, start + 20 * 60_000), (4, start - 15 * 60_000 - 1),
        ])
      let row = try deployment.waitForAggregate("session/m1") { $0.final && $0.measures.unknown == 1 }
      #expect(row.aggregate == "attendance" && row.grain == "meeting")
      #expect(row.window == .init(start: start, end: school.meetings[0].end))
      #expect(row.completeness == .init(devicesExpected: 1, devicesHeard: 1))
      #expect(row.measures == .init(expected: 4, present: 2, late: 1, absent: 1, unknown: 1, rate: 0.75))

      for key in ["course/c1/day", "teacher/t1/week", "programme/programme-1", "college-1", "school/school/month"] {
        try deployment.waitForAggregate(key) { $0.measures.present == 2 && $0.measures.absent == 1 }
      }
      let absent = try deployment.waitForAggregate("student/s4/day") { $0.measures.expected == 1 }
      #expect(absent.measures.absent == 1)

      #expect(try deployment.aggregates("--kind", "passage").isEmpty)
      #expect(try deployment.aggregates("--scope", "session").count == 1)
      #expect(try deployment.aggregates("--scope", "session", "--from", "\(start)").count == 1)
      #expect(try deployment.aggregates("--scope", "session", "--to", "\(start)").isEmpty)
      #expect(try deployment.command("aggregates", "--kind", "attendence").status == 2)
      let lines = try deployment.command("aggregates", "--key", "m1").expectGood().lines
      #expect(lines.count == 2 && lines[1].contains("1/1"), "\(lines)")
      #expect(try deployment.stop() == 0)
      #expect(try deployment.aggregates("--key", "session/m1") == [row], "also while no gateway runs")
    }

    private struct StatusNumbers: Decodable {
      struct Outbox: Decodable { var destination: String, waiting, putAside: Int }
      var campusVersion: Int?
      var lag: [String: Int]
      var outbox: [Outbox]
    }

    private func status(_ deployment: Deployment) throws -> StatusNumbers {
      try deployment.command("status", "--json").expectGood().decoded()
    }

    @Test func aChangedCampusIsANewVersionAndAnUnchangedOneIsNot() throws {
      let deployment = try Deployment()
      var school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      let first = try #require(try status(deployment).campusVersion)
      deployment.process?.signal(SIGHUP)
      try deployment.waitForLog("reloaded")
      #expect(try status(deployment).campusVersion == first)

      school.students = 6
      school.meetings.append(.init(id: "m2", start: School.hoursAgo(2)))
      try deployment.enrol(school)
      deployment.process?.signal(SIGHUP)
      try deployment.waitForAggregate("session/m2") { $0.measures.expected == 6 }
      #expect(try status(deployment).campusVersion == first + 1)
      #expect(try deployment.aggregates("--key", "session/m1").first?.measures.expected == 4, "final keeps its roster")

      try deployment.folder.write("campus/people.csv", "person_id\n")
      deployment.process?.signal(SIGHUP)
      try deployment.waitForLog("not reloaded")
      #expect(try status(deployment).campusVersion == first + 1, "a broken campus is no version")
    }

    @Test func statusTellsHowFarTheFoldAndTheRelayAre() throws {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      try deployment.start()
      try deployment.checkIn(try deployment.client(), seq: 1, [(1, School.hoursAgo(3))])
      var last: StatusNumbers?
      try eventually(within: 20, "everything delivered: \(String(describing: last))") {
        let now = try status(deployment)
        last = now
        return now.lag["aggregation"] == 0 && now.outbox.map(\.waiting) == [0]
          && now.outbox.map(\.destination) == ["embedded"]
      }
      let text = try deployment.command("status").expectGood().output
      #expect(text.contains("outbox") && text.contains("embedded") && text.contains("campus"), "\(text)")
    }
  }
}
