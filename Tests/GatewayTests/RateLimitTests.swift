import ReadingLog
import Testing

extension EndToEnd {
  /// limits.device_frames_per_second: what comes faster is taken in at once, and has its outcome in its turn.
  @Suite(.serialized) struct RateLimitTests {
    private func makeDeployment(rate: Int, broker: Broker? = nil) throws -> Deployment {
      let deployment = try Deployment(broker: broker)
      deployment.environment["CAMPUS_GATEWAY_LIMITS_DEVICE_FRAMES_PER_SECOND"] = "\(rate)"
      try deployment.start()
      return deployment
    }

    private func publish(_ count: UInt32, to deployment: Deployment) throws {
      let device = deployment.devices[0]
      let client = try deployment.client()
      for seq in 1...count { try client.publish(device.topic("up"), device.message(seq: seq)) }
      try client.flush()
    }

    @Test func waitingFramesHaveTheirTurnBesideASteadyLoad() throws {
      let deployment = try makeDeployment(rate: 20)
      // Something to read in every turn of the lane, and nothing that would wait.
      let load = try Load(deployment, devices: [TestDevice("stranger")], rate: 4000)
      let begin = seconds()
      try publish(100, to: deployment)
      try eventually(within: 30, every: 0.05, "100 frames stored") { try deployment.ledger().stored == 100 }
      // A second's worth at once, then 20 a second.
      #expect(seconds() - begin > 3)
      let others = try load.stop()
      try deployment.waitForMessages(others.count + 100)
      let audit = try deployment.audit()
      #expect(audit.stored == 100 && audit.duplicate == 0 && audit.rejected == others.count && audit.balanced, "\(audit)")
      #expect(try deployment.export().map(\.seq) == Array(1...100), "in the order they came")
    }

    @Test func waitingFramesHaveTheirTurnWhileTheBrokerIsAway() throws {
      let broker = try Broker()
      let deployment = try makeDeployment(rate: 10, broker: broker)
      try publish(60, to: deployment)
      try eventually("60 frames taken in") {
        let summary = try LogStore.openReadOnly(deployment.store).summary()
        return summary.ledger.stored + summary.waiting == 60
      }
      broker.stop()
      #expect(try deployment.ledger().stored < 60)
      try eventually(within: 30, every: 0.05, "60 frames stored") { try deployment.ledger().stored == 60 }
      #expect(try deployment.stop(within: 5) == 0)
      #expect(try deployment.audit().balanced)
    }
  }
}
