import CPlatform
import Glibc
import Testing

extension EndToEnd {
  /// SIGTERM and SIGINT: commit, acknowledge, exit 0.
  @Suite(.serialized) struct StopTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func aStopUnderLoadIsCleanAndNothingIsDeliveredTwice(signal: Int32) throws {
      let deployment = try Deployment(devices: 10)
      try deployment.start()
      let load = try Load(deployment, rate: 3000)
      for _ in 0..<3 {
        try deployment.waitForMessages(Int(try deployment.ledger().received) + 1000)
        deployment.process?.signal(signal)
        #expect(try deployment.process?.wait(within: 5) == 0)
        try deployment.start()
      }
      let published = try load.stop()
      try eventually(within: 30, every: 0.1, "\(published.count) frames stored") {
        try deployment.ledger().stored >= published.count
      }
      #expect(try deployment.stop() == 0)
      let audit = try deployment.audit()
      #expect(audit.stored == published.count && audit.duplicate == 0 && audit.balanced, "\(audit)")
      expectExactlyOnce(published, try deployment.export())
    }

    @Test func aSecondGatewayOnTheSameDataFolderIsRefused() throws {
      let deployment = try Deployment()
      try deployment.start()
      let second = try deployment.command("run")
      #expect(second.status == 3 && second.errors.contains("another gateway runs on"), "\(second.errors)")
      #expect(try deployment.command("status").status == 0)
      deployment.kill()
      // A crash leaves the lock to nobody.
      try deployment.start()
      #expect(try deployment.stop() == 0)
    }

    @Test func aGatewayWaitsForACommandThatHoldsTheLock() throws {
      let deployment = try Deployment()
      let lock = try holdLock(deployment)
      try deployment.start(waits: false)
      pause(1)
      #expect(deployment.process?.isRunning == true, "\(deployment.process?.log ?? "")")
      close(lock)
      try deployment.waitForLog(" online")
      #expect(try deployment.stop() == 0)
    }

    @Test func aLockThatIsNeverLetGoIsRefusedByCommandAndGateway() throws {
      let deployment = try Deployment()
      let lock = try holdLock(deployment)
      defer { close(lock) }
      for arguments in [["run"], ["keys", "new", "main", "term-0001"]] {
        let process = try ChildProcess(
          Deployment.executable, arguments + ["--config", deployment.configuration],
          output: "\(deployment.folder.path)/refused.out", errors: "\(deployment.folder.path)/refused.err")
        #expect(try process.wait(within: 20) == 3)
        #expect(process.log.contains("another gateway or command holds"), "\(process.log)")
      }
    }

    @Test func aStopBeforeTheStoreIsOpenIsCleanToo() throws {
      let deployment = try Deployment()
      let lock = try holdLock(deployment)
      defer { close(lock) }
      try deployment.start(waits: false)
      pause(1)
      #expect(try deployment.stop() == 0, "\(deployment.process?.log ?? "")")
    }

    /// Holds the data folder as a command does, until the file is closed.
    private func holdLock(_ deployment: Deployment) throws -> Int32 {
      let file = open("\(deployment.data)/gateway.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
      try #require(file >= 0 && platform_lock(file))
      return file
    }
  }
}
