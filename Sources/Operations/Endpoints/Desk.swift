import Hummingbird
import NIOCore

/// What answers: everything the endpoints need, and the list of them.
struct Desk: Sendable {
  let parts: GatewayParts
  let sampler: NowSampler
  let hub: EventHub
  let metrics: GatewayMetrics
  let days: DayPlans
  let work = BlockingWork()

  var endpoints: [Endpoint] {
    page + health + live + deviceEndpoints + readingEndpoints + campusEndpoints + warningEndpoints
      + quarantineEndpoints
  }

  private var page: [Endpoint] {
    PageFile.all.map { file in
      file.name == "index.html"
        ? Endpoint(.get, "/", parameters: ["lang"], access: .open) { file.response(to: $0.request) }
        : Endpoint(.get, "/page/\(file.name)", access: .open) { file.response(to: $0.request) }
    } + [Endpoint(.get, "/api/v1/openapi.json") { PageFile.description.response(to: $0.request) }]
  }

  private var health: [Endpoint] {
    [
      Endpoint(.get, "/healthz", access: .open) { _ in Answer.text("alive\n") },
      Endpoint(.get, "/readyz", access: .open) { _ in readiness() },
      Endpoint(.get, "/metrics") { _ in
        Answer.bytes(metrics.board.page(), type: "text/plain; version=0.0.4; charset=utf-8")
      },
    ]
  }

  private var live: [Endpoint] {
    [
      Endpoint(.get, "/events", isStream: true) { try events($0) },
      Endpoint(.get, "/api/v1/now") { _ in Answer.json(.raw(try nowObject())) },
      Endpoint(.get, "/api/v1/status") { _ in try await status() },
      Endpoint(.get, "/api/v1/audit") { _ in Answer.json(try audit()) },
    ]
  }

  /// The last look at the gateway.
  private func snapshot() throws(Problem) -> Snapshot {
    guard let snapshot = sampler.current else { throw Desk.tooEarly }
    return snapshot
  }

  /// The same as the Now object with its history.
  private func nowObject() throws(Problem) -> ContiguousArray<UInt8> {
    guard let json = sampler.currentJSON else { throw Desk.tooEarly }
    return json
  }

  private static let tooEarly = Problem.busy("the gateway has only just started: ask again in a second")

  private func readiness() -> Response {
    guard let snapshot = sampler.current else {
      return notReady([
        Reason(
          code: .storeUnwritable, text: "the gateway has only just started", textZh: "网关刚刚启动", since: sampler.startedAt)
      ])
    }
    let age = parts.now() - snapshot.time
    var reasons = snapshot.reasons
    if age >= NowSampler.staleAfter {
      reasons.insert(
        Reason(
          code: .storeUnwritable, text: "the store has not answered for \(age / 1_000) s: look at its disk",
          textZh: "存储已 \(age / 1_000) 秒没有应答：请检查磁盘", since: snapshot.time), at: 0)
    }
    if reasons.contains(where: { $0.code.isBlocking }) { return notReady(reasons) }
    return Answer.json(.object([("ready", .bool(true))]))
  }

  private func notReady(_ reasons: [Reason]) -> Response {
    var members = JSONMembers()
    members.add("ready", .bool(false))
    members.add("reasons", .array(reasons.map(\.json)))
    return Answer.json(members.json, status: .serviceUnavailable, headers: [.retryAfter: "5"])
  }

  private func status() async throws -> Response {
    let parts = self.parts
    let report = try await work.read {
      let running = RunningStatus(
        parts.intake.status.current, parts.relays, diagnosisProblem: parts.coreProblem)
      let overview = try parts.store.overview()
      return StatusReport(running, overview.summary, overview.outbox, overview.campus).json
    }
    return Answer.json(report)
  }

  /// From the ledger's sums as last seen; the recount of the rows is for the command.
  private func audit() throws -> JSON {
    let snapshot = try snapshot()
    var members = snapshot.ledger.members
    let rejected = snapshot.rejections.reduce(0) { $0 + $1.count }
    members.add("balanced", .bool(snapshot.ledger.isBalanced && snapshot.ledger.rejected == rejected))
    members.add("reasons", .object(snapshot.rejections.map { ($0.reason, JSON.integer($0.count)) }))
    return members.json
  }
}
