import DeviceProtocol
import Foundation
import Glibc
import Testing

/// The members of Now that tests look at.
struct NowLine: Decodable {
  struct Intake: Decodable { var online, suspended: Bool, lanes: Int }
  struct Devices: Decodable { var known, heard, silent: Int }
  struct Ledger: Decodable { var received, stored, duplicate, quarantined, rejected: Int, balanced: Bool }
  var intake: Intake
  var devices: Devices
  var ledger: Ledger
  var quarantineHeld, missing: Int
  var ready: Bool
}

struct ProblemLine: Decodable { var problem: String }

/// `{"items":…,"next":…}`
struct PageLine<Item: Decodable>: Decodable {
  var items: [Item]
  var next: String?
}

struct DeviceLine: Decodable {
  var site, device, state: String
  var problems: [String]
  var lastHeard: Int64?
  var missing, keys, boots: Int
}

struct QuarantinedLine: Decodable {
  struct Value: Decodable { var path, value: String }
  struct Break: Decodable { var text: String, offset: Int }
  var id: Int
  var reason, explanation, explanationZh, state: String
  var hex: String?
  var decoded: [Value]?
  var brokeAt: Break?
}

extension EndToEnd {
  /// The page, the metrics and the API of a gateway that runs.
  @Suite(.serialized) struct HTTPTests {
    @Test func everyEndpointAnswersWithLiveData() throws {
      let deployment = try Deployment(devices: 2)
      try deployment.enrol(School.over())
      try deployment.start()
      let (device, client) = (deployment.devices[0], try deployment.client())
      for seq: UInt32 in [1, 2, 4] { try client.publish(device.topic("up"), device.message(seq: seq)) }
      try client.publish(device.topic("up"), device.seal([0x01]))
      try client.flush()
      try deployment.waitForMessages(4)

      let reply = try deployment.waitForAnswer("/api/v1/now") {
        let now: NowLine = try $0.decoded()
        return now.ledger.received == 4 && now.quarantineHeld == 1 && now.missing == 1 && now.ready
      }
      let now: NowLine = try reply.decoded()
      #expect(now.intake.online && now.intake.lanes == 1 && now.ledger.stored == 3 && now.ledger.balanced)
      #expect(reply.headers["cache-control"] == "no-store")
      for path in ["/", "/page/page.css", "/page/page.js", "/page/words.js", "/healthz", "/metrics", "/api/v1/openapi.json"] {
        let reply = try deployment.ask("GET", path)
        #expect(reply.status == 200 && !reply.body.isEmpty, "\(path)")
        #expect(reply.headers["x-content-type-options"] == "nosniff", "\(path)")
        #expect(reply.headers["content-security-policy"]?.contains("frame-ancestors 'none'") == true, "\(path)")
      }
      for path in ["status", "audit", "devices", "meetings", "places", "units", "readings", "aggregates", "rankings",
        "warnings", "quarantine", "gaps"]
      {
        let reply = try deployment.ask("GET", "/api/v1/\(path)")
        #expect(reply.status == 200 && reply.headers["content-type"] == "application/json", "\(path): \(reply.text)")
      }
      let metrics = try deployment.waitForAnswer("/metrics") { $0.text.contains("campus_gateway_missing_frames 1\n") }.text
      #expect(metrics.contains("campus_gateway_frames_total{outcome=\"stored\"} 3\n"))
      #expect(metrics.contains("campus_gateway_readings_total{kind=\"checkin\"} 3\n"))
      #expect(metrics.contains("campus_gateway_ready 1\n"))
      let gaps: PageLine<GapItem> = try deployment.ask("GET", "/api/v1/gaps").decoded()
      #expect(gaps.items.map(\.first) == [3] && gaps.items[0].device == device.name)
      try deployment.waitForAnswer("/api/v1/devices/main/\(device.name)") {
        let shown: DeviceLine = try $0.decoded()
        return shown.state == "heard" && shown.problems.contains("gaps") && shown.missing == 1
      }
      #expect(try deployment.ask("GET", "/api/v1/devices/main/nobody").status == 404)
      #expect(try deployment.stop() == 0)
    }

    private struct GapItem: Decodable { var site, device: String, epoch, first, last: Int }

    @Test func pagesWalkEverythingExactlyOnce() throws {
      let deployment = try Deployment(devices: 7)
      try deployment.start()
      let client = try deployment.client()
      var published: [ExportedLine.Frame] = []
      for seq: UInt32 in 1...40 {
        for device in deployment.devices {
          // Every other frame is lost: as many gaps.
          try client.publish(device.topic("up"), device.message(seq: seq * 2))
          published.append(.init(device: device.name, epoch: 1, seq: Int(seq * 2)))
        }
      }
      try client.flush()
      try deployment.waitForMessages(published.count)
      expectExactlyOnce(published, try walk(deployment, "/api/v1/readings?limit=33"))
      let gaps: [GapItem] = try walk(deployment, "/api/v1/gaps?limit=11")
      #expect(gaps.count == 7 * 40)
      #expect(Set(gaps.map { "\($0.device)/\($0.first)" }).count == gaps.count)
      let all: [GapItem] = try walk(deployment, "/api/v1/gaps?limit=17&all=true")
      #expect(all.count == gaps.count)
      let one: [GapItem] = try walk(deployment, "/api/v1/gaps?limit=9&site=main&device=\(deployment.devices[3].name)")
      #expect(one.count == 40)
      let devices: [DeviceLine] = try walk(deployment, "/api/v1/devices?limit=2")
      #expect(devices.map(\.device) == deployment.devices.map(\.name))
      let few: [ExportedLine] = try walk(deployment, "/api/v1/readings?limit=10&device=\(deployment.devices[0].name)")
      #expect(few.count == 40 && few.allSatisfy { $0.device == deployment.devices[0].name })
      #expect(try deployment.ask("GET", "/api/v1/readings?cursor=nonsense").status == 404)
    }

    private func walk<Item: Decodable>(_ deployment: Deployment, _ path: String) throws -> [Item] {
      var items: [Item] = []
      var next: String?
      for _ in 0..<1_000 {
        let page: PageLine<Item> = try deployment.ask("GET", path + (next.map { "&cursor=\($0)" } ?? "")).decoded()
        items += page.items
        next = page.next
        if next == nil { return items }
      }
      throw TimedOut(description: "\(path) has no last page")
    }

    @Test func listsComeAsLinesAndTablesToo() throws {
      let deployment = try Deployment()
      try deployment.start()
      let (device, client) = (deployment.devices[0], try deployment.client())
      for seq: UInt32 in 1...3 { try client.publish(device.topic("up"), device.message(seq: seq)) }
      try client.flush()
      try deployment.waitForMessages(3)
      let lines = try deployment.ask("GET", "/api/v1/readings?limit=2", headers: ["Accept: application/x-ndjson"])
      #expect(lines.headers["content-type"] == "application/x-ndjson")
      #expect(lines.text.split(separator: "\n").count == 2)
      let link = lines.headers["link"] ?? ""
      #expect(link.hasPrefix("</api/v1/readings?limit=2&cursor=") && link.hasSuffix(">; rel=\"next\""), "\(link)")
      let table = try deployment.ask("GET", "/api/v1/readings", headers: ["Accept: text/csv"])
      #expect(table.headers["link"] == nil)
      let rows = table.text.components(separatedBy: "\r\n")
      #expect(rows.count == 5 && rows[0].hasPrefix("site,device,epoch,seq,"), "\(table.text)")
      for path in ["devices", "gaps", "aggregates", "warnings", "quarantine"] {
        #expect(try deployment.ask("GET", "/api/v1/\(path)", headers: ["Accept: text/csv"]).status == 200, "\(path)")
      }
      let refused = try deployment.ask("GET", "/api/v1/readings", headers: ["Accept: application/xml"])
      #expect(refused.status == 406)
      #expect(try !refused.decoded(ProblemLine.self).problem.isEmpty)
    }

    @Test func aHeldMessageIsDissectedReplayedAndDiscarded() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      let (device, client) = (deployment.devices[0], try deployment.client())
      let now = unixMilliseconds()
      try client.publish(
        device.topic("up"), device.message(seq: 1, readings: [CBOR.checkin(at: now, card: [1, 2, 3, 4]), CBOR.unknown(at: now)]))
      try client.publish(device.topic("up"), device.seal([0x82, 0x01]))
      try client.flush()
      try deployment.waitForMessages(2)
      let page: PageLine<QuarantinedLine> = try deployment.ask("GET", "/api/v1/quarantine").decoded()
      #expect(page.items.count == 2 && page.items.allSatisfy { $0.hex == nil && !$0.explanationZh.isEmpty })
      let ids = page.items.map(\.id)
      let whole: QuarantinedLine = try deployment.ask("GET", "/api/v1/quarantine/\(ids[1])").decoded()
      #expect(whole.reason == "unknown_kind" && whole.brokeAt == nil && whole.hex?.isEmpty == false)
      #expect(whole.decoded?.contains { $0.path == "payload[5][0][2]" && $0.value == "h'01020304'" } == true)
      let broken: QuarantinedLine = try deployment.ask("GET", "/api/v1/quarantine/\(ids[0])").decoded()
      #expect(broken.brokeAt != nil && broken.decoded?.contains { $0.path == "payload[0]" } == true)

      struct Outcome: Decodable { var id: Int, outcome: String }
      let replayed = try deployment.ask("POST", "/api/v1/quarantine/\(ids[1])/replay", body: "{}")
      #expect(replayed.status == 200, "\(replayed.text)")
      #expect(try replayed.decoded(Outcome.self).outcome == "quarantined", "no version knows this kind")
      let discarded: Outcome = try deployment.ask("POST", "/api/v1/quarantine/\(ids[0])/discard", body: "{}").decoded()
      #expect(discarded.outcome == "discarded")
      #expect(try deployment.ask("POST", "/api/v1/quarantine/\(ids[0])/discard", body: "{}").status == 409)
      #expect(try deployment.ask("POST", "/api/v1/quarantine/999/replay", body: "{}").status == 404)
      #expect(try deployment.audit().balanced)
    }

    @Test func aWarningIsTakenThroughItsLife() throws {
      let deployment = try Deployment()
      let school = School.over()
      try deployment.enrol(school)
      try deployment.start()
      try deployment.checkIn(
        try deployment.client(), seq: 1, [(1, school.meetings[0].start), (2, school.meetings[0].start)])
      let raised = try deployment.waitForWarning()
      struct Detail: Decodable {
        struct Step: Decodable { var kind, by: String }
        struct Trail: Decodable { var aggregate: AggregateRow?, readings: String? }
        var state: String
        var steps: [Step]
        var trail: Trail
      }
      let path = "/api/v1/warnings/\(raised.id)"
      let detail: Detail = try deployment.ask("GET", path).decoded()
      #expect(detail.state == "raised" && detail.trail.aggregate?.id == "m1")
      let rows: PageLine<ExportedLine> = try deployment.ask("GET", try #require(detail.trail.readings)).decoded()
      #expect(rows.items.count == 2, "the check-ins that caused it")

      let taken: Detail = try deployment.ask("POST", "\(path)/acknowledge", body: #"{"by":"Li","note":"seen"}"#).decoded()
      #expect(taken.state == "acknowledged" && taken.steps.contains { $0.by == "Li" })
      #expect(try deployment.ask("POST", "\(path)/acknowledge", body: #"{"by":"Li"}"#).status == 409)
      #expect(try deployment.ask("POST", "\(path)/improve", body: #"{"by":"Li","measure":"talk"}"#).status == 200)
      #expect(try deployment.ask("POST", "\(path)/close", body: #"{"by":"Li"}"#).status == 409, "a note must say why")
      #expect(try deployment.ask("POST", "\(path)/close", body: #"{"by":"Li","note":"holiday"}"#).status == 200)
      #expect(try deployment.ask("POST", "/api/v1/warnings/999/close", body: #"{"by":"Li","note":"x"}"#).status == 404)
      let open: PageLine<WarningLine> = try deployment.ask("GET", "/api/v1/warnings").decoded()
      #expect(open.items.isEmpty)
      for body in ["", "[]", "{", "{}", #"{"by":7}"#, #"{"by":"  "}"#] {
        let reply = try deployment.ask("POST", "\(path)/acknowledge", body: body)
        let problem: ProblemLine = try reply.decoded()
        #expect(reply.status == 400 && !problem.problem.isEmpty, "\(body): \(reply.text)")
      }
    }
  }
}
