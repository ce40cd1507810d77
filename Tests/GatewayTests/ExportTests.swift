import Foundation
import Testing

extension EndToEnd {
  /// What comes out of the store while the gateway runs.
  @Suite(.serialized) struct ExportTests {
    @Test func aBackupWhileRunningIsWhole() throws {
      let deployment = try Deployment(devices: 5)
      try deployment.start()
      let load = try Load(deployment, rate: 2000)
      try deployment.waitForMessages(500)
      let copy = try deployment.folder.folder("copy")
      try deployment.command("backup", "\(copy)/backup.sqlite").expectGood()
      let published = try load.stop()
      #expect(try deployment.command("backup", "\(copy)/backup.sqlite").status == 3, "never over another file")
      let names = try FileManager.default.contentsOfDirectory(atPath: copy).sorted()
      #expect(names == ["backup.diagnosis.sqlite", "backup.sqlite"])
      let file = try deployment.folder.write(
        "copy.yaml",
        """
        mqtt: {port: \(deployment.broker.port)}
        store: {path: "\(copy)/backup.sqlite"}
        campus: {directory: "\(deployment.folder.path)/campus", key_file: "\(deployment.data)/master.key"}
        """)
      let audit: AuditNumbers = try deployment.command("audit", "--json", configuration: file).expectGood().decoded()
      #expect(audit.balanced && audit.stored >= 500 && audit.stored <= published.count)
      let export = try deployment.command("export", configuration: file).expectGood()
      #expect(export.lines.count == audit.stored)
      // What it leaves out is what came later: the lines of the running store begin with those of the copy.
      try eventually(within: 30, "all frames") { try deployment.ledger().stored >= published.count }
      let all = try deployment.command("export").expectGood().lines
      #expect(Array(all.prefix(export.lines.count)) == export.lines)
    }

    @Test func anExportIsFilteredByTimeKindAndDevice() throws {
      let deployment = try Deployment(devices: 2)
      try deployment.start()
      let client = try deployment.client()
      let base = unixMilliseconds() - 10_000
      for (number, device) in deployment.devices.enumerated() {
        for seq: UInt32 in 1...3 {
          let at = base + Int64(seq) * 1000 + Int64(number)
          try client.publish(
            device.topic("up"),
            device.message(
              seq: seq,
              readings: [
                CBOR.checkin(at: at, card: [4, 3, 2, 1]), CBOR.response(at: at, item: 1, score: Int(seq)),
                CBOR.incident(at: at, category: 9, text: "one, \"two\"\nthree"),
              ]))
        }
      }
      try deployment.waitForMessages(6)
      #expect(try deployment.export().count == 18)
      #expect(try deployment.export("--kind", "response").count == 6)
      #expect(try deployment.export("--device", "term-0002").count == 9)
      #expect(try deployment.export("--device", "main/term-0002", "--kind", "checkin").count == 3)
      #expect(try deployment.export("--device", "other/term-0002").isEmpty)
      // [from, to): the first is in, the last is not.
      let window = try deployment.export("--from", "\(base + 1000)", "--to", "\(base + 2001)", "--kind", "checkin")
      #expect(window.map(\.eventTime).sorted() == [base + 1000, base + 1001, base + 2000])
      let day = ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(base) / 1000 - 86400))
      #expect(try deployment.export("--from", day).count == 18)
      #expect(try deployment.export("--to", day).isEmpty)

      let csv = try deployment.command("export", "--format", "csv", "--kind", "incident", "--device", "term-0001")
        .expectGood()
      let head = "site,device,epoch,seq,index,kind,event_time,time_quality,received_time,place,subject,"
      #expect(csv.output.hasPrefix(head))
      #expect(csv.output.contains("main,term-0001,1,1,2,incident,\(base + 1000),device,"))
      #expect(csv.output.contains("\"one, \"\"two\"\"\nthree\""), "RFC 4180")
      #expect(csv.output.components(separatedBy: ",incident,").count == 4)

      #expect(try deployment.command("export", "--kind", "nonsense").status == 2)
      #expect(try deployment.command("export", "--from", "yesterday").status == 2)
      #expect(try deployment.command("export", "--from", "5", "--to", "1").status == 2)
      let moment = "\(base + 1000)"
      #expect(try deployment.export("--from", moment, "--to", moment).isEmpty, "[from, to) is empty")
      let unknown = try deployment.command("export", "--device", "main/nobody").expectGood()
      #expect(unknown.errors.contains("knows no device main/nobody"), "\(unknown.errors)")
      #expect(try deployment.command("export", "--format", "xml").status == 2)
    }
  }
}
