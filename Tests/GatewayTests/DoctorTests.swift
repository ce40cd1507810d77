import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// What the doctor says of a deployment.
  @Suite(.serialized) struct DoctorTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../..").standardized.path

    private func examine(_ deployment: Deployment, _ more: String...) throws -> (DoctorReport, Int32) {
      // The shipped standards are for a whole school.
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_EMBEDDED"] = "false"
      let result = try deployment.run(["doctor", "--json"] + more)
      return (try result.decoded(), result.status)
    }

    /// A mosquitto with the shipped configuration and access list, moved to a free port and a folder of its own.
    private func shippedBroker() throws -> Broker {
      let folder = try TemporaryFolder()
      let list = text(of: "\(Self.root)/config/mosquitto.acl")
      let shipped = text(of: "\(Self.root)/config/mosquitto.conf")
      #expect(shipped.contains("listener 1883 127.0.0.1") && list.contains("topic readwrite campus/doctor/#"))
      try folder.write("campus.acl", list)
      let passwords = try folder.write("campus.passwd", "campus-gateway:open sesame\n")
      // Turns the plain text into hashes.
      let hashing = try ChildProcess(
        "mosquitto_passwd", ["-U", passwords], output: "\(folder.path)/out", errors: "\(folder.path)/err")
      guard try hashing.wait() == 0 else { throw TimedOut(description: hashing.log) }
      return try Broker(
        file: { port, own in
          shipped.replacingOccurrences(of: "listener 1883", with: "listener \(port)")
            .replacingOccurrences(of: "/etc/mosquitto/campus", with: "\(folder.path)/campus")
            + "\nuser root\npersistence_location \(own)/\nlog_dest stderr\n"
        }, keeping: folder)
    }

    @Test func theFourTrapsOfAnUntouchedBrokerAreNamed() throws {
      let broker = try Broker(file: { port, _ in "listener \(port) 127.0.0.1\nallow_anonymous true\nuser root\n" })
      let (report, status) = try examine(try Deployment(broker: broker))
      #expect(status == 1 && !report.good)
      for check in ["broker.persistence", "broker.queue", "broker.inflight", "broker.anonymous"] {
        #expect(report.about(check).contains { $0.isBad && $0.why != nil && $0.mend != nil }, "\(check): \(report)")
      }
      let queue = report.about("broker.queue").first?.what ?? ""
      #expect(queue.contains("kept 1000") && queue.contains("dropped 100"), "\(queue)")
      #expect(report.about("broker.inflight").first?.what.contains("20") == true)
      // A disk that cannot be trusted is said first.
      guard report.about("disk.type").allSatisfy({ !$0.isBad }), report.about("disk.sync").allSatisfy({ !$0.isBad })
      else { return }
      #expect(report.guarantee.contains("dropped silently"), "\(report.guarantee)")
      #expect(report.guaranteeZh.contains("静默丢弃"))
    }

    @Test func withTheShippedConfigurationItIsSatisfied() throws {
      let deployment = try Deployment(broker: try shippedBroker())
      let password = try deployment.folder.write("password", "open sesame\n")
      chmod(password, 0o600)
      deployment.environment["CAMPUS_GATEWAY_MQTT_USERNAME"] = "campus-gateway"
      deployment.environment["CAMPUS_GATEWAY_MQTT_PASSWORD_FILE"] = password
      let (report, status) = try examine(deployment)
      // What this machine's disk is like is not the broker's doing.
      let bad = report.bad.filter { !$0.check.hasPrefix("disk.") }
      #expect(bad.isEmpty, "\(bad)")
      #expect(status == (report.bad.isEmpty ? 0 : 1))
      for check in ["session", "queue", "inflight", "receipts", "reads", "access", "anonymous", "persistence", "autosave"] {
        #expect(report.about("broker.\(check)").map(\.level) == ["ok"], "\(check): \(report)")
      }
      if report.bad.isEmpty { #expect(report.guarantee.contains("across restarts of gateway and broker")) }
    }

    @Test func aBrokerWithoutQoS1IsAFault() throws {
      let broker = try Broker(settings: ["max_qos 0"])
      let (report, status) = try examine(try Deployment(broker: broker), "--quick")
      #expect(status == 1 && report.about("broker.qos").map(\.level) == ["fault"], "\(report)")
      #expect(report.about("broker.queue").isEmpty && report.about("broker.reads").isEmpty, "\(report)")
    }

    @Test func anAccessListThatIsSilentIsSeen() throws {
      let folder = try TemporaryFolder()
      let list = try folder.write("acl", "topic read campus/v1/+/+/up\ntopic readwrite campus/doctor/#\n")
      let broker = try Broker(
        file: { port, _ in "listener \(port) 127.0.0.1\nallow_anonymous true\nuser root\nacl_file \(list)\n" }, keeping: folder)
      let (report, status) = try examine(try Deployment(broker: broker), "--quick")
      let reads = report.about("broker.reads")
      #expect(status == 1 && reads.map(\.level) == ["fault"], "\(report)")
      #expect(reads.first?.what.contains("campus/v1/+/+/json, campus/v1/+/+/state") == true, "\(reads)")
      #expect(report.about("broker.receipts").map(\.level) == ["fault"], "\(report)")
    }

    @Test func theDoctorLeavesNothingBehindAndIsTakenForNoDevice() throws {
      let deployment = try Deployment(broker: try Broker(persistent: true))
      try deployment.start()
      let (report, _) = try examine(deployment)
      #expect(report.about("gateway.intake").map(\.level) == ["ok"], "\(report)")
      #expect(report.about("gateway.commits").map(\.level) == ["ok"], "\(report)")
      #expect(try deployment.ledger().received == 0)
      #expect(deployment.process?.log.contains("trying again") == false, "the gateway's session was not touched")
      #expect(try deployment.stop() == 0)
    }

    @Test func aBrokerThatIsNotThereIsAFault() throws {
      let deployment = try Deployment()
      deployment.broker.stop()
      let (report, status) = try examine(deployment)
      #expect(status == 1)
      #expect(report.about("broker.reach").map(\.level) == ["fault"], "\(report)")
      #expect(report.guarantee.contains("was not reached") || report.guarantee.contains("does not mean durable"))
    }

    @Test func aWrongPasswordIsAFault() throws {
      let deployment = try Deployment(broker: try shippedBroker())
      let password = try deployment.folder.write("password", "wrong\n")
      chmod(password, 0o644)
      deployment.environment["CAMPUS_GATEWAY_MQTT_USERNAME"] = "campus-gateway"
      deployment.environment["CAMPUS_GATEWAY_MQTT_PASSWORD_FILE"] = password
      let (report, _) = try examine(deployment)
      #expect(report.about("broker.login").map(\.level) == ["fault"], "\(report)")
      #expect(report.about("files.secret").contains { $0.level == "fault" && $0.mend?.contains("600") == true })
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/shm")))
    func aDataFolderInMemoryIsAFault() throws {
      let deployment = try Deployment(data: "/dev/shm/campus-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(atPath: deployment.data) }
      let (report, status) = try examine(deployment)
      #expect(status == 1)
      #expect(report.about("disk.type").map(\.level) == ["fault"], "\(report)")
      #expect(report.guarantee.contains("does not mean durable here"))
    }

    @Test func aDamagedStoreIsAFaultAndQuickDoesNotLook() throws {
      let deployment = try Deployment(devices: 200)
      // The store closed cleanly: its pages are all in the file. A page in its middle is overwritten.
      let handle = try #require(FileHandle(forUpdatingAtPath: deployment.store))
      let size = try handle.seekToEnd()
      var offset = size / 8192 / 2 * 8192
      while offset < size {
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(repeating: 0xa5, count: 8192))
        offset += 8192
      }
      try handle.close()
      let (report, status) = try examine(deployment)
      #expect(status == 1)
      #expect(report.findings.contains { $0.check.hasPrefix("store.") && $0.level == "fault" }, "\(report)")
      #expect(report.guarantee.contains("until the store is mended"), "\(report.guarantee)")
      let (quick, _) = try examine(deployment, "--quick")
      #expect(quick.about("store.pages").allSatisfy { $0.level != "fault" }, "\(quick)")
    }

    /// The end of a restore: `run` would refuse both.
    @Test func aMissingOrForeignMasterKeyIsAFault() throws {
      let deployment = try Deployment()
      let key = "\(deployment.data)/master.key"
      let (good, _) = try examine(deployment, "--quick")
      #expect(good.about("store.key").map(\.level) == ["ok"], "\(good)")
      try FileManager.default.removeItem(atPath: key)
      let (missing, status) = try examine(deployment, "--quick")
      #expect(status == 1 && missing.about("store.key").map(\.level) == ["fault"], "\(missing)")
      #expect(!FileManager.default.fileExists(atPath: key), "nothing was made")
      try (String(repeating: "5a", count: 32) + "\n").write(toFile: key, atomically: true, encoding: .utf8)
      chmod(key, 0o600)
      let (foreign, again) = try examine(deployment, "--quick")
      #expect(again == 1 && foreign.about("store.key").map(\.level) == ["fault"], "\(foreign)")
      #expect(foreign.about("store.key").first?.what.contains("is not the one") == true)
    }

    @Test func withoutAConfigurationItCannotRun() throws {
      let deployment = try Deployment(devices: 0)
      #expect(try deployment.command("doctor", configuration: "/nonexistent.yaml").status == 3)
    }

    @Test func inAChineseLocaleItSpeaksChineseToo() throws {
      let deployment = try Deployment()
      deployment.environment["LC_ALL"] = "zh_CN.UTF-8"
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_EMBEDDED"] = "false"
      let output = try deployment.command("doctor", "--quick").output
      #expect(output.contains("消息服务器") && output.contains("the broker") && !output.contains("\u{1B}["))
    }
  }
}
