import Testing

extension EndToEnd {
  /// What the file system refuses.
  @Suite(.serialized, .enabled(if: SmallDisk.isPermitted, "mounting a small file system needs root"))
  struct DiskFaultTests {
    private struct Status: Decodable {
      struct Gateway: Decodable {
        var suspended: Bool
        var problem: String?
      }
      var running: Bool
      var gateway: Gateway?
    }

    @Test func aFullDiskStopsIntakeAndNothingIsLost() throws {
      let disk = try SmallDisk(mebibytes: 6)
      let deployment = try Deployment(devices: 5, data: disk.path)
      try deployment.start()
      let load = try Load(deployment, rate: 2000)
      try deployment.waitForLog("the disk is full", within: 40)
      let result = try deployment.command("status", "--json")
      #expect(result.status == 1)
      let status: Status = try result.decoded()
      #expect(status.gateway?.suspended == true && status.gateway?.problem?.contains("disk is full") == true)
      let published = try load.stop()
      #expect(deployment.process?.isRunning == true)
      let before = try deployment.ledger()
      #expect(before.stored < published.count)
      try disk.remount("size=128m")
      try deployment.waitForLog("intake goes on")
      try eventually(within: 40, every: 0.1, "\(published.count) frames stored") {
        try deployment.ledger().stored >= published.count
      }
      #expect(try deployment.stop() == 0)
      let audit = try deployment.audit()
      #expect(audit.balanced && audit.stored == published.count, "\(audit)")
      expectExactlyOnce(published, try deployment.export())
    }

    @Test func onAFullDiskTheGatewayStopsWhenAsked() throws {
      let disk = try SmallDisk(mebibytes: 4)
      let deployment = try Deployment(devices: 5, data: disk.path)
      try deployment.start()
      let load = try Load(deployment, rate: 2000)
      try deployment.waitForLog("the disk is full", within: 40)
      #expect(try deployment.stop(within: 5) == 0, "\(deployment.process?.log ?? "")")
      let published = try load.stop()
      try disk.remount("size=128m")
      try deployment.start()
      try eventually(within: 40, every: 0.1, "\(published.count) frames stored") {
        try deployment.ledger().stored >= published.count
      }
      #expect(try deployment.stop() == 0)
      expectExactlyOnce(published, try deployment.export())
    }

    @Test func aReadOnlyStoreIsRefusedAndWhatWaitedComesLater() throws {
      let disk = try SmallDisk(mebibytes: 64)
      let deployment = try Deployment(data: disk.path)
      let device = deployment.devices[0]
      try deployment.start()
      #expect(try deployment.stop() == 0)
      let client = try deployment.client()
      for seq in 1...50 { try client.publish(device.topic("up"), device.message(seq: UInt32(seq))) }
      try client.flush()
      try disk.remount("ro")
      try deployment.start(waits: false)
      let status = try #require(deployment.process).wait(within: 10)
      #expect(status == 3)
      #expect(deployment.process?.log.contains("Read-only file system") == true, "\(deployment.process?.log ?? "")")
      try disk.remount("rw")
      try deployment.start()
      try deployment.waitForMessages(50)
      let audit = try deployment.audit()
      #expect(audit.stored == 50 && audit.balanced)
    }
  }
}
