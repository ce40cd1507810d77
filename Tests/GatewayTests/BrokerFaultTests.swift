import Glibc
import Testing

extension EndToEnd {
  /// The broker goes away, comes late, or forgets.
  @Suite(.serialized) struct BrokerFaultTests {
    /// mosquitto writes its memory only at intervals, so a killed one forgets what it has acknowledged: the
    /// devices resend until a receipt covers each frame, as the firmware library does it.
    @Test func aKilledBrokerLosesNothingThatADeviceStillHolds() throws {
      var dice = SeededGenerator.announced("killed broker")
      let broker = try Broker(persistent: true, settings: ["autosave_interval 1"])
      let deployment = try Deployment(devices: 5, broker: broker)
      deployment.environment["CAMPUS_GATEWAY_RECEIPTS_MINIMUM_INTERVAL_MS"] = "100"
      try deployment.start()
      let outboxes = try deployment.devices.map { try OutboxDevice($0, epoch: .random(in: 1...(.max), using: &dice)) }
      var byTopic: [String: OutboxDevice] = [:]
      for outbox in outboxes { byTopic[outbox.device.topic("down")] = outbox }
      var client: MQTTClient?

      /// One round of every device; a connection that breaks is made anew in a later round.
      func turn() throws {
        do {
          if client == nil {
            client = try MQTTClient(port: broker.port, id: "devices", limit: 2)
            try client?.subscribe("campus/v1/+/+/down")
          }
          for outbox in outboxes {
            while let message = try outbox.due() { try client?.publish(outbox.device.topic("up"), message) }
          }
          try client?.pump(5)
          for message in client?.takeMessages() ?? [] { try byTopic[message.topic]?.obey(message.payload) }
        } catch let error as OutboxDevice.Failed {
          throw error
        } catch {
          client = nil
          pause(0.01)
        }
      }

      for _ in 0..<6 {
        let end = seconds() + Double.random(in: 0.4...1.4, using: &dice)
        while seconds() < end {
          for outbox in outboxes where outbox.counts.frames_held < 400 { try outbox.append() }
          try turn()
        }
        broker.kill()
        pause(Double.random(in: 0...0.2, using: &dice))
        try broker.start()
      }
      let end = seconds() + 40
      while outboxes.contains(where: { $0.counts.frames_held > 0 }), seconds() < end { try turn() }
      #expect(outboxes.map(\.counts.frames_held) == [0, 0, 0, 0, 0])
      #expect(outboxes.allSatisfy { $0.counts.frames_dropped == 0 })
      #expect(try deployment.stop() == 0)
      let audit = try deployment.audit()
      let total = outboxes.reduce(0) { $0 + $1.appended }
      print("\(total) frames over 6 kills of the broker, \(audit.duplicate) copies")
      #expect(audit.balanced && audit.stored == total && audit.quarantined == 0 && audit.rejected == 0, "\(audit)")
      let lines = try deployment.export()
      for outbox in outboxes {
        let seqs = lines.filter { $0.device == outbox.device.name }.map(\.seq).sorted()
        #expect(seqs == Array(1...outbox.appended), "\(outbox.device.name)")
      }
      #expect(try deployment.command("gaps").status == 0)
    }

    @Test func aBrokerThatComesLateIsWaitedFor() throws {
      let broker = try Broker(start: false)
      let deployment = try Deployment(broker: broker)
      try deployment.start(waits: false)
      try deployment.waitForLog("cannot reach the broker")
      #expect(try deployment.command("status").status == 1)
      try broker.start()
      try deployment.waitForLog(" online")
      #expect(try deployment.command("status").status == 0)
      let client = try deployment.client()
      try client.publish(deployment.devices[0].topic("up"), deployment.devices[0].message(seq: 1))
      try deployment.waitForMessages(1)
    }

    @Test func aGatewayWithoutABrokerStopsAtOnce() throws {
      let deployment = try Deployment(broker: try Broker(start: false))
      try deployment.start(waits: false)
      try deployment.waitForLog("cannot reach the broker")
      #expect(try deployment.stop(within: 5) == 0)
    }

    @Test func whileTheBrokerIsAwayTheGatewayWaitsAndNothingIsLost() throws {
      let broker = try Broker(persistent: true)
      let deployment = try Deployment(broker: broker)
      try deployment.start()
      let device = deployment.devices[0]
      var client = try deployment.client()
      for seq in 1...100 { try client.publish(device.topic("up"), device.message(seq: UInt32(seq))) }
      try client.flush()
      broker.stop()
      try eventually("the gateway to notice") { try deployment.command("status").status == 1 }
      try broker.start()
      client = try deployment.client()
      for seq in 101...200 { try client.publish(device.topic("up"), device.message(seq: UInt32(seq))) }
      try client.flush()
      try eventually(within: 30, "200 frames") { try deployment.ledger().stored == 200 }
      #expect(try deployment.command("status").status == 0)
      #expect(try deployment.audit().balanced)
    }

    /// DISCONNECT with reason 0 closes the connection without a fault (MQTT 5.0, 3.14.2.1).
    @Test func aBrokerThatSaysGoodByeIsNoticed() throws {
      let (listener, port) = try Loopback.listener()
      defer { close(listener) }
      let deployment = try Deployment(broker: try Broker(start: false))
      deployment.environment["CAMPUS_GATEWAY_MQTT_PORT"] = "\(port)"
      try deployment.start(waits: false)
      var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      #expect(poll(&watched, 1, 10_000) == 1)
      let peer = accept(listener, nil, nil)
      defer { close(peer) }
      var limit = timeval(tv_sec: 10, tv_usec: 0)
      setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      func say(_ bytes: [UInt8]) { _ = send(peer, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }
      // As a broker that grants everything.
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      var grants = 0
      while grants < 3 {
        let count = recv(peer, &buffer, buffer.count, 0)
        try #require(count > 0)
        bytes += buffer[..<count]
        while let (first, body) = MQTT.split(bytes, from: 0) {
          if first >> 4 == 1 { say([0x20, 3, 0, 0, 0]) }
          if first >> 4 == 8 {
            say([0x90, 4, bytes[body.lowerBound], bytes[body.lowerBound + 1], 0, 1])
            grants += 1
          }
          bytes.removeFirst(body.upperBound)
        }
      }
      try deployment.waitForLog(" online")
      say([0xe0, 0])
      try deployment.waitForLog("trying again")
      #expect(try deployment.command("status").status == 1)
      #expect(try deployment.stop() == 0)
    }

    private static let openssl = "/usr/bin/openssl"

    @Test(.enabled(if: access(EndToEnd.BrokerFaultTests.openssl, X_OK) == 0))
    func aBrokerThatNobodyVouchesForIsRefusedWithTheReason() throws {
      let folder = try TemporaryFolder()
      let path = folder.path
      for name in ["broker", "other"] {
        let made = try ChildProcess(
          BrokerFaultTests.openssl,
          [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", "\(path)/\(name).key",
            "-out", "\(path)/\(name).pem",
          ], output: "\(path)/openssl.out", errors: "\(path)/openssl.log")
        #expect(try made.wait() == 0, "\(made.log)")
      }
      let broker = try Broker(settings: [
        "cafile \(path)/broker.pem", "certfile \(path)/broker.pem", "keyfile \(path)/broker.key",
      ])
      let deployment = try Deployment(broker: broker)
      deployment.environment["CAMPUS_GATEWAY_MQTT_TLS_CA"] = "\(path)/other.pem"
      try deployment.start(waits: false)
      try deployment.waitForLog("TLS with the broker fails: certificate verify failed")
      #expect(try deployment.stop() == 0)
      deployment.environment["CAMPUS_GATEWAY_MQTT_TLS_CA"] = "\(path)/broker.pem"
      try deployment.start()
      #expect(try deployment.stop() == 0)
    }
  }
}
