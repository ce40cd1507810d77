import Glibc
import Testing

extension EndToEnd {
  /// What the service manager is told.
  @Suite(.serialized) struct NotifyTests {
    private func supervised(_ socket: NotifySocket, data: String? = nil) throws -> Deployment {
      let deployment = try Deployment(data: data)
      deployment.environment["NOTIFY_SOCKET"] = socket.name
      deployment.environment["WATCHDOG_USEC"] = "1500000"
      return deployment
    }

    @Test(arguments: [false, true])
    func readyComesOnceAndAStopIsSaid(isAbstract: Bool) throws {
      let socket = try NotifySocket(isAbstract: isAbstract)
      let deployment = try supervised(socket)
      try deployment.command("check").expectGood()
      #expect(socket.lines.isEmpty, "a command is no service")
      try deployment.start()
      try socket.wait(for: "READY=1")
      try socket.wait(for: "WATCHDOG=1", times: 3)
      #expect(socket.lines.contains { $0.hasPrefix("STATUS=online") })
      #expect(try deployment.stop() == 0)
      #expect(socket.count(of: "READY=1") == 1)
      #expect(socket.messages.last?.hasPrefix("STOPPING=1\nSTATUS=") == true)
    }

    @Test func aReloadIsSaidWhileItGoesOn() throws {
      let socket = try NotifySocket()
      let deployment = try supervised(socket)
      try deployment.start()
      try socket.wait(for: "READY=1")
      deployment.process?.signal(SIGHUP)
      try socket.wait(for: "READY=1", times: 2)
      let reload = try #require(socket.messages.first { $0.hasPrefix("RELOADING=1") })
      let microseconds = reload.split(separator: "=").last.flatMap { Double($0) } ?? 0
      #expect(abs(microseconds / 1e6 - seconds()) < 30, "monotonic, in microseconds: \(reload)")
    }

    @Test func anAbsentBrokerIsNoReasonToBeKilled() throws {
      let socket = try NotifySocket()
      let deployment = try supervised(socket)
      deployment.broker.stop()
      try deployment.start(waits: false)
      try socket.wait(for: "READY=1")
      // Longer than the first pauses between attempts.
      try socket.wait(for: "WATCHDOG=1", times: 12)
      #expect(socket.lines.contains { $0.hasPrefix("STATUS=offline") })
    }

    @Test(.enabled(if: SmallDisk.isPermitted, "mounting a small file system needs root"))
    func aFullDiskIsNoReasonToBeKilled() throws {
      let disk = try SmallDisk(mebibytes: 6)
      let socket = try NotifySocket()
      let deployment = try supervised(socket, data: disk.path)
      try deployment.start()
      let load = try Load(deployment, rate: 2000)
      try deployment.waitForLog("the disk is full", within: 40)
      try eventually(within: 10, "a status that says so: \(socket.messages.suffix(3))") {
        socket.lines.last?.hasPrefix("STATUS=intake stands still") == true
      }
      let before = socket.count(of: "WATCHDOG=1")
      try socket.wait(for: "WATCHDOG=1", times: before + 6)
      try disk.remount("size=128m")
      try deployment.waitForLog("intake goes on")
      _ = try load.stop()
      #expect(try deployment.stop() == 0)
    }
  }
}
