import Foundation
import Glibc
import ReadingLog
import Testing

@testable import campus_gateway

extension EndToEnd {
  /// `status --watch`.
  @Suite(.serialized) struct StatusWatchTests {
    private func watch(_ deployment: Deployment) throws -> ChildProcess {
      try ChildProcess(
        Deployment.executable, ["status", "--watch", "--config", deployment.configuration],
        output: "\(deployment.folder.path)/watch.out", errors: "\(deployment.folder.path)/watch.err")
    }

    @Test func withoutATerminalItIsALineASecond() throws {
      let deployment = try Deployment()
      try deployment.start()
      let process = try watch(deployment)
      func lines() -> [Substring] { text(of: process.output).split(separator: "\n") }
      try eventually(within: 20, "three lines: \(text(of: process.output))\(process.log)") { lines().count >= 3 }
      process.signal(SIGINT)
      #expect(try process.wait(within: 5) == 0)
      #expect(lines().allSatisfy { $0.contains("running, online") && !$0.contains("\u{1B}") }, "\(lines())")
      #expect(lines().last?.contains("received 0/s") == true)
      #expect(try deployment.command("status", "--watch", "--json").status == 2)
    }

    @Test func aScreenFitsEightyColumnsAndTwentyFourLines() throws {
      let deployment = try Deployment()
      try deployment.start()
      let store = try LogStore.openReadOnly(deployment.store)
      let first = try StatusSnapshot(store, folder: deployment.data)
      let device = deployment.devices[0]
      let client = try deployment.client()
      for seq: UInt32 in 1...50 { try client.publish(device.topic("up"), device.message(seq: seq)) }
      try deployment.waitForMessages(50)
      pause(0.2)
      var second = try StatusSnapshot(store, folder: deployment.data)
      second.running?.problem = String(repeating: "问题 and more ", count: 20)
      let screen = StatusScreen(now: second, before: first)
      #expect(screen.lines.count < StatusScreen.rows)
      #expect(screen.lines.allSatisfy { Terminal.width($0) <= StatusScreen.columns }, "\(screen.lines)")
      let stored = try #require(screen.lines.first { $0.hasPrefix("stored") })
      #expect(stored.hasSuffix(" 50") && !stored.contains("-"), "\(stored)")
      #expect(StatusScreen(now: first, before: nil).lines.contains { $0.hasPrefix("stored") && $0.contains("-") })
    }
  }
}
