import Aggregation
import Diagnosis
import Ingest
import ReadingLog

/// What happened in one second, in messages.
struct Sample: Sendable, Equatable {
  /// The second's end, Unix milliseconds.
  var time: Int64
  var ledger = Ledger()
  var readings: Int64 = 0

  var json: JSON {
    var members = JSONMembers()
    members.add("time", .integer(time))
    members.add(ledger.members)
    return members.json
  }
}

/// How the gateway is, taken once a second and shown to everybody who asks within it.
struct Snapshot: Sendable {
  /// What is counted less often than once a second, because it costs more.
  struct Figures: Sendable {
    var held: Int64 = 0
    var missing: Int64 = 0
    var outbox: [OutboxStatus] = []
    var warnings: [Level: Int] = [:]
  }

  /// Devices of the campus.
  struct DeviceCounts: Sendable {
    var known = 0
    var heard = 0
    var silent = 0
    var never = 0
  }

  var time: Int64
  var version: String
  var uptimeSeconds: Int64
  var intake: IntakeStatus.Values
  var lanes: Int
  var pulse: LogStore.Pulse
  var ledger: Ledger
  var rejections: [(reason: String, count: Int64)]
  var figures: Figures
  var devices: DeviceCounts
  var relays: [(name: String, status: RelayStatus.Values)]
  /// The last seconds, the oldest first, 60 at most.
  var history: [Sample]
  /// Of the last minute.
  var latency: LatencyHistogram
  var usage: ProcessUsage
  var storeBytes: Int64
  var diskFreeBytes: Int64
  var reasons: [Reason]

  static let historySeconds = 60
  static let rateSeconds = 10

  var isReady: Bool { !reasons.contains { $0.code.isBlocking } }

  func lag(_ row: Int64) -> Int64 { max(0, pulse.lastRow - row) }
}

extension Ledger {
  var members: JSONMembers {
    var members = JSONMembers()
    members.add("received", .integer(received))
    members.add("stored", .integer(stored))
    members.add("duplicate", .integer(duplicate))
    members.add("quarantined", .integer(quarantined))
    members.add("rejected", .integer(rejected))
    return members
  }

  var isBalanced: Bool { received == outcomes }
}
