import Testing

extension EndToEnd {
  /// kill -9 of the gateway under load: what the broker has acknowledged is stored, once.
  @Suite(.serialized) struct CrashTests {
    @Test func fiftyKillsUnderLoadLoseNothingAndStoreNothingTwice() throws {
      var dice = SeededGenerator.announced("fifty kills")
      let deployment = try Deployment(devices: 20)
      // The broker keeps messages for a session it knows.
      try deployment.start()
      let load = try Load(deployment, rate: 3000)
      var online = 0
      for round in 0..<50 {
        // Every other gateway is given the time to get to work, however slow the machine.
        if round % 2 == 0 { waitAtMost(5) { deployment.process?.log.contains(" online") == true } }
        pause(Double.random(in: 0.02...0.5, using: &dice))
        deployment.kill()
        if deployment.process?.log.contains(" online") == true { online += 1 }
        try deployment.start(waits: false)
      }
      let published = try load.stop()
      try deployment.waitForLog(" online")
      try eventually(within: 60, every: 0.1, "\(published.count) frames stored") {
        try deployment.ledger().stored >= published.count
      }
      #expect(try deployment.stop() == 0)
      let audit = try deployment.audit()
      print("\(published.count) frames, \(online) of 50 kills while online, \(audit.duplicate) delivered twice")
      #expect(online >= 10, "too few kills hit a gateway at work")
      #expect(audit.balanced && audit.stored == published.count, "\(audit)")
      #expect(audit.quarantined == 0 && audit.rejected == 0)
      expectExactlyOnce(published, try deployment.export())
    }

    @Test func connectionsCutInMidFrameLoseNothingAndStoreNothingTwice() throws {
      var dice = SeededGenerator.announced("thirty cuts")
      let deployment = try Deployment(devices: 5, proxied: true)
      let proxy = try #require(deployment.proxy)
      // Some cuts fall into the handshake, most into the frames behind it.
      let limits = (0..<30).map { index in
        index % 10 == 9 ? Int.random(in: 1...60, using: &dice) : Int.random(in: 5000...300_000, using: &dice)
      }
      try deployment.start()
      var next = 0
      proxy.cutConnections {
        defer { next += 1 }
        return next < limits.count ? limits[next] : nil
      }
      // The connection made before carries no limit.
      deployment.kill()
      try deployment.start(waits: false)
      let client = try deployment.client()
      var published: [ExportedLine.Frame] = []
      try eventually(within: 60, "30 cuts; there were \(proxy.cuts)\n\(deployment.process?.log ?? "")") {
        if try deployment.ledger().stored + 300 > published.count {
          try publish(200, deployment, client, &published)
        }
        try client.pump(0)
        return proxy.cuts >= 30
      }
      try client.flush()
      try eventually(within: 40, every: 0.1, "\(published.count) frames stored") {
        try deployment.ledger().stored >= published.count
      }
      #expect(try deployment.stop() == 0)
      let audit = try deployment.audit()
      print("\(published.count) frames over \(proxy.cuts) cuts, \(audit.duplicate) delivered twice")
      #expect(audit.balanced && audit.stored == published.count, "\(audit)")
      expectExactlyOnce(published, try deployment.export())
    }

    /// Each connection carries frames that are committed, so none of them counts as a failed attempt. A connection
    /// that is cut before its acknowledgements leave brings the same frames again, so each lives a little longer.
    @Test func aBacklogOverABreakingConnectionComesWithoutGrowingPauses() throws {
      let deployment = try Deployment(devices: 5, proxied: true)
      let proxy = try #require(deployment.proxy)
      try deployment.start()
      try deployment.stop()
      let client = try deployment.client()
      var published: [ExportedLine.Frame] = []
      try publish(4000, deployment, client, &published)
      try client.flush()
      var limit = 25_000
      proxy.cutConnections {
        limit += 25_000
        return limit
      }
      try deployment.start(waits: false)
      try eventually(within: 20, "4000 frames; \(proxy.cuts) cuts\n\(deployment.process?.log ?? "")") {
        try deployment.ledger().stored == published.count
      }
    }

    private func publish(
      _ count: Int, _ deployment: Deployment, _ client: MQTTClient, _ published: inout [ExportedLine.Frame]
    ) throws {
      for _ in 0..<count {
        let device = deployment.devices[published.count % deployment.devices.count]
        let seq = published.count / deployment.devices.count + 1
        try client.publish(device.topic("up"), device.message(seq: UInt32(seq)))
        published.append(.init(device: device.name, epoch: 1, seq: seq))
      }
    }
  }
}
