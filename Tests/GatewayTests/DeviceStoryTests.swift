import CampusDevice
import Foundation
import Testing

extension EndToEnd {
  /// Other kinds of device, and what the gateway makes of their time and presence.
  @Suite(.serialized) struct DeviceStoryTests {
    private struct JSONReceipt: Decodable {
      var v, epoch, through: Int
      var type: String
      var missing: [[Int]]
      var now, echo: Int64
    }

    @Test func aKioskSpeaksJSONAndIsReceiptedInJSON() throws {
      let deployment = try Deployment(kiosks: 1)
      let kiosk = deployment.kiosks[0]
      try deployment.start()
      let client = try deployment.client("kiosk")
      try client.subscribe(kiosk.topic("down"))
      let now = unixMilliseconds()
      func frame(_ seq: Int, _ readings: String) -> [UInt8] {
        let head = #"{"v":1,"epoch":7,"seq":\#(seq),"sent":\#(now),"clock":2,"colour":"red","#
        return Array((head + #""readings":[\#(readings)]}"#).utf8)
      }
      try client.publish(
        kiosk.topic("json"),
        frame(
          1,
          #"""
          {"kind":"checkin","at":\#(now),"card":"04A1b2c3","method":"nfc"},
          {"kind":"passage","at":\#(now),"card":"04a1b2c3","direction":"out","granted":true},
          {"kind":"response","at":\#(now),"item":3,"score":-2,"ballot":"62616c6c6f742121"},
          {"kind":"status","at":\#(now),"status":{"battery_mv":3700,"firmware":"2.0"}},
          {"kind":"incident","at":\#(now),"category":3,"text":"漏水 \"x\""}
          """#))
      let message = try client.receive("a receipt")
      let receipt = try JSONDecoder().decode(JSONReceipt.self, from: Data(message.payload))
      #expect(receipt.v == 1 && receipt.type == "receipt" && receipt.epoch == 7 && receipt.through == 1)
      #expect(receipt.missing.isEmpty && receipt.echo == now && abs(receipt.now - unixMilliseconds()) < 5000)
      let lines = try deployment.export("--device", kiosk.name)
      #expect(lines.map(\.kind) == ["checkin", "passage", "response", "status", "incident"])
      #expect(lines[0].subject == lines[1].subject && lines[0].subject?.count == 32, "one card, one token")
      #expect(lines[0].method == "nfc" && lines[1].direction == "out" && lines[1].granted == true)
      #expect(lines[2].item == 3 && lines[2].score == -2 && lines[2].ballot == "62616c6c6f742121")
      #expect(lines[3].status?.batteryMv == 3700 && lines[3].status?.firmware == "2.0")
      #expect(lines[4].text == "漏水 \"x\"")

      try client.publish(kiosk.topic("json"), frame(2, #"{"kind":"response","at":1.0,"item":3,"score":1}"#))
      try client.publish(kiosk.topic("json"), frame(4, #"{"kind":"response","at":\#(now),"item":3,"score":1}"#))
      let next = try client.receive("a receipt with a gap") {
        (try? JSONDecoder().decode(JSONReceipt.self, from: Data($0.payload)))?.missing == [[3, 3]]
      }
      #expect(try JSONDecoder().decode(JSONReceipt.self, from: Data(next.payload)).through == 2)
      try client.publish(kiosk.topic("up"), frame(3, #"{"kind":"response","at":\#(now),"item":3,"score":1}"#))
      try deployment.waitForMessages(4)
      let audit = try deployment.audit()
      #expect(audit.stored == 2 && audit.quarantined == 1 && audit.rejections == ["wrong_channel": 1] && audit.balanced)
    }

    @Test func presenceIsListedAndNeverCounted() throws {
      struct Line: Decodable {
        var device: String
        var online: Bool?
      }
      let deployment = try Deployment(devices: 3)
      let topics = deployment.devices.map { $0.topic("state") }
      // Retained before the gateway's first subscription.
      let early = try deployment.client("early")
      try early.publish(topics[0], Array("online".utf8), retain: true)
      try early.flush()
      try deployment.start()
      func presence() throws -> [Bool?] {
        try deployment.command("devices", "list", "--json").expectGood().decoded([Line].self).map(\.online)
      }
      try eventually("presence before the start") { try presence() == [true, nil, nil] }
      let device = try MQTTClient(port: deployment.broker.port, id: "terminal", will: (topics[1], "offline"))
      try device.publish(topics[1], Array("online".utf8), retain: true)
      try device.publish(topics[2], Array("perhaps".utf8), retain: true)
      try device.flush()
      try eventually("presence") { try presence() == [true, true, nil] }
      device.close()
      try eventually("its will") { try presence() == [true, false, nil] }
      #expect(try deployment.audit().received == 0)
      let silent = try deployment.command("devices", "silent")
      #expect(silent.status == 1 && silent.output.contains("main/term-0003"))
    }

    @Test(arguments: [1, 2])
    func whoWasOnlineBeforeItsRegistrationIsListedAsOnline(lanes: Int) throws {
      struct Line: Decodable {
        var device: String
        var online: Bool?
      }
      let deployment = try Deployment()
      deployment.environment["CAMPUS_GATEWAY_MQTT_LANES"] = "\(lanes)"
      try deployment.start()
      func presence() throws -> [String: Bool] {
        let lines = try deployment.command("devices", "list", "--json").expectGood().decoded([Line].self)
        var states: [String: Bool] = [:]
        for line in lines { states[line.device] = line.online }
        return states
      }
      let known = deployment.devices[0]
      let (late, later) = (TestDevice("late-0001"), TestDevice("late-0002"))
      let client = try deployment.client()
      for device in [late, later, known] {
        try client.publish(device.topic("state"), Array("online".utf8), retain: true)
      }
      try client.flush()
      // What came before it has been dropped by then.
      try eventually("presence of the device that is known") { try presence() == [known.name: true] }
      try deployment.writeCampus(adding: [late])
      deployment.process?.signal(SIGHUP)
      try eventually(within: 10, "presence of the new device") {
        try presence() == [known.name: true, late.name: true]
      }
      // The subscription goes on, and tells what comes after it.
      try client.publish(late.topic("state"), Array("offline".utf8), retain: true)
      try client.flush()
      try eventually("the new device is offline") { try presence() == [known.name: true, late.name: false] }
      #expect(try deployment.stop() == 0)
      #expect(try presence() == [known.name: true, late.name: false])
      // Also where the session was kept.
      try deployment.start()
      try deployment.writeCampus(adding: [late, later])
      deployment.process?.signal(SIGHUP)
      try eventually(within: 10, "presence of another new device") {
        try presence() == [known.name: true, late.name: false, later.name: true]
      }
      #expect(deployment.process?.log.contains("trying again") == false, "the connection stays")
      #expect(try deployment.stop() == 0)
      let audit = try deployment.audit()
      #expect(audit.received == 0 && audit.balanced, "\(audit)")
    }

    @Test func theWaitAtTheBrokerIsTakenOffTheArrival() throws {
      let deployment = try Deployment(devices: 2)
      try deployment.start()
      #expect(try deployment.stop() == 0)
      let client = try deployment.client()
      let (with, without) = (deployment.devices[0], deployment.devices[1])
      // One second before `sent`, on a clock that was never set.
      let readings = [CBOR.checkin(at: 4000, card: [4, 1, 2, 3])]
      let published = unixMilliseconds()
      try client.publish(with.topic("up"), with.message(seq: 1, sent: 5000, clock: 0, readings: readings))
      try client.publish(
        without.topic("up"), without.message(seq: 1, sent: 5000, clock: 0, readings: readings), expiry: nil)
      try client.flush()
      pause(3.2)
      try deployment.start()
      try deployment.waitForMessages(2)
      let lines = try deployment.export()
      let known = try #require(lines.first { $0.device == with.name })
      let unknown = try #require(lines.first { $0.device == without.name })
      #expect(abs(known.eventTime - (published - 1000)) <= 1100, "the broker counts whole seconds")
      #expect(known.timeQuality == "corrected")
      #expect(known.receivedTime >= published + 3000)
      #expect(unknown.eventTime >= published + 2000, "without an expiry interval nobody knows of the wait")
    }

    @Test func anEventInTheFutureBecomesItsArrival() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      let now = unixMilliseconds()
      let year: Int64 = 365 * 86_400_000
      let future = [CBOR.response(at: now + year, item: 1, score: 1)]
      try client.publish(device.topic("up"), device.message(seq: 1, sent: now, readings: future))
      // `sent` after arrival proves the clock a year fast: its times are corrected by that.
      let fast = [CBOR.response(at: now + year - 60_000, item: 1, score: 1)]
      try client.publish(device.topic("up"), device.message(epoch: 2, seq: 1, sent: now + year, readings: fast))
      try deployment.waitForMessages(2)
      let lines = try deployment.export()
      #expect(lines.map(\.timeQuality) == ["arrival", "corrected"])
      #expect(abs(lines[0].eventTime - now) < 5000)
      #expect(abs(lines[1].eventTime - (now - 60_000)) < 5000)
    }
  }
}
