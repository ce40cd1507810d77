import Foundation

/// What a command asks of a running gateway, one JSON line over the socket in the data folder.
enum ControlRequest: Codable, Sendable {
  case status
  /// Settings of the connection that writes.
  case pragmas
  case reload
  case addKeys([NewKey], keepOld: Bool)
  case revokeKeys(site: String, device: String, keepNewest: Bool)
  case replay([Int64])
  case discard([Int64])
  case resend([Int64])
  case forgetPutAside([Int64])
  case warning(id: Int64, WarningStep)

  struct NewKey: Codable, Sendable {
    var site: String
    var device: String
    var key: String
    var kid: String?
  }
}

/// What a person does about a warning.
enum WarningStep: Codable, Sendable {
  case acknowledge(by: String, note: String?)
  case improve(by: String, measure: String)
  case close(by: String, note: String?)
}

struct ControlResponse: Codable, Sendable {
  /// nil: done.
  var problem: String?
  var count: Int?
  var running: RunningStatus?
  var outcomes: [ReplayOutcome]?
  var pragmas: [String: String]?
}

/// How a replayed message ended.
struct ReplayOutcome: Codable, Sendable {
  var id: Int64
  var outcome: String
  var reason: String?
}

/// What only the running process knows.
struct RunningStatus: Codable, Sendable {
  var online: Bool
  var suspended: Bool
  var problem: String?
  var sinceStart: [String: Int64]
  var commits: Int64
  var readings: Int64
  var receipts: Int64
  var reconnects: Int
  var lastCommit: Int64
  var oldestUnacknowledged: Int64?
  var latencyP50: Int64?
  var latencyP99: Int64?
  var residentKiB: Int64
  /// By the outbox's name of the destination.
  var relays: [String: RelayReport]
  /// Why the embedded diagnosis core cannot open its store.
  var diagnosisProblem: String?

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
}

/// How the deliveries to a diagnosis core go.
struct RelayReport: Codable, Sendable {
  /// Where they go.
  var to: String
  /// Since the start.
  var batches, events, refused: Int64
  var failures: Int
  var problem: String?
  var lastAccepted: Int64?

  enum CodingKeys: String, CodingKey {
    case to, batches, events, refused, failures, problem
    case lastAccepted = "last_accepted"
  }
}
