import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// The diagnosis core in a process of its own.
  @Suite(.serialized) struct DiagnosisCommandTests {
    /// A core with a data folder of its own, and where it listens.
    private final class Core {
      let process: ChildProcess
      let configuration: String
      let url: String

      init(_ deployment: Deployment, secret: String, _ more: String...) throws {
        let folder = deployment.folder
        configuration = try folder.write(
          "core.yaml",
          """
          store: {path: "\(try folder.folder("core"))/gateway.sqlite"}
          diagnosis: {standards: "\(folder.path)/standards.yaml", secret_file: "\(folder.path)/\(secret)"}
          """)
        let process = try ChildProcess(
          Deployment.executable,
          ["diagnosis", "--config", configuration, "--listen", "127.0.0.1:0"] + more,
          output: "\(folder.path)/core.out", errors: "\(folder.path)/core.log")
        self.process = process
        var address: String?
        try eventually(within: 10, "the core listens:\n\(process.log)") {
          guard process.isRunning else { throw TimedOut(description: "the core ended: \(process.log)") }
          address = process.log.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("address=") }
            .map { String($0.dropFirst("address=".count)) }
          return address != nil
        }
        url = address ?? ""
      }

      deinit { process.end() }
    }

    private func gateway(with core: Core, in deployment: Deployment, secret: String) throws {
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_EMBEDDED"] = "false"
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_URL"] = core.url
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_SECRET_FILE"] = "\(deployment.folder.path)/\(secret)"
      try deployment.start()
      let start = School.over().meetings[0].start
      try deployment.checkIn(try deployment.client(), seq: 1, [(1, start)])
    }

    /// The core's own configuration: neither the gateway's environment nor its folder.
    private func ask(_ core: Core, _ deployment: Deployment, _ arguments: String...) throws -> CommandResult {
      let name = "\(deployment.folder.path)/\(UUID().uuidString)"
      let process = try ChildProcess(
        Deployment.executable, arguments + ["--config", core.configuration], output: "\(name).out",
        errors: "\(name).err")
      let status = try process.wait(within: 20)
      return CommandResult(arguments: arguments, status: status, output: text(of: process.output), errors: process.log)
    }

    private func waitForWarning(_ core: Core, _ deployment: Deployment) throws -> WarningLine {
      var found: WarningLine?
      try eventually(within: 20, every: 0.1, "a warning\n\(core.process.log)\n\(deployment.process?.log ?? "")") {
        let all: [WarningLine] = try ask(core, deployment, "warnings", "--json").expectGood().decoded()
        found = all.first
        return found != nil
      }
      return try #require(found)
    }

    @Test func aCoreOfItsOwnWarnsToo() throws {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      try deployment.folder.write("secret", "shared by both")
      let core = try Core(deployment, secret: "secret")
      try gateway(with: core, in: deployment, secret: "secret")
      let warning = try waitForWarning(core, deployment)
      #expect(warning.subject == "m1" && warning.urgency == "alarm")
      try ask(core, deployment, "warnings", "acknowledge", "\(warning.id)", "--by", "Wang").expectGood()
      #expect(try ask(core, deployment, "warnings", "list", "--state", "acknowledged").expectGood().lines.count == 2)
      let second = try ask(core, deployment, "diagnosis", "--listen", "127.0.0.1:0")
      #expect(second.status == 3 && second.errors.contains("another diagnosis core runs on"), "\(second)")
      core.process.signal(SIGTERM)
      #expect(try core.process.wait(within: 6) == 0)
      try ask(core, deployment, "warnings", "close", "\(warning.id)", "--note", "done").expectGood()
    }

    @Test func aBatchUnderAnotherSecretIsPutAside() throws {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      try deployment.folder.write("secret", "the core's")
      try deployment.folder.write("wrong", "another")
      let core = try Core(deployment, secret: "secret")
      try gateway(with: core, in: deployment, secret: "wrong")
      try eventually(within: 20, every: 0.1, "a batch put aside\n\(deployment.process?.log ?? "")") {
        try deployment.command("status").output.contains("PUT ASIDE")
      }
      try deployment.waitForLog("HTTP 401")
      #expect(try ask(core, deployment, "warnings").expectGood().output.contains("no warnings"))
    }

    private static let openssl = "/usr/bin/openssl"

    @Test(.enabled(if: access(EndToEnd.DiagnosisCommandTests.openssl, X_OK) == 0)) func batchesTravelOverTLS() throws {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      try deployment.folder.write("secret", "shared by both")
      let path = deployment.folder.path
      let made = try ChildProcess(
        DiagnosisCommandTests.openssl,
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
          "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", "\(path)/key.pem",
          "-out", "\(path)/certificate.pem",
        ], output: "\(path)/openssl.out", errors: "\(path)/openssl.log")
      #expect(try made.wait() == 0, "\(made.log)")
      let core = try Core(
        deployment, secret: "secret", "--certificate", "\(path)/certificate.pem", "--key", "\(path)/key.pem")
      #expect(core.url.hasPrefix("https://"))
      // An authority nobody named vouches for nothing.
      try gateway(with: core, in: deployment, secret: "secret")
      try deployment.waitForLog("aggregates wait")
      #expect(try deployment.stop() == 0)
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_CA"] = "\(path)/certificate.pem"
      try deployment.start()
      #expect(try waitForWarning(core, deployment).subject == "m1")
    }
  }
}
