import Foundation
import GRDB
import Testing

extension EndToEnd {
  /// mqtt.lanes changes while the broker holds messages for the lanes there were.
  @Suite(.serialized) struct LaneChangeTests {
    private func start(_ deployment: Deployment, lanes: Int) throws {
      deployment.environment["CAMPUS_GATEWAY_MQTT_LANES"] = "\(lanes)"
      try deployment.start()
      try eventually("\(lanes) lanes that are online") {
        let log = deployment.process?.log ?? ""
        return log.components(separatedBy: " online").count == lanes + 1
      }
    }

    @Test(arguments: [(3, 2), (2, 1), (1, 2)])
    func whatTheBrokerKeptForALaneThatIsNoMoreIsNotLost(before: Int, after: Int) throws {
      let deployment = try Deployment(devices: 4)
      try start(deployment, lanes: before)
      #expect(try deployment.stop() == 0)
      let client = try deployment.client()
      var published: [ExportedLine.Frame] = []
      func publish(_ seqs: ClosedRange<UInt32>) throws {
        for seq in seqs {
          for device in deployment.devices {
            try client.publish(device.topic("up"), device.message(seq: seq))
            published.append(.init(device: device.name, epoch: 1, seq: Int(seq)))
          }
        }
        try client.flush()
      }
      try publish(1...100)
      try start(deployment, lanes: after)
      // Also what comes while the old sessions are being left.
      try publish(101...200)
      try eventually(within: 30, "\(published.count) frames stored") {
        try deployment.ledger().stored == published.count
      }
      let left = max(0, before - after) + (after == 1 ? 1 : 0) + (before == 1 ? 1 : 0)
      try eventually(within: 20, "\(left) sessions ended") {
        let log = deployment.process?.log ?? ""
        return log.components(separatedBy: "is ended").count == left + 1
      }
      try publish(201...300)
      try eventually("all frames stored") { try deployment.ledger().stored == published.count }
      #expect(try deployment.stop() == 0)
      #expect(try deployment.audit().balanced)
      expectExactlyOnce(published, try deployment.export())
      // A session that has ended is not looked for again.
      var kept: String?
      try changeStore(deployment.store) {
        kept = try String.fetchOne($0, sql: "SELECT value FROM log_state WHERE name = 'broker_sessions'")
      }
      #expect(kept?.components(separatedBy: "clientID").count == after + 1)
    }
  }
}
