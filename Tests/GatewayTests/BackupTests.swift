import Foundation
import Testing

@testable import campus_gateway

extension EndToEnd {
  /// A backup, and what is made of it on another machine.
  @Suite(.serialized) struct BackupTests {
    @Test func theSecondFileStandsBesideTheFirst() {
      #expect(Backup.diagnosisFile(beside: "/srv/day.sqlite") == "/srv/day.diagnosis.sqlite")
      #expect(Backup.diagnosisFile(beside: "day") == "day.diagnosis")
      #expect(Backup.diagnosisFile(beside: "/srv/2026.9/day") == "/srv/2026.9/day.diagnosis")
    }

    @Test func aPlaceThatCannotHoldTheCopyIsNamed() throws {
      let deployment = try Deployment()
      let absent = try deployment.command("backup", "/nope/day.sqlite")
      #expect(absent.status == 3 && absent.errors.contains("/nope: No such file"), "\(absent)")
      #expect(!absent.errors.contains("intake"), "the store is not at fault")
      #expect(try deployment.command("backup", "").status == 2)
      #expect(try deployment.command("backup", "\(deployment.folder.path)/").status == 2)
    }

    @Test func readingsAndWarningsComeBack() throws {
      struct Report: Decodable { var bytes: Int, diagnosisFile: String?, diagnosisBytes: Int? }
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      try deployment.checkIn(
        try deployment.client(), seq: 1, [(1, school.meetings[0].start), (2, school.meetings[0].start)])
      let warning = try deployment.waitForWarning()
      let aside = try deployment.folder.folder("aside")
      let report: Report = try deployment.command("backup", "\(aside)/day.sqlite", "--json").expectGood().decoded()
      #expect(report.bytes > 0 && report.diagnosisFile == "\(aside)/day.diagnosis.sqlite")
      #expect(report.diagnosisBytes ?? 0 > 0)
      try FileManager.default.removeItem(atPath: "\(aside)/day.sqlite")
      let again = try deployment.command("backup", "\(aside)/day.sqlite")
      #expect(again.status == 3 && again.errors.contains("day.diagnosis.sqlite exists"), "\(again)")
      try FileManager.default.removeItem(atPath: "\(aside)/day.diagnosis.sqlite")
      try deployment.command("backup", "\(aside)/day.sqlite").expectGood()
      #expect(try deployment.stop() == 0)

      // As the README says it: both files under their names, the master key from its own place.
      let restored = try deployment.folder.folder("restored")
      let manager = FileManager.default
      try manager.copyItem(atPath: "\(aside)/day.sqlite", toPath: "\(restored)/gateway.sqlite")
      try manager.copyItem(atPath: "\(aside)/day.diagnosis.sqlite", toPath: "\(restored)/diagnosis.sqlite")
      deployment.environment["CAMPUS_GATEWAY_STORE_PATH"] = "\(restored)/gateway.sqlite"
      #expect(try deployment.audit().balanced)
      #expect(try deployment.waitForWarning().id == warning.id)
      try deployment.start()
      #expect(try deployment.waitForWarning().state == "raised")
      #expect(try deployment.stop() == 0)
      #expect(try deployment.audit().stored == 1)
    }
  }
}
