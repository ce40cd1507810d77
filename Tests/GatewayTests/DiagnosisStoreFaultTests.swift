import Diagnosis
import Foundation
import Glibc
import Testing

@testable import campus_gateway

extension EndToEnd {
  /// A diagnosis store that cannot be opened stops neither the gateway nor its intake.
  @Suite(.serialized) struct DiagnosisStoreFaultTests {
    enum Fault: String, CaseIterable {
      case damaged, isFolder

      /// Puts it in the place of the store.
      func put(at path: String) throws {
        switch self {
        case .damaged:
          try String(repeating: "no database ", count: 2_000).write(toFile: path, atomically: true, encoding: .utf8)
        case .isFolder:
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
      }
    }

    private struct StatusNumbers: Decodable {
      struct Outbox: Decodable { var destination: String, waiting, finals: Int }
      struct Running: Decodable { var diagnosisProblem: String? }
      var outbox: [Outbox]
      var gateway: Running?
    }

    private func status(_ deployment: Deployment) throws -> StatusNumbers {
      try deployment.command("status", "--json").expectGood().decoded()
    }

    @Test(arguments: Fault.allCases) func intakeGoesOnUntilTheStoreIsMended(fault: Fault) throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      let store = "\(deployment.data)/diagnosis.sqlite"
      try fault.put(at: store)
      try deployment.start()
      try deployment.waitForLog("the diagnosis store failed")
      let start = school.meetings[0].start
      try deployment.checkIn(try deployment.client(), seq: 1, [(1, start), (2, start)])
      try deployment.waitForAggregate("session/m1") { $0.final && $0.measures.present == 2 }
      let ill = try status(deployment)
      #expect(ill.gateway?.diagnosisProblem?.contains("diagnosis.sqlite") == true, "\(ill)")
      #expect(ill.outbox.map(\.destination) == ["embedded"] && ill.outbox.allSatisfy { $0.finals > 0 }, "\(ill)")
      let text = try deployment.command("status").expectGood().output
      #expect(text.contains("diagnosis       PROBLEM"), "\(text)")

      try FileManager.default.removeItem(atPath: store)
      deployment.process?.signal(SIGHUP)
      try deployment.waitForLog("the diagnosis store is open")
      #expect(try deployment.waitForWarning().value == 0.5)
      try eventually(within: 20, every: 0.1, "an empty outbox\n\(deployment.process?.log ?? "")") {
        try status(deployment).outbox.allSatisfy { $0.waiting == 0 }
      }
      #expect(try status(deployment).gateway?.diagnosisProblem == nil)
      #expect(try deployment.stop() == 0)
    }

    @Test func theStoreIsTriedAgainEveryThirtySeconds() throws {
      let folder = try TemporaryFolder()
      var configuration = Configuration()
      configuration.store.path = "\(folder.path)/gateway.sqlite"
      configuration.diagnosis.standards = try folder.write("standards.yaml", School.standards)
      try Fault.damaged.put(at: configuration.diagnosisStore)
      let logger = configuration.log.logger()
      let local = try LocalCore(configuration, logger: logger, opensLater: true, now: 1_000)
      #expect(local.problem != nil)
      #expect(throws: DiagnosisError.self) { try local.core }
      try FileManager.default.removeItem(atPath: configuration.diagnosisStore)
      local.openIfDue(now: 30_999)
      #expect(local.problem != nil)
      local.openIfDue(now: 31_000)
      #expect(local.problem == nil)
      #expect(try local.core.standards.all.count == 1)
      local.shutDown()
    }

    /// Alone, a core without a store has nothing to do.
    @Test func aCoreOfItsOwnRefusesToStart() throws {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      try Fault.damaged.put(at: "\(deployment.data)/diagnosis.sqlite")
      let result = try deployment.command("diagnosis", "--listen", "127.0.0.1:0")
      #expect(result.status == 3 && result.errors.contains("the diagnosis store failed"), "\(result)")
    }
  }
}
