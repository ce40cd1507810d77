import Foundation
import Glibc
import Testing

/// `warnings … --json`.
struct WarningLine: Decodable {
  struct Step: Decodable { var kind, by: String, note: String? }
  var id: Int
  var standard, urgency, state, subject, unit: String
  var value: Double
  var steps: [Step]
}

extension Deployment {
  /// Waits for the warning about a meeting.
  func waitForWarning(_ subject: String = "m1", _ more: String...) throws -> WarningLine {
    var found: WarningLine?
    try eventually(within: 20, every: 0.1, "a warning about \(subject)\n\(process?.log ?? "")") {
      let result = try run(["warnings", "list", "--json"] + more)
      guard result.status == 0 else { return false }
      let all: [WarningLine] = try result.decoded()
      found = all.first { $0.subject == subject }
      return found != nil
    }
    guard let found else { throw TimedOut(description: "no warning about \(subject)") }
    return found
  }
}

extension EndToEnd {
  /// A badly attended meeting becomes a warning, and people take it through its life.
  @Suite(.serialized) struct WarningsCommandTests {
    private func badMeeting() throws -> Deployment {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      try deployment.checkIn(
        try deployment.client(), seq: 1, [(1, school.meetings[0].start), (2, school.meetings[0].start)])
      return deployment
    }

    @Test func aWarningIsRaisedAndTakenThroughItsLife() throws {
      let deployment = try badMeeting()
      let raised = try deployment.waitForWarning()
      #expect(raised.state == "raised" && raised.urgency == "warning" && raised.value == 0.5)
      #expect(raised.standard == "meeting-attendance" && raised.unit == "office")
      try deployment.waitForLog("warning raised")

      let id = "\(raised.id)"
      let acknowledged: WarningLine = try deployment.command(
        "warnings", "acknowledge", id, "--by", "Li", "--note", "seen", "--json"
      ).expectGood().decoded()
      #expect(acknowledged.state == "acknowledged")
      #expect(acknowledged.steps.contains { $0.by == "Li" && $0.note == "seen" })
      let again = try deployment.command("warnings", "acknowledge", id)
      #expect(again.status == 1 && !again.errors.isEmpty, "\(again)")
      let improving = try deployment.command("warnings", "improve", id, "--measure", "talk with the class")
        .expectGood()
      #expect(improving.output.contains("improving"), "\(improving)")
      #expect(improving.output.contains("talk with the class"), "\(improving)")

      // Without a gateway the same commands hold the lock themselves.
      #expect(try deployment.stop() == 0)
      #expect(try deployment.command("warnings", "close", id).status == 1, "a note must say why")
      let closed: WarningLine = try deployment.command("warnings", "close", id, "--note", "holiday", "--json")
        .expectGood().decoded()
      #expect(closed.state == "closed")
      #expect(try deployment.command("warnings", "list").expectGood().output.contains("no warnings"))
      #expect(try deployment.command("warnings", "list", "--all").expectGood().lines.count == 2)
      #expect(try deployment.command("warnings", "show", id).expectGood().output.contains("holiday"))
    }

    @Test func everyWarningsCommandSaysHowItEnded() throws {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      for command in [["list"], ["show", "1"], ["acknowledge", "1"], ["close", "1", "--note", "x"]] {
        let result = try deployment.run(["warnings"] + command)
        #expect(result.status == 3 && result.errors.contains("no diagnosis store"), "\(result)")
      }
      #expect(try deployment.command("rankings").status == 3)
      #expect(!FileManager.default.fileExists(atPath: "\(deployment.data)/diagnosis.sqlite"), "reading makes no store")
      for command in [["show"], ["improve", "1"], ["list", "--state", "open"], ["list", "--level", "high"]] {
        #expect(try deployment.run(["warnings"] + command).status == 2, "\(command)")
      }
      for command in [["warnings"], ["warnings", "improve"], ["rankings"], ["aggregates"], ["diagnosis"]] {
        #expect(try deployment.run(command + ["--help"]).output.contains("USAGE"))
        #expect(try deployment.run(command + ["--no-such-option"]).status == 2)
      }
      try deployment.start()
      #expect(try deployment.command("warnings").expectGood().output.contains("no warnings"))
      for command in [["show", "7"], ["acknowledge", "7"], ["close", "7", "--note", "x"]] {
        let result = try deployment.run(["warnings"] + command)
        #expect(result.status == 1 && result.errors.contains("no warning 7"), "\(result)")
      }
    }

    @Test func faultyStandardsAreToldWithTheirLine() throws {
      let deployment = try badMeeting()
      _ = try deployment.waitForWarning()
      let faulty = School.standards.replacingOccurrences(of: "measure: rate", with: "measure: rat")
      try deployment.folder.write("standards.yaml", faulty)
      let line = (faulty.components(separatedBy: "\n").firstIndex { $0.contains("measure: rat") } ?? 0) + 1
      let check = try deployment.command("check")
      #expect(check.status == 1 && check.output.contains("standards.yaml:\(line): "), "\(check)")
      deployment.process?.signal(SIGHUP)
      try deployment.waitForLog("standards.yaml:\(line): ")
      try deployment.waitForLog("the old standards stay in force")
      #expect(try deployment.stop() == 0)
      let run = try deployment.command("run")
      #expect(run.status == 3 && run.errors.contains("standards.yaml:\(line): "), "\(run)")
      try deployment.folder.write("standards.yaml", School.standards)
      #expect(try deployment.command("check").expectGood().output.contains("1 standard"))
    }

    @Test func rankingsArePrinted() throws {
      let deployment = try Deployment()
      var school = School.over()
      school.meetings.append(.init(id: "m2", start: school.meetings[0].start))
      try deployment.enrol(school)
      try deployment.start()
      try deployment.checkIn(try deployment.client(), seq: 1, [(1, school.meetings[0].start)])
      for meeting in ["m1", "m2"] { _ = try deployment.waitForWarning(meeting) }
      let result = try deployment.command("rankings").expectGood()
      #expect(result.output.contains("m1") && result.output.contains("m2"), "\(result)")
      let json = try deployment.command("rankings", "--json").expectGood()
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json.output.utf8)) }
      #expect(try deployment.command("rankings", "--standard", "unheard-of").status == 1)
    }
  }
}
