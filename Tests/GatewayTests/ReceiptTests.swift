import CampusDevice
import Foundation
import Testing

extension EndToEnd {
  /// What comes back to the devices, and the gaps behind it.
  @Suite(.serialized) struct ReceiptTests {
    private func gaps(_ deployment: Deployment, _ arguments: String...) throws -> (status: Int32, lines: [GapLine]) {
      let result = try deployment.command("gaps", arguments.first ?? "--json", "--json")
      return (result.status, try result.decoded())
    }

    @Test func gapsAppearAreAskedForAndClose() throws {
      let deployment = try Deployment()
      deployment.environment["CAMPUS_GATEWAY_RECEIPTS_MINIMUM_INTERVAL_MS"] = "50"
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe(device.topic("down"))
      func publish(_ seqs: UInt32..., oldest: UInt32? = nil) throws {
        for seq in seqs {
          try client.publish(
            device.topic("up"), device.message(seq: seq, oldest: oldest.map { (epoch: 1, seq: $0) }))
        }
      }
      func receipt(through: UInt32, missing: [ClosedRange<UInt32>]) throws -> campus_receipt {
        var last: campus_receipt?
        do {
          try client.receive("a receipt through \(through), missing \(missing)") { message in
            last = device.receipt(message.payload)
            return last?.through == through && last?.missingRanges == missing
          }
        } catch {
          Issue.record("\(error); the last: \(last?.through ?? 0), \(last?.missingRanges ?? [])")
        }
        return try #require(last)
      }
      try publish(1, 2, 5, 9)
      let first = try receipt(through: 2, missing: [3...4, 6...8])
      #expect(first.epoch == 1 && abs(Int64(first.now) - unixMilliseconds()) < 5000)
      var open = try gaps(deployment)
      #expect(open.status == 1 && open.lines.map { $0.from...$0.to } == [3...4, 6...8])
      try publish(7)
      _ = try receipt(through: 2, missing: [3...4, 6...6, 8...8])
      try publish(3, 4)
      _ = try receipt(through: 5, missing: [6...6, 8...8])
      // Known after a crash too.
      deployment.kill()
      try deployment.start()
      try publish(10)
      _ = try receipt(through: 5, missing: [6...6, 8...8])
      try publish(11, oldest: 8)
      _ = try receipt(through: 7, missing: [8...8])
      open = try gaps(deployment)
      #expect(open.lines.map { $0.from...$0.to } == [8...8])
      try publish(8)
      _ = try receipt(through: 11, missing: [])
      #expect(try gaps(deployment).status == 0)
      #expect(try gaps(deployment).lines.isEmpty)
      let all = try gaps(deployment, "--all")
      #expect(all.status == 0 && all.lines.map { $0.from...$0.to } == [6...6] && all.lines.first?.abandoned != nil)
      // Given up, and arriving after all: still stored.
      try publish(6)
      try deployment.waitForMessages(11)
      let audit = try deployment.audit()
      #expect(audit.stored == 11 && audit.duplicate == 0 && audit.balanced)
      #expect(try gaps(deployment, "--all").lines.isEmpty)
    }

    @Test func aReceiptNamesSixteenGapsAtMostTheLowestFirst() throws {
      let deployment = try Deployment()
      deployment.environment["CAMPUS_GATEWAY_RECEIPTS_MINIMUM_INTERVAL_MS"] = "50"
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe(device.topic("down"))
      let seqs: [UInt32] = (1...700).map { $0 * 2 }
      for seq in seqs { try client.publish(device.topic("up"), device.message(seq: seq, sent: 1_795_000_000_000)) }
      try client.flush()
      try deployment.waitForMessages(700)
      try client.publish(device.topic("up"), device.message(seq: 1400, sent: 1_795_000_000_000))
      let wanted: [ClosedRange<UInt32>] = (0..<16 as Range<UInt32>).map { $0 * 2 + 1...$0 * 2 + 1 }
      try client.receive("sixteen ranges") { device.receipt($0.payload)?.missingRanges == wanted }
      #expect(try gaps(deployment).lines.count == 700)
      for seq in seqs { try client.publish(device.topic("up"), device.message(seq: seq - 1)) }
      try client.receive("a receipt through all") { device.receipt($0.payload)?.through == 1400 }
      #expect(try deployment.command("gaps").status == 0)
      let audit = try deployment.audit()
      #expect(audit.stored == 1400 && audit.duplicate == 1 && audit.balanced, "\(audit)")
    }

    @Test func duplicatesAreAnsweredAtOnceWhateverTheInterval() throws {
      let deployment = try Deployment()
      deployment.environment["CAMPUS_GATEWAY_RECEIPTS_MINIMUM_INTERVAL_MS"] = "60000"
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe(device.topic("down"))
      let now = unixMilliseconds()
      func publish(_ copy: Int64) throws {
        let readings = [CBOR.response(at: now, item: 1, score: 1)]
        try client.publish(device.topic("up"), device.message(seq: 1, sent: now + copy, readings: readings))
      }
      // `echo` is the `sent` of the copy that is answered.
      func answer(_ copy: Int64) throws {
        try client.receive(within: 3, "receipt \(copy)") { device.receipt($0.payload)?.echo == UInt64(now + copy) }
      }
      for copy in 0..<4 {
        try publish(Int64(copy))
        try answer(Int64(copy))
        pause(0.15)
      }
      // Two in one instant: the second waits for a tenth of a second, not for the interval.
      try publish(4)
      try answer(4)
      try publish(5)
      try answer(5)
    }

    @Test func aDuplicateDoesNotWaitBehindAnotherDevicesInterval() throws {
      let deployment = try Deployment(devices: 2)
      deployment.environment["CAMPUS_GATEWAY_RECEIPTS_MINIMUM_INTERVAL_MS"] = "60000"
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe("campus/v1/+/+/down")
      let (patient, hasty) = (deployment.devices[0], deployment.devices[1])
      try client.publish(patient.topic("up"), patient.message(seq: 1))
      try client.receive("its first receipt") { $0.topic == patient.topic("down") }
      try client.publish(patient.topic("up"), patient.message(seq: 2))  // waits a minute for its receipt
      try deployment.waitForMessages(2)
      let now = unixMilliseconds()
      let readings = [CBOR.response(at: now, item: 1, score: 1)]
      try client.publish(hasty.topic("up"), hasty.message(seq: 1, sent: now, readings: readings))
      try client.receive("its first receipt") { $0.topic == hasty.topic("down") }
      try client.publish(hasty.topic("up"), hasty.message(seq: 1, sent: now + 1, readings: readings))
      try client.receive(within: 3, "the answer to the duplicate") {
        $0.topic == hasty.topic("down") && hasty.receipt($0.payload)?.echo == UInt64(now) + 1
      }
    }

    @Test func aBusyDeviceGetsOneReceiptAnInterval() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      deployment.environment["CAMPUS_GATEWAY_RECEIPTS_MINIMUM_INTERVAL_MS"] = "400"
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe(device.topic("down"))
      let begin = seconds()
      var seq: UInt32 = 0
      while seconds() < begin + 2 {
        seq += 1
        try client.publish(device.topic("up"), device.message(seq: seq))
        try client.pump(2)
      }
      let count = client.takeMessages().count
      #expect((3...6).contains(count), "\(count) receipts in 2 s at one in 0.4 s")
      try client.receive("the receipt for the last") { device.receipt($0.payload)?.through == seq }
    }
  }
}
