import Foundation
import Testing

extension EndToEnd {
  /// Faults in what people write, and changes while the gateway runs.
  @Suite(.serialized) struct ConfigurationFaultTests {
    @Test func aMalformedConfigurationIsRefusedWithFileAndLine() throws {
      let deployment = try Deployment()
      let file = try deployment.folder.write(
        "bad.yaml", "mqtt:\n  prot: 1883\nlimits:\n  frame_bytes: 16k\n  batch_readings: 0\nstroe: {}\n")
      let run = try deployment.command("run", configuration: file)
      #expect(run.status == 3)
      for line in [2, 4, 5, 6] { #expect(run.errors.contains("bad.yaml:\(line): "), "\(run.errors)") }
      #expect(run.errors.contains("port"), "the nearest name")
      let check = try deployment.command("check", configuration: file)
      #expect(check.status == 1)
      for line in [2, 4, 5, 6] { #expect(check.output.contains("bad.yaml:\(line): "), "\(check.output)") }
      let broken = try deployment.folder.write("broken.yaml", "mqtt: {host: [\n")
      let syntax = try deployment.command("run", configuration: broken)
      #expect(syntax.status == 3 && syntax.errors.contains("broken.yaml:"), "\(syntax.errors)")
      let absent = try deployment.command("run", configuration: "\(deployment.folder.path)/absent.yaml")
      #expect(absent.status == 3 && absent.errors.contains("absent.yaml"))
    }

    /// What `check` calls good, `run` starts with.
    @Test func whatAKeyNamesIsLookedAtBeforeAnythingRuns() throws {
      let deployment = try Deployment(devices: 0)
      let folder = deployment.folder.path
      let text = try deployment.folder.write("text", "no certificate\n")
      let common = "campus: {directory: \(folder)/campus, key_file: \(folder)/data/master.key}\ndiagnosis: {embedded: no}\n"
      let cases: [(key: String, setting: String)] = [
        ("http.host", "http: {host: 0.0.0.0}"), ("http.token_file", "http: {token_file: /nope}"),
        ("mqtt.password_file", "mqtt: {password_file: /nope}"), ("mqtt.tls.ca", "mqtt: {tls: {ca: /nope}}"),
        ("mqtt.tls.ca", "mqtt: {tls: {ca: \(text)}}"), ("store.path", "store: {path: \(folder)}"),
        ("diagnosis.secret_file", "diagnosis: {secret_file: /nope}"),
      ]
      for (key, setting) in cases {
        let rest = setting.hasPrefix("diagnosis") ? common.replacingOccurrences(of: "diagnosis: {embedded: no}\n", with: "") : common
        let file = try deployment.folder.write("named.yaml", rest + setting + "\n")
        let line = rest.split(separator: "\n").count + 1
        let check = try deployment.command("check", configuration: file)
        #expect(check.status == 1 && check.output.contains("named.yaml:\(line): \(key)"), "\(setting): \(check.output)")
        let run = try deployment.command("run", configuration: file)
        #expect(run.status == 3 && run.errors.contains("named.yaml:\(line): \(key)"), "\(setting): \(run.errors)")
        #expect(!run.errors.contains("ready"), "\(run.errors)")
      }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/data/gateway.sqlite"))
      // Commands that need none of it go on.
      let file = try deployment.folder.write("named.yaml", common + "mqtt: {password_file: /nope}\n")
      let audit = try deployment.command("audit", configuration: file)
      #expect(!audit.errors.contains("password_file"), "\(audit.errors)")
    }

    @Test func everyFaultOfACampusIsToldAtOnce() throws {
      let deployment = try Deployment()
      let good = "main,term-0001,room-1,t1,mac,"
      var lines = ["site,device,place_id,model,auth,adapter", good]
      for number in 0..<5 {
        lines.append("ma in,term-1\(number),room-1,t1,mac,")  // line 3, 7, …: no topic name
        lines.append("main,term-2\(number),room-9,t1,mac,")  // no such place
        lines.append("main,term-3\(number),room-1,t1,mca,")  // no such auth
        lines.append(good)  // twice
      }
      try deployment.folder.write("campus/devices.csv", lines.joined(separator: "\n") + "\n")
      let check = try deployment.command("check")
      let run = try deployment.command("run")
      #expect(check.status == 1)
      #expect(run.status == 3)
      for line in 3...22 {
        #expect(check.lines.count { $0.contains("/campus/devices.csv:\(line): ") } == 1, "line \(line)")
        #expect(run.errors.contains("/campus/devices.csv:\(line): "), "line \(line)")
      }
      #expect(check.lines.last == "20 faults")
      struct Fault: Decodable { var place, message: String }
      let json: [Fault] = try deployment.command("check", "--json").decoded()
      #expect(json.count == 20)
    }

    @Test func aReloadWithABrokenCampusKeepsTheOldOne() throws {
      let deployment = try Deployment()
      let device = deployment.devices[0]
      try deployment.start()
      let client = try deployment.client()
      try deployment.folder.write("campus/devices.csv", "site,device,place_id,model,auth,adapter\nmain,,x,y,z,\n")
      deployment.process?.signal(1)
      try deployment.waitForLog("not reloaded")
      #expect(deployment.process?.log.contains("campus/devices.csv:2: ") == true)
      try client.publish(device.topic("up"), device.message(seq: 1))
      try deployment.waitForMessages(1)
      #expect(try deployment.audit().stored == 1)
    }

    @Test func aReloadLetsANewDeviceInAndAnOldOneOut() throws {
      let deployment = try Deployment()
      let new = TestDevice("term-new")
      try deployment.start()
      let client = try deployment.client()
      try client.publish(new.topic("up"), new.message(seq: 1))
      try deployment.waitForMessages(1)
      #expect(try deployment.audit().rejections == ["unknown_device": 1])
      try deployment.importKeys([new])
      try deployment.writeCampus(adding: [new])
      deployment.process?.signal(1)
      try deployment.waitForLog("reloaded")
      try client.publish(new.topic("up"), new.message(seq: 1))
      try deployment.waitForMessages(2)
      #expect(try deployment.audit().stored == 1)
      try deployment.writeCampus()
      deployment.process?.signal(1)
      try eventually("the second reload") {
        deployment.process?.log.split(separator: "\n").count { $0.contains(" reloaded") } == 2
      }
      try client.publish(new.topic("up"), new.message(seq: 2))
      try deployment.waitForMessages(3)
      #expect(try deployment.audit().rejections == ["unknown_device": 2])
      // What was stored stays, and still says whose it is.
      #expect(try deployment.export("--device", "main/term-new").count == 1)
    }
  }
}
