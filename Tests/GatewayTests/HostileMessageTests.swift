import ReadingLog
import Testing

extension EndToEnd {
  /// What nobody should send.
  @Suite(.serialized) struct HostileMessageTests {
    /// Resident memory that no flood may exceed, in KiB; a gateway at rest takes a sixth of it.
    private static let memoryLimit = 200 * 1024

    @Test func aMessageOfFiveMegabytesIsRejected() throws {
      let deployment = try Deployment()
      try deployment.start()
      let device = deployment.devices[0]
      let client = try deployment.client()
      try client.publish(device.topic("up"), [UInt8](repeating: 0x84, count: 5_000_000))
      try client.publish(device.topic("up"), device.message(seq: 1))
      try client.flush()
      try deployment.waitForMessages(2)
      let audit = try deployment.audit()
      #expect(audit.rejections == ["too_large": 1])
      #expect(audit.stored == 1 && audit.balanced)
    }

    /// Two copies of such a message, 256 MB at most, would fill the memory before anybody could reject it.
    @Test func aMessageOfNineMegabytesNeverReachesTheGateway() throws {
      let deployment = try Deployment()
      try deployment.start()
      let device = deployment.devices[0]
      let client = try deployment.client()
      try client.publish(device.topic("up"), [UInt8](repeating: 0x84, count: 9_000_000))
      try client.publish(device.topic("up"), device.message(seq: 1))
      try client.flush()
      try eventually("the frame behind it") { try deployment.ledger().stored == 1 }
      let audit = try deployment.audit()
      #expect(audit.received == 1 && audit.rejections.isEmpty && audit.balanced, "\(audit)")
      #expect(deployment.process?.log.contains("trying again") == false, "the connection stays")
    }

    @Test func aRejectedMessageIsSampled() throws {
      struct Sample: Decodable {
        var id, bytes: Int
        var reason, topic: String
        var head: String?
      }
      let deployment = try Deployment()
      #expect(try deployment.command("rejections").expectGood().lines == ["none"])
      try deployment.start()
      let stranger = TestDevice("stranger")
      let message = stranger.message(seq: 1)
      let client = try deployment.client()
      try client.publish(stranger.topic("up"), message)
      try deployment.waitForMessages(1)
      let samples: [Sample] = try deployment.command("rejections", "list", "--json").expectGood().decoded()
      #expect(samples.map(\.reason) == ["unknown_device"] && samples.map(\.topic) == [stranger.topic("up")])
      let id = try #require(samples.first).id
      let shown: Sample = try deployment.command("rejections", "show", "\(id)", "--json").expectGood().decoded()
      #expect(shown.head == Hex.string(Array(message.prefix(64))) && shown.bytes == message.count)
      #expect(try deployment.command("rejections", "show", "999").status == 1)
    }

    @Test func aHundredThousandRandomMessagesAreAllAccountedFor() throws {
      var dice = SeededGenerator.announced("random messages")
      let deployment = try Deployment(kiosks: 1)
      try deployment.start()
      let device = deployment.devices[0]
      let stranger = TestDevice("stranger")
      let client = try deployment.client("flood")
      let up = device.topic("up")
      let json = deployment.kiosks[0].topic("json")
      var wanted: [String: Int] = [:]
      var peak = 0
      for number in 0..<100_000 {
        let bytes = (0..<Int.random(in: 0...200, using: &dice)).map { _ in UInt8.random(in: 1...255, using: &dice) }
        let (topic, payload, reason): (String, [UInt8], String?) =
          switch number % 20 {
          case 0: (json, [0x80] + bytes, nil)  // no JSON text begins so
          case 1: (stranger.topic("up"), stranger.seal(bytes), "unknown_device")
          case 2: (device.topic("json"), bytes, "wrong_channel")
          case 3...6: (up, stranger.seal(bytes), "authentication_failed")
          default: (up, [0x00] + bytes, "not_cose")
          }
        try client.publish(topic, payload)
        if let reason { wanted[reason, default: 0] += 1 }
        if number % 10_000 == 0 { peak = max(peak, deployment.process?.residentKiB ?? 0) }
      }
      try client.flush(within: 60)
      try deployment.waitForMessages(100_000, within: 90)
      try client.publish(up, device.message(seq: 1))
      try deployment.waitForMessages(100_001)
      peak = max(peak, deployment.process?.residentKiB ?? 0)
      print("peak \(peak / 1024) MiB")
      #expect(peak < Self.memoryLimit)
      let audit = try deployment.audit()
      #expect(audit.received == 100_001 && audit.balanced && audit.stored == 1, "\(audit)")
      #expect(audit.rejections == wanted)
      // Two of the few shortest may be the same bytes: the copy is a duplicate.
      #expect(audit.quarantined + audit.duplicate == 5000)
      #expect(try deployment.stop() == 0)
    }
  }
}
