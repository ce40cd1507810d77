import Aggregation
import Ingest

/// What only the running process knows.
public struct RunningStatus: Codable, Sendable {
  public var online: Bool
  public var suspended: Bool
  public var problem: String?
  public var sinceStart: [String: Int64]
  public var commits: Int64
  public var readings: Int64
  public var receipts: Int64
  public var reconnects: Int
  public var lastCommit: Int64
  public var oldestUnacknowledged: Int64?
  public var latencyP50: Int64?
  public var latencyP99: Int64?
  public var residentKiB: Int64
  /// By the outbox's name of the destination.
  public var relays: [String: RelayReport]
  /// Why the embedded diagnosis core cannot open its store.
  public var diagnosisProblem: String?

  enum CodingKeys: String, CodingKey {
    case online, suspended, problem, commits, readings, receipts, reconnects, relays
    case sinceStart = "since_start"
    case lastCommit = "last_commit"
    case oldestUnacknowledged = "oldest_unacknowledged"
    case latencyP50 = "publish_to_commit_p50_ms"
    case latencyP99 = "publish_to_commit_p99_ms"
    case residentKiB = "resident_kib"
    case diagnosisProblem = "diagnosis_problem"
  }

  public init(_ values: IntakeStatus.Values, _ relays: [Relay], diagnosisProblem: String?) {
    online = values.isOnline
    suspended = values.isSuspended
    problem = values.problem
    sinceStart = [
      "received": values.sinceStart.received, "stored": values.sinceStart.stored,
      "duplicate": values.sinceStart.duplicate, "quarantined": values.sinceStart.quarantined,
      "rejected": values.sinceStart.rejected,
    ]
    commits = values.commits
    readings = values.readings
    receipts = values.receipts
    reconnects = values.reconnects
    lastCommit = values.lastCommit
    oldestUnacknowledged = values.oldestUnacknowledged
    latencyP50 = values.latency.quantile(0.5)
    latencyP99 = values.latency.quantile(0.99)
    residentKiB = ProcessUsage.current().residentBytes / 1_024
    self.diagnosisProblem = diagnosisProblem
    self.relays = [:]
    for relay in relays { self.relays[relay.outbox] = RelayReport(relay) }
  }
}

/// How the deliveries to a diagnosis core go.
public struct RelayReport: Codable, Sendable {
  /// Where they go.
  public var to: String
  /// Since the start.
  public var batches, events, refused: Int64
  public var failures: Int
  public var problem: String?
  public var lastAccepted: Int64?
  /// Running revisions that wait; finals wait in the store. nil: of an older gateway, in which all wait there.
  public var runningWaiting: Int64?

  enum CodingKeys: String, CodingKey {
    case to, batches, events, refused, failures, problem
    case runningWaiting = "running_waiting"
    case lastAccepted = "last_accepted"
  }

  init(_ relay: Relay) {
    let values = relay.status.current
    to = relay.destinationName
    batches = values.batches
    events = values.events
    refused = values.refused
    failures = values.failures
    problem = values.problem
    lastAccepted = values.lastAccepted
    runningWaiting = Int64(relay.runningWaiting)
  }
}

// As `StatusReport`: what the encoder would write.

extension RunningStatus: Members {
  func write(to members: inout some MemberWriter) {
    members.add("commits", .integer(commits))
    if let diagnosisProblem { members.add("diagnosis_problem", .text(diagnosisProblem)) }
    members.add("last_commit", .integer(lastCommit))
    if let oldestUnacknowledged { members.add("oldest_unacknowledged", .integer(oldestUnacknowledged)) }
    members.add("online", .bool(online))
    if let problem { members.add("problem", .text(problem)) }
    if let latencyP50 { members.add("publish_to_commit_p50_ms", .integer(latencyP50)) }
    if let latencyP99 { members.add("publish_to_commit_p99_ms", .integer(latencyP99)) }
    members.add("readings", .integer(readings))
    members.add("receipts", .integer(receipts))
    members.add("reconnects", JSON(count: reconnects))
    members.add(
      "relays", .object(relays.sorted { $0.key < $1.key }.map { ($0.key, $0.value.json) }))
    members.add("resident_kib", .integer(residentKiB))
    members.add("since_start", JSON(counts: sinceStart))
    members.add("suspended", .bool(suspended))
  }
}

extension RelayReport: Members {
  func write(to members: inout some MemberWriter) {
    members.add("batches", .integer(batches))
    members.add("events", .integer(events))
    members.add("failures", JSON(count: failures))
    if let lastAccepted { members.add("last_accepted", .integer(lastAccepted)) }
    if let problem { members.add("problem", .text(problem)) }
    members.add("refused", .integer(refused))
    if let runningWaiting { members.add("running_waiting", .integer(runningWaiting)) }
    members.add("to", .text(to))
  }
}
