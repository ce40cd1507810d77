import Foundation
import Testing

extension EndToEnd {
  /// 0 good, 1 the thing asked about is not good, 2 usage, 3 cannot run.
  @Suite(.serialized) struct ExitStatusTests {
    static let commands: [[String]] = [
      ["run"], ["check"], ["status"], ["audit"], ["devices", "list"], ["devices", "silent"],
      ["keys", "new"], ["keys", "import"], ["keys", "rotate"], ["keys", "revoke"], ["export"],
      ["quarantine", "list"], ["quarantine", "show"], ["quarantine", "replay"], ["quarantine", "discard"],
      ["rejections", "list"], ["gaps"], ["backup"], ["doctor"],
    ]

    /// Without `--config`, which `--help` and wrong usage must not need.
    private func run(_ arguments: [String], in folder: TemporaryFolder) throws -> CommandResult {
      let process = try ChildProcess(
        Deployment.executable, arguments, output: "\(folder.path)/out", errors: "\(folder.path)/err")
      let status = try process.wait()
      return CommandResult(arguments: arguments, status: status, output: text(of: process.output), errors: process.log)
    }

    @Test func helpIsGoodAndUnknownOptionsAreUsage() throws {
      let folder = try TemporaryFolder()
      let help = try run(["--help"], in: folder)
      #expect(help.status == 0 && help.output.contains("USAGE"))
      for command in Self.commands {
        let help = try run(command + ["--help"], in: folder)
        #expect(help.status == 0 && help.output.contains("USAGE"), "\(help)")
        let unknown = try run(command + ["--no-such-option"], in: folder)
        #expect(unknown.status == 2 && !unknown.errors.isEmpty, "\(unknown)")
      }
      #expect(try run(["no-such-command"], in: folder).status == 2)
      for incomplete in [
        ["keys", "new", "main"], ["keys", "import"], ["quarantine", "show"], ["quarantine", "discard"], ["backup"],
      ] {
        #expect(try run(incomplete, in: folder).status == 2, "\(incomplete)")
      }
      #expect(try run(["quarantine", "show", "first"], in: folder).status == 2)
      #expect(try run(["devices", "silent", "--minutes", "999999999999999999"], in: folder).status == 2)
    }

    @Test func withoutAStoreNothingThatReadsItCanRun() throws {
      let deployment = try Deployment(devices: 0)
      for command in [
        ["audit"], ["status"], ["export"], ["gaps"], ["devices", "list"], ["devices", "silent"],
        ["quarantine", "list"], ["quarantine", "show", "1"], ["quarantine", "replay"],
        ["backup", "\(deployment.folder.path)/b"],
      ] {
        let result = try run(command + ["--config", deployment.configuration], in: deployment.folder)
        #expect(result.status == 3 && result.errors.contains("there is no store"), "\(result)")
      }
      #expect(!FileManager.default.fileExists(atPath: deployment.store), "reading makes no store")
      for command in Self.commands where command != ["check"] {
        let arguments = ["keys": ["main", "x"], "quarantine": ["1"], "backup": ["b"]][command[0]] ?? []
        let wanted = command.last == "list" ? [] : command.last == "import" ? ["k.csv"] : arguments
        let result = try run(command + wanted + ["--config", "/nonexistent.yaml"], in: deployment.folder)
        #expect(result.status == 3, "\(result)")
      }
    }

    @Test func onAGoodStoreEveryCommandSaysSo() throws {
      let deployment = try Deployment()
      for command in [
        ["check"], ["audit"], ["export"], ["gaps"], ["devices", "list"], ["devices"], ["quarantine", "list"],
        ["quarantine", "replay"],
      ] {
        for more in [[], ["--json"]] where command != ["export"] || more.isEmpty {
          let result = try run(command + more + ["--config", deployment.configuration], in: deployment.folder)
          #expect(result.status == 0, "\(result)")
          if !more.isEmpty {
            #expect(throws: Never.self, "\(result)") {
              try JSONSerialization.jsonObject(with: Data(result.output.utf8))
            }
          }
        }
      }
      #expect(try deployment.command("status").status == 1, "no gateway runs")
      #expect(try deployment.command("devices", "silent").status == 1, "never heard")
      #expect(try deployment.command("keys", "new", "main", "no such name").status == 2)
      #expect(try deployment.command("keys", "revoke", "main", "unheard-of").status == 1)
      #expect(try deployment.command("quarantine", "discard", "1").status == 1)
      #expect(try deployment.command("quarantine", "replay", "1").status == 1)
      try deployment.start()
      #expect(try deployment.command("status").status == 0)
      #expect(try deployment.command("status", "--json").status == 0)
    }

    @Test func aVerdictStaysWhatItIsWhereNobodyReadsIt() throws {
      let deployment = try Deployment()
      let status = "\(deployment.folder.path)/status"
      // The reader is gone before the first line is written.
      let script = #"(sleep 1; "$0" devices silent --config "$1"; echo $? >"$2") | true; [ -s "$2" ] || sleep 5"#
      let shell = try ChildProcess(
        "/bin/sh", ["-c", script, Deployment.executable, deployment.configuration, status],
        output: "\(deployment.folder.path)/out", errors: "\(deployment.folder.path)/err")
      #expect(try shell.wait(within: 20) == 0, "\(shell.log)")
      #expect(text(of: status) == "1\n")
    }

    @Test func anUnbalancedLedgerIsTold() throws {
      let deployment = try Deployment()
      try changeStore(deployment.store) { db in
        try db.execute(
          sql: """
            INSERT INTO batch (id, committed_at, received, stored, duplicate, quarantined, rejected, last_row)
            VALUES (1, 0, 3, 1, 0, 0, 0, 0)
            """)
      }
      let result = try deployment.command("audit", "--json")
      #expect(result.status == 1)
      let audit: AuditNumbers = try result.decoded()
      #expect(!audit.balanced && audit.faults.count == 2)
    }
  }
}
