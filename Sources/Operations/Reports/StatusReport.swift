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

  /// `running`: nil where no gateway runs.
  public init(
    _ running: RunningStatus?, _ summary: LogStore.Summary, _ outbox: [OutboxStatus], _ campus: CampusVersion?
  ) {
    let ledger = summary.ledger
    self.running = running != nil
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
