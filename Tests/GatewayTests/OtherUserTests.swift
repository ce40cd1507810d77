import Foundation
import Glibc
import Testing

/// Nobody, in the group that owns the files.
enum OtherUser {
  static let options = ["--reuid=65534", "--regid=0", "--clear-groups"]

  /// Whether this process may take that user's name, and that user may run the gateway's program.
  static let isPermitted: Bool = {
    guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
    let help = try? ChildProcess(
      "setpriv", options + [Deployment.executable, "--help"], output: "\(folder.path)/out",
      errors: "\(folder.path)/err")
    let status = try? help?.wait()
    withExtendedLifetime(folder) {}
    return status == 0
  }()
}

extension EndToEnd {
  /// What a user sees who may read the data folder and write nothing.
  @Suite(.serialized, .enabled(if: OtherUser.isPermitted, "another user's name takes root and setpriv"))
  struct OtherUserTests {
    /// As in `status --json`.
    private struct Status: Decodable {
      struct Gateway: Decodable { var online: Bool }
      var running: Bool
      var gateway: Gateway?
    }

    private func run(_ arguments: [String], _ deployment: Deployment) throws -> CommandResult {
      let name = "\(deployment.folder.path)/other"
      try #require(chmod(deployment.configuration, 0o644) == 0)
      let process = try ChildProcess(
        "setpriv", OtherUser.options + [Deployment.executable] + arguments + ["--config", deployment.configuration],
        output: "\(name).out", errors: "\(name).err")
      let status = try process.wait(within: 30)
      return CommandResult(arguments: arguments, status: status, output: text(of: process.output), errors: process.log)
    }

    @Test func aGatewayThatMayNotBeAskedRunsAllTheSame() throws {
      let deployment = try Deployment()
      try deployment.start()
      let told = try run(["status"], deployment)
      #expect(told.status == 3 && !told.output.contains("not running"), "\(told)")
      #expect(told.errors.contains("the gateway's user"), "\(told)")
      let result = try run(["status", "--json"], deployment)
      let status: Status = try result.decoded()
      #expect(result.status == 3 && status.running && status.gateway == nil, "\(result)")
      deployment.kill()
      // The socket is still there, the lock is not.
      let after: Status = try run(["status", "--json"], deployment).decoded()
      #expect(!after.running)
    }

    @Test func aStoppedStoreIsReadWithoutWritingBesideIt() throws {
      let deployment = try Deployment()
      try deployment.start()
      let device = deployment.devices[0]
      let client = try deployment.client()
      try client.publish(device.topic("up"), device.message(seq: 1))
      try deployment.waitForMessages(1)
      #expect(try deployment.stop() == 0)
      let copies = try deployment.folder.folder("copies")
      #expect(chmod(copies, 0o777) == 0)
      for command in [
        ["audit"], ["gaps"], ["quarantine", "list"], ["devices", "list"], ["aggregates"], ["warnings"], ["rankings"],
        ["export"], ["backup", "\(copies)/copy.sqlite"],
      ] {
        let result = try run(command, deployment)
        #expect(result.status == 0, "\(result)")
      }
      let result = try run(["status"], deployment)
      #expect(result.status == 1 && result.output.contains("not running"), "\(result)")
    }
  }
}
