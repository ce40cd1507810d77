import DeviceProtocol
import Foundation
import GRDB
import ReadingLog
import Testing

extension EndToEnd {
  /// What is held can be looked at, tried again and given up, and stays accounted for.
  @Suite(.serialized) struct QuarantineTests {
    private struct Replayed: Decodable {
      var id: Int
      var outcome: String
      var reason: String?
    }

    private func list(_ deployment: Deployment) throws -> [HeldLine] {
      try deployment.command("quarantine", "list", "--json").expectGood().decoded()
    }

    private func bad(_ device: TestDevice, seq: UInt32, sent: Int64 = unixMilliseconds()) -> [UInt8] {
      device.message(
        seq: seq, sent: sent,
        readings: [CBOR.checkin(at: 1_795_000_000_000, card: [1, 2, 3, 4]), CBOR.unknown(at: 1_795_000_000_000)])
    }

    @Test func heldMessagesAreListedShownAndGivenUp() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      let message = bad(device, seq: 1)
      try client.publish(device.topic("up"), message)
      try client.publish(device.topic("up"), device.seal([0x01]))
      try deployment.waitForMessages(2)
      let held = try list(deployment)
      #expect(held.map(\.reason) == ["unknown_kind", "wrong_type"])
      #expect(held[0].reading == 1 && held[0].epoch == 1 && held[0].seq == 1 && held[1].seq == nil)
      let shown: HeldLine = try deployment.command("quarantine", "show", "\(held[0].id)", "--json")
        .expectGood().decoded()
      #expect(shown.message == Hex.string(message))
      #expect(shown.topic == device.topic("up"))
      #expect(try deployment.command("quarantine", "show", "999").status == 1)

      try deployment.command("quarantine", "discard", "\(held[1].id)").expectGood()
      #expect(try deployment.command("quarantine", "discard", "\(held[1].id)").status == 1)
      #expect(try list(deployment).map(\.state) == ["held", "discarded"])
      let gone: HeldLine = try deployment.command("quarantine", "show", "\(held[1].id)", "--json").decoded()
      #expect(gone.message == nil)
      let audit = try deployment.audit()
      #expect(audit.quarantined == 2 && audit.balanced, "discarding leaves it counted")
      // Card numbers stand in no file.
      for name in try FileManager.default.contentsOfDirectory(atPath: deployment.data) {
        let bytes = FileManager.default.contents(atPath: "\(deployment.data)/\(name)") ?? Data()
        #expect(bytes.range(of: Data(message.suffix(40))) == nil, "\(name) holds a message in the clear")
      }
    }

    @Test func aQuarantinedFrameConsumesItsSeqAndACopyIsADuplicate() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe(device.topic("down"))
      let now = unixMilliseconds()
      for copy in 0..<3 { try client.publish(device.topic("up"), bad(device, seq: 1, sent: now + Int64(copy))) }
      try client.receive("a receipt that covers it") { device.receipt($0.payload)?.through == 1 }
      // Other readings under the same seq are a conflict, held once, whatever their `sent`.
      let others = [CBOR.response(at: now, item: 1, score: 1)]
      for copy: Int64 in 0..<3 {
        try client.publish(device.topic("up"), device.message(seq: 1, sent: now + copy, readings: others))
      }
      try deployment.waitForMessages(6)
      #expect(try list(deployment).map(\.reason) == ["unknown_kind", "conflict"])
      let audit = try deployment.audit()
      #expect(audit.quarantined == 2 && audit.duplicate == 4 && audit.balanced, "\(audit)")
      try deployment.stop()
      try deployment.start()
      try client.publish(device.topic("up"), bad(device, seq: 1))
      try deployment.waitForMessages(7)
      #expect(try deployment.audit().duplicate == 5, "known after a restart too")
      // A conflict cannot become right.
      let id = try #require(try list(deployment).last).id
      let replay = try deployment.command("quarantine", "replay", "\(id)")
      #expect(replay.status == 1)
      #expect(try deployment.audit().balanced)
    }

    @Test func aCopyIsADuplicateAlsoWhereTheFaultLiesBeforeTheReadings() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      let now = unixMilliseconds()
      let readings = [CBOR.response(at: now, item: 1, score: 1)]
      for copy: Int64 in 0..<3 {
        try client.publish(
          device.topic("up"), device.message(seq: 1, sent: now + copy, clock: 4, readings: readings))
      }
      try deployment.waitForMessages(3)
      let audit = try deployment.audit()
      #expect(audit.quarantined == 1 && audit.duplicate == 2, "\(audit)")
    }

    @Test func aReplayAfterAFixStoresWhatWasHeld() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      for seq: UInt32 in 1...3 { try client.publish(device.topic("up"), bad(device, seq: seq)) }
      try client.publish(device.topic("up"), device.message(seq: 4))
      try deployment.waitForMessages(4)
      let ids = try list(deployment).map(\.id)
      #expect(ids.count == 3)
      try deployment.stop()
      // An older gateway would not have understood what this one does: frame 2 as it would stand there.
      let reading = CBOR.response(at: 1_795_000_000_000, item: 7, score: 5)
      let message = device.message(seq: 2, readings: [reading])
      let digest = CBOR.array([reading]).withUnsafeBytes { Digest.of($0) }
      let key = try MasterKey.load("\(deployment.data)/master.key", create: false)
      let sealed = try message.withUnsafeBytes { try SecretBox(key, purpose: "quarantine v1").seal($0) }
      try changeStore(deployment.store) { db in
        try db.execute(
          sql: "UPDATE quarantine SET sealed = ?, digest = ? WHERE id = ?",
          arguments: [Data(sealed), Int64(bitPattern: digest), ids[1]])
      }
      try deployment.start()
      let result = try deployment.command("quarantine", "replay", "--json")
      #expect(result.status == 1, "two of them are still not understood")
      let outcomes: [Replayed] = try result.decoded()
      #expect(outcomes.map(\.outcome) == ["quarantined", "stored", "quarantined"], "\(outcomes)")
      let audit = try deployment.audit()
      #expect(audit.received == 4 && audit.stored == 2 && audit.quarantined == 2 && audit.balanced, "\(audit)")
      #expect(try list(deployment).map(\.state) == ["held", "replayed", "held"])
      let stored = try deployment.export("--kind", "response")
      #expect(stored.map(\.seq) == [2] && stored.first?.item == 7 && stored.first?.score == 5)
      #expect(try deployment.command("quarantine", "replay", "\(ids[1])").status == 1, "nothing is replayed twice")
      // A copy that still arrives is known, now and after a restart.
      try client.publish(device.topic("up"), device.message(seq: 2, readings: [reading]))
      try deployment.waitForMessages(5)
      #expect(try deployment.audit().duplicate == 1)
      try deployment.stop()
      try deployment.start()
      try client.publish(device.topic("up"), device.message(seq: 2, readings: [reading]))
      try deployment.waitForMessages(6)
      #expect(try deployment.audit().duplicate == 2)
      expectExactlyOnce([2, 4].map { .init(device: device.name, epoch: 1, seq: $0) }, try deployment.export())
    }

    @Test func aReplayOfManyTellsOfEach() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      for seq: UInt32 in 1...250 { try client.publish(device.topic("up"), bad(device, seq: seq)) }
      try deployment.waitForMessages(250)
      let ids = try list(deployment).map(\.id)
      let result = try deployment.command("quarantine", "replay", "--json")
      #expect(result.status == 1)
      let outcomes: [Replayed] = try result.decoded()
      #expect(outcomes.map(\.id) == ids && outcomes.allSatisfy { $0.outcome == "quarantined" })
    }
  }
}
