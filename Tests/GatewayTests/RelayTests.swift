import Diagnosis
import Foundation
import Testing

extension EndToEnd {
  /// Aggregates reach a diagnosis core, whatever it does, and intake never waits for it.
  @Suite(.serialized) struct RelayTests {
    private static let secret = "a secret of this test"

    private func deployment(url: String) throws -> Deployment {
      let deployment = try Deployment()
      try deployment.enrol(School.over())
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_EMBEDDED"] = "false"
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_URL"] = url
      deployment.environment["CAMPUS_GATEWAY_DIAGNOSIS_SECRET_FILE"] = try deployment.folder.write(
        "secret", RelayTests.secret + "\n")
      return deployment
    }

    private func checkIn(_ deployment: Deployment, seq: UInt32, _ students: [Int]) throws {
      let start = School.over().meetings[0].start
      try deployment.checkIn(try deployment.client(), seq: seq, students.map { ($0, start) })
    }

    /// Waits until the meeting's event with so many present has been posted; gives it.
    @discardableResult
    private func waitForEvent(_ server: CoreServer, present: Int, within limit: Double = 40) throws -> PostedEvent {
      var found: PostedEvent?
      try eventually(within: limit, every: 0.05, "an event with \(present) present in \(server.posts.count) posts") {
        found = try server.posts.flatMap { try $0.events() }
          .last { $0.data.id == "m1" && $0.data.measures.present == present }
        return found != nil
      }
      return try #require(found)
    }

    private struct StatusNumbers: Decodable {
      struct Outbox: Decodable { var destination: String, waiting, putAside, putAsideEvents: Int }
      struct Relay: Decodable { var to: String, problem: String? }
      struct Running: Decodable { var relays: [String: Relay] }
      var outbox: [Outbox]
      var gateway: Running?
    }

    private func status(_ deployment: Deployment) throws -> StatusNumbers {
      try deployment.command("status", "--json").expectGood().decoded()
    }

    private func waitForEmptyOutbox(_ deployment: Deployment) throws {
      try eventually(within: 20, every: 0.1, "an empty outbox\n\(deployment.process?.log ?? "")") {
        try status(deployment).outbox.allSatisfy { $0.waiting == 0 }
      }
    }

    @Test func everythingArrivesThoughTheCoreFailsInEveryWay() throws {
      let server = try CoreServer([
        .status(500), .hangUp, .status(429, headers: ["retry-after: 1"]), .silence, .status(503, body: "busy"),
      ])
      defer { server.stop() }
      let deployment = try deployment(url: server.url)
      try deployment.start()
      try checkIn(deployment, seq: 1, [1, 2, 3])
      let event = try waitForEvent(server, present: 3)
      #expect(event.specversion == "1.0" && event.type == "cn.campus.aggregate.attendance.v1")
      #expect(event.datacontenttype == "application/json")
      #expect(event.source.hasPrefix("campus-gateway-1/"))
      let data = event.data
      #expect(event.id == "attendance/session/m1/meeting/\(data.window.start)/\(data.revision)")
      try waitForEmptyOutbox(deployment)

      var known: [String: AggregateRow] = [:]
      let key = try WebhookKey(secret: RelayTests.secret)
      for post in server.posts {
        try key.verify(
          WebhookHeaders(
            id: post.headers["webhook-id"] ?? "", timestamp: post.headers["webhook-timestamp"] ?? "",
            signature: post.headers["webhook-signature"] ?? ""), body: post.body, now: unixMilliseconds(),
          toleranceSeconds: 300)
        for event in try post.events() {
          if let before = known[event.id] { #expect(before == event.data, "one id, one content") }
          known[event.id] = event.data
        }
      }
      #expect(server.posts.count > 5)
      for row in try deployment.aggregates() where row.final && row.completeness.devicesHeard > 0 {
        let id = "\(row.aggregate)/\(row.scope)/\(row.id)/\(row.grain)/\(row.window.start)/\(row.revision)"
        #expect(known[id] == row, "a final was lost: \(id)")
      }
      let put = try status(deployment).outbox
      #expect(put.map(\.destination) == ["remote"] && put.map(\.putAside) == [0])
    }

    @Test func aRefusedBatchIsPutAsideVisibly() throws {
      let server = try CoreServer([.status(422, body: "no such type")])
      defer { server.stop() }
      let deployment = try deployment(url: server.url)
      try deployment.start()
      try checkIn(deployment, seq: 1, [1, 2])
      try waitForEvent(server, present: 2)
      try waitForEmptyOutbox(deployment)
      let outbox = try #require(try status(deployment).outbox.first)
      #expect(outbox.putAside == 1 && outbox.putAsideEvents > 0)
      let text = try deployment.command("status").expectGood().output
      #expect(text.contains("PUT ASIDE"), "\(text)")
      #expect(deployment.process?.log.contains("no such type") == true)
      try checkIn(deployment, seq: 2, [1, 2, 3, 4])
      try waitForEvent(server, present: 4)

      struct Line: Decodable { var id: Int, destination, reason: String, events: Int }
      let list = try deployment.command("outbox", "--json")
      let aside: [Line] = try list.decoded()
      #expect(list.status == 1 && aside.map(\.destination) == ["remote"], "\(list)")
      #expect(aside.first?.reason.contains("no such type") == true)
      let id = "\(aside.first?.id ?? 0)"
      let before = server.posts.count
      try deployment.command("outbox", "resend", id).expectGood()
      try eventually(within: 20, "the batch comes once more") { server.posts.count > before }
      try eventually(within: 20, every: 0.1, "nothing aside") { try deployment.command("outbox").status == 0 }
      #expect(server.posts.last?.body == server.posts.first?.body)
      #expect(try deployment.command("outbox", "discard", id).status == 1, "there is none any more")
    }

    @Test func whileTheCoreIsAwayIntakeGoesOnAndNothingIsLost() throws {
      let port = try Loopback.freePort()
      let deployment = try deployment(url: "http://127.0.0.1:\(port)/events")
      try deployment.start()
      for seq in 1...20 { try checkIn(deployment, seq: UInt32(seq), [seq % 4 + 1]) }
      try deployment.waitForMessages(20)
      try deployment.waitForAggregate("session/m1") { $0.measures.present == 4 }
      let running = try status(deployment)
      #expect(running.gateway?.relays["remote"]?.problem?.isEmpty == false, "\(running)")
      #expect(running.outbox.allSatisfy { $0.waiting > 0 })
      // What waits is in the store: also a new process delivers it.
      deployment.kill()
      try deployment.start()
      let server = try CoreServer(port: port)
      defer { server.stop() }
      try waitForEvent(server, present: 4)
      try waitForEmptyOutbox(deployment)
      #expect(try deployment.audit().balanced)
    }

    @Test func aSilentCoreHoldsUpNoStop() throws {
      let server = try CoreServer([.silence])
      defer { server.stop() }
      let deployment = try deployment(url: server.url)
      try deployment.start()
      try checkIn(deployment, seq: 1, [1])
      try eventually(within: 20, "a post") { !server.posts.isEmpty }
      #expect(try deployment.stop(within: 5) == 0)
      try deployment.start()
      try waitForEvent(server, present: 1)
    }

    @Test func withoutACoreNothingIsQueued() throws {
      let deployment = try deployment(url: "")
      try deployment.start()
      try checkIn(deployment, seq: 1, [1, 2])
      try deployment.waitForAggregate("session/m1") { $0.measures.present == 2 }
      #expect(try status(deployment).outbox.allSatisfy { $0.waiting == 0 })
    }
  }
}
