import ReadingLog

/// What `status --json` prints and `/api/v1/status` gives.
public struct StatusReport: Encodable, Sendable {
  var running: Bool
  var gateway: RunningStatus?
  var uuid: String
  var totals: [String: Int64]
  var rejections: [String: Int64]
  var devices, devices_heard, quarantine_held, missing, waiting, last_row, commits, file_bytes: Int64
  var last_commit: Int64?
  var cursors: [String: Int64]
  /// Rows of the log that each cursor has yet to pass.
  var lag: [String: Int64]
  var outbox: [Outbox]
  var campus_version: Int64?
  var campus_committed: Int64?

  /// What waits for one diagnosis core.
  struct Outbox: Encodable, Sendable {
    var destination: String
    /// `waiting`: finals and, of a gateway that runs, running revisions.
    var waiting, finals, put_aside, put_aside_events: Int64
    /// The log's time of the oldest waiting final.
    var oldest: Int64?

    init(_ status: OutboxStatus) {
      destination = status.destination
      waiting = status.rows
      finals = status.finals
      put_aside = status.putAside
      put_aside_events = status.putAsideEvents
      oldest = status.oldestWatermark
    }
  }

  /// `running`: nil where no gateway runs. `isRunning`: one runs all the same, and could not be asked.
  public init(
    _ running: RunningStatus?, _ summary: LogStore.Summary, _ outbox: [OutboxStatus], _ campus: CampusVersion?,
    isRunning: Bool = false
  ) {
    let ledger = summary.ledger
    self.running = running != nil || isRunning
    gateway = running
    uuid = summary.uuid
    totals = [
      "received": ledger.received, "stored": ledger.stored, "duplicate": ledger.duplicate,
      "quarantined": ledger.quarantined, "rejected": ledger.rejected,
    ]
    rejections = Dictionary(uniqueKeysWithValues: summary.rejections.map { ($0.reason, $0.count) })
    devices = summary.devices
    devices_heard = summary.devicesHeard
    quarantine_held = summary.held
    missing = summary.missing
    waiting = summary.waiting
    last_row = summary.lastRow
    commits = summary.commits
    file_bytes = summary.fileBytes
    last_commit = summary.lastCommit
    cursors = Dictionary(uniqueKeysWithValues: summary.cursors.map { ($0.name, $0.row) })
    lag = Dictionary(uniqueKeysWithValues: summary.cursors.map { ($0.name, max(0, summary.lastRow - $0.row)) })
    self.outbox = outbox.map(Outbox.init)
    campus_version = campus?.id
    campus_committed = campus?.committedTime
  }
}

// What the encoder would write, without it: the page asks for it again and again.

extension StatusReport: Members {
  /// In alphabetical order; what is absent is left out.
  func write(to members: inout some MemberWriter) {
    if let campus_committed { members.add("campus_committed", .integer(campus_committed)) }
    if let campus_version { members.add("campus_version", .integer(campus_version)) }
    members.add("commits", .integer(commits))
    members.add("cursors", JSON(counts: cursors))
    members.add("devices", .integer(devices))
    members.add("devices_heard", .integer(devices_heard))
    members.add("file_bytes", .integer(file_bytes))
    if let gateway { members.add("gateway", object: { gateway.write(to: &$0) }) }
    members.add("lag", JSON(counts: lag))
    if let last_commit { members.add("last_commit", .integer(last_commit)) }
    members.add("last_row", .integer(last_row))
    members.add("missing", .integer(missing))
    members.add("outbox", .array(outbox.map(\.json)))
    members.add("quarantine_held", .integer(quarantine_held))
    members.add("rejections", JSON(counts: rejections))
    members.add("running", .bool(running))
    members.add("totals", JSON(counts: totals))
    members.add("uuid", .text(uuid))
    members.add("waiting", .integer(waiting))
  }
}

extension StatusReport.Outbox: Members {
  func write(to members: inout some MemberWriter) {
    members.add("destination", .text(destination))
    members.add("finals", .integer(finals))
    if let oldest { members.add("oldest", .integer(oldest)) }
    members.add("put_aside", .integer(put_aside))
    members.add("put_aside_events", .integer(put_aside_events))
    members.add("waiting", .integer(waiting))
  }
}

extension JSON {
  /// Counts by name, in the order of the names.
  init(counts: [String: Int64]) {
    self = .object(counts.sorted { $0.key < $1.key }.map { ($0.key, JSON.integer($0.value)) })
  }
}
