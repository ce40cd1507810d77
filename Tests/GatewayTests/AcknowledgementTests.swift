import Testing

extension EndToEnd {
  /// Nothing is acknowledged before it is durable, watched on the wire between broker and gateway.
  @Suite(.serialized) struct AcknowledgementTests {
    private static let frames = 300
    private static let publish: UInt8 = 3
    private static let puback: UInt8 = 4

    /// Publishes while the store cannot commit; gives what left towards the broker meanwhile, and when that ended.
    private func watch(
      _ deployment: Deployment, held time: Double = 2, whileHeld: () throws -> Void = {}
    ) throws -> (acknowledged: Int, receipts: Int, released: Int64) {
      let proxy = try #require(deployment.proxy)
      let client = try deployment.client("watched")
      var (acknowledged, receipts) = (0, 0)
      let released = try holdingStore(deployment.store) {
        let begin = seconds()
        for seq in 1...Self.frames {
          try client.publish(deployment.devices[0].topic("up"), deployment.devices[0].message(seq: UInt32(seq)))
        }
        try client.flush()
        try eventually("delivery of all frames") { proxy.count(.toGateway, type: Self.publish) >= Self.frames }
        try whileHeld()
        pause(max(0, begin + time - seconds()))
        acknowledged = proxy.count(.toBroker, type: Self.puback)
        receipts = proxy.count(.toBroker, type: Self.publish)
      }
      return (acknowledged, receipts, released)
    }

    @Test func pubacksAndReceiptsLeaveOnlyAfterTheCommit() throws {
      let deployment = try Deployment(proxied: true)
      let proxy = try #require(deployment.proxy)
      try deployment.start()
      let result = try watch(deployment)
      #expect(result.acknowledged == 0, "acknowledged while no commit was possible")
      #expect(result.receipts == 0, "receipted while no commit was possible")
      try eventually("all PUBACKs") { proxy.count(.toBroker, type: Self.puback) == Self.frames }
      try eventually("a receipt") { proxy.count(.toBroker, type: Self.publish) > 0 }
      let early = proxy.packets.filter {
        $0.direction == .toBroker && [Self.publish, Self.puback].contains($0.type) && $0.time < result.released
      }
      #expect(early.isEmpty)
      #expect(try deployment.ledger().stored == Int64(Self.frames))
    }

    /// The watch itself is tested: a client that acknowledges what it reads is caught by the same steps.
    @Test func theWatchCatchesAClientThatAcknowledgesEarly() throws {
      let deployment = try Deployment(proxied: true)
      let proxy = try #require(deployment.proxy)
      let early = try MQTTClient(port: proxy.port, id: "early")
      try early.subscribe("campus/v1/+/+/up")
      let result = try watch(deployment) {
        try eventually("its PUBACKs") {
          try early.pump(5)
          return proxy.count(.toBroker, type: Self.puback) > 0
        }
      }
      #expect(result.acknowledged > 0)
    }

    @Test func killedBetweenReadingAndCommittingEverythingIsDeliveredAgain() throws {
      let deployment = try Deployment(proxied: true)
      try deployment.start()
      let result = try watch(deployment, held: 0.5) { deployment.kill() }
      #expect(result.acknowledged == 0)
      #expect(try deployment.ledger().isZero)
      try deployment.start()
      try deployment.waitForMessages(Self.frames)
      let audit = try deployment.audit()
      #expect(audit.stored == Self.frames && audit.duplicate == 0 && audit.balanced)
    }

    /// Longer than SQLite waits for a lock: the commit fails, and the whole batch comes again.
    @Test func aCommitThatFailsAcknowledgesNothingAndIntakeGoesOnByItself() throws {
      let deployment = try Deployment(proxied: true)
      try deployment.start()
      let result = try watch(deployment, held: 1) { try deployment.waitForLog("intake stands still") }
      #expect(result.acknowledged == 0 && result.receipts == 0)
      try deployment.waitForLog("intake goes on")
      try deployment.waitForMessages(Self.frames)
      let audit = try deployment.audit()
      #expect(audit.stored == Self.frames && audit.balanced)
      #expect(try deployment.stop() == 0)
    }
  }
}
