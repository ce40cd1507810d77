import GRDB
import Glibc
import ReadingLog
import Testing

extension EndToEnd {
  /// Keys are made, imported, rotated and revoked while the gateway runs, and count at once.
  @Suite(.serialized) struct KeyCommandTests {
    private struct NewKey: Decodable { var site, device, key, kid: String }

    /// How a frame made with the device's present key ends.
    private func outcome(
      _ deployment: Deployment, _ client: MQTTClient, _ device: TestDevice, seq: UInt32
    ) throws -> String {
      let before = try deployment.audit()
      try client.publish(device.topic("up"), device.message(seq: seq))
      try client.flush()
      try deployment.waitForMessages(before.received + 1)
      let after = try deployment.audit()
      if after.stored > before.stored { return "stored" }
      return after.rejections.first { before.rejections[$0.key] != $0.value }?.key ?? "\(after)"
    }

    @Test func commandsAtTheSameTimeWaitForOneAnother() throws {
      let deployment = try Deployment()
      let commands = try (1...5).map { number in
        try ChildProcess(
          Deployment.executable, ["keys", "new", "main", "parallel-\(number)", "--config", deployment.configuration],
          output: "\(deployment.folder.path)/\(number).out", errors: "\(deployment.folder.path)/\(number).err")
      }
      for command in commands { #expect(try command.wait(within: 20) == 0, "\(command.log)") }
    }

    @Test func everyChangeOfKeysCountsAtOnce() throws {
      let deployment = try Deployment(devices: 2)
      let device = deployment.devices[0]
      let old = device.key
      try deployment.start()
      let client = try deployment.client()
      try client.subscribe(device.topic("down"))
      #expect(try outcome(deployment, client, device, seq: 1) == "stored")

      let rotated: NewKey = try deployment.command("keys", "rotate", "main", device.name, "--json")
        .expectGood().decoded()
      #expect(try outcome(deployment, client, device, seq: 2) == "stored", "the old key, during a rotation")
      device.useKey(try #require(Hex.bytes(rotated.key)))
      #expect(try outcome(deployment, client, device, seq: 3) == "stored", "the new key")
      // A receipt is made with the key that verified the frame.
      try client.receive("a receipt under the new key") { device.receipt($0.payload)?.through == 3 }

      try deployment.command("keys", "revoke", "main", device.name, "--old").expectGood()
      #expect(try outcome(deployment, client, device, seq: 4) == "stored")
      device.useKey(old)
      #expect(try outcome(deployment, client, device, seq: 5) == "authentication_failed")
      #expect(try deployment.command("keys", "revoke", "main", device.name, "--old").status == 1)

      let line = try deployment.command("keys", "new", "main", device.name).expectGood().lines
      #expect(line.first == "site,device,key,kid")
      let cells = try #require(line.last).split(separator: ",")
      device.useKey(try #require(Hex.bytes(String(cells[2]))))
      #expect(try outcome(deployment, client, device, seq: 5) == "stored")
      device.useKey(try #require(Hex.bytes(rotated.key)))
      #expect(try outcome(deployment, client, device, seq: 6) == "authentication_failed", "keys new revokes the others")

      try deployment.command("keys", "revoke", "main", device.name).expectGood()
      #expect(try outcome(deployment, client, device, seq: 6) == "no_key")
      #expect(try deployment.command("keys", "revoke", "main", device.name).status == 1)
      #expect(try outcome(deployment, client, deployment.devices[1], seq: 1) == "stored", "another device's key")
      try deployment.importKeys([device])
      #expect(try outcome(deployment, client, device, seq: 6) == "stored", "imported again")
      // Keys outlive the process.
      #expect(try deployment.stop() == 0)
      try deployment.start()
      #expect(try outcome(deployment, client, device, seq: 7) == "stored")
      #expect(try deployment.audit().balanced)
    }

    @Test func anImportWithAFaultImportsNothing() throws {
      let deployment = try Deployment(devices: 1)
      let key = String(repeating: "ab", count: 32)
      let file = try deployment.folder.write(
        "faulty.csv", "site,device,key\nmain,term-0001,\(key)\nmain,te rm,\(key)\nmain,term-0001,abcd\n")
      let result = try deployment.command("keys", "import", file)
      #expect(result.status == 1)
      #expect(result.errors.contains("faulty.csv:3: ") && result.errors.contains("faulty.csv:4: "), "\(result.errors)")
      try deployment.start()
      let client = try deployment.client()
      #expect(try outcome(deployment, client, deployment.devices[0], seq: 1) == "stored", "the key before stays")
      #expect(try deployment.command("keys", "import", "\(deployment.folder.path)/absent.csv").status == 3)
    }

    @Test func aFileNamesADeviceOnceAndHoldsAKeyAtLeast() throws {
      let deployment = try Deployment(devices: 1)
      let (one, other) = (String(repeating: "ab", count: 32), String(repeating: "cd", count: 32))
      let twice = try deployment.folder.write(
        "twice.csv", "site,device,key\nmain,term-0001,\(one)\nmain,term-0002,\(one)\nmain,term-0001,\(other)\n")
      let refused = try deployment.command("keys", "import", twice)
      #expect(refused.status == 1 && refused.errors.contains("twice.csv:4: main/term-0001"), "\(refused)")
      #expect(refused.errors.contains("on line 2"), "\(refused)")
      let head = try deployment.folder.write("head.csv", "site,device,key\n")
      let empty = try deployment.command("keys", "import", head)
      #expect(empty.status == 1 && empty.errors.contains("holds no key"), "\(empty)")
      let unknown = try deployment.folder.write("unknown.csv", "site,device,key\nmain,term-0009,\(one)\n")
      let noted = try deployment.command("keys", "import", unknown).expectGood()
      #expect(noted.errors.contains("main/term-0009 is not in devices.csv"), "\(noted)")
    }

    /// A key that is in force but was never shown locks its device out.
    @Test func aNewKeyIsShownEvenIfTheCampusIsBroken() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      try deployment.folder.write("campus/devices.csv", "site,device\n")
      let made = try deployment.command("keys", "new", "main", device.name, "--json")
      if made.status == 0 {
        let key: NewKey = try made.decoded()
        device.useKey(try #require(Hex.bytes(key.key)))
      }
      // Where it is refused, the key before must stay; in either case also after a restart.
      #expect(try outcome(deployment, client, device, seq: 1) == "stored", "\(made)")
      try deployment.command("keys", "revoke", "main", device.name).expectGood()
      #expect(try outcome(deployment, client, device, seq: 2) == "no_key", "revoked is revoked at once")
      try deployment.importKeys([device])
      try deployment.writeCampus()
      #expect(try deployment.stop() == 0)
      try deployment.start()
      #expect(try outcome(deployment, client, device, seq: 2) == "stored", "\(made)")
    }

    /// Whatever keeps the campus from being reloaded.
    @Test func aChangeOfKeysCountsAlsoIfTheCampusCannotBeStored() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try changeStore(deployment.store) { db in
        try db.execute(
          sql: """
            CREATE TRIGGER refuse BEFORE INSERT ON campus_version BEGIN SELECT raise(ABORT, 'made to fail'); END
            """)
      }
      try deployment.start()
      let client = try deployment.client()
      try deployment.writeCampus(adding: [TestDevice("term-0100")])
      let made = try deployment.command("keys", "new", "main", device.name, "--json").expectGood()
      let key: NewKey = try made.decoded()
      device.useKey(try #require(Hex.bytes(key.key)))
      #expect(try outcome(deployment, client, device, seq: 1) == "stored")
      try deployment.command("keys", "revoke", "main", device.name).expectGood()
      #expect(try outcome(deployment, client, device, seq: 2) == "no_key")
      try deployment.waitForLog("the campus is not reloaded")
      // What intake knows and what the log goes by are the same: the device is in neither.
      deployment.process?.signal(SIGHUP)
      try deployment.waitForLog("not reloaded, the old campus stays in force")
      let stranger = TestDevice("term-0100")
      try client.publish(stranger.topic("up"), stranger.message(seq: 1))
      try deployment.waitForMessages(3)
      #expect(try deployment.audit().rejections == ["no_key": 1, "unknown_device": 1])
    }
  }
}
