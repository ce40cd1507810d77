import ArgumentParser
import ReadingLog

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counters, lag, devices heard, oldest unacknowledged message, cursors; exit 1 if no gateway runs or intake stands still.")

  @OptionGroup var common: CommonOptions
  @Flag(help: "Go on, with rates: each second anew on a terminal, otherwise a line a second.") var watch = false

  func validate() throws {
    if watch, common.json { throw ValidationError("--watch is for people: use status --json, or /events") }
  }

  private struct Report: Encodable {
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
  }

  /// What waits for one diagnosis core.
  private struct Outbox: Encodable {
    var destination: String
    var waiting, finals, put_aside, put_aside_events: Int64
    /// The log's time of the oldest waiting revision.
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

  func run() throws {
    let configuration = try common.load()
    let store = try LogStore.openReadOnly(configuration.store.path)
    if watch { return try StatusWatch(store, folder: configuration.dataFolder).run() }
    let now = try StatusSnapshot(store, folder: configuration.dataFolder)
    if common.json {
      try printJSON(now)
    } else {
      for line in now.lines { Console.print(line) }
    }
    if now.running?.online != true { throw ExitCode(1) }
  }

  private func printJSON(_ now: StatusSnapshot) throws {
    let summary = now.summary
    let ledger = summary.ledger
    try Console.printJSON(
      Report(
        running: now.running != nil, gateway: now.running, uuid: summary.uuid,
        totals: [
          "received": ledger.received, "stored": ledger.stored, "duplicate": ledger.duplicate,
          "quarantined": ledger.quarantined, "rejected": ledger.rejected,
        ],
        rejections: Dictionary(uniqueKeysWithValues: summary.rejections.map { ($0.reason, $0.count) }),
        devices: summary.devices, devices_heard: summary.devicesHeard, quarantine_held: summary.held,
        missing: summary.missing, waiting: summary.waiting, last_row: summary.lastRow,
        commits: summary.commits, file_bytes: summary.fileBytes, last_commit: summary.lastCommit,
        cursors: Dictionary(uniqueKeysWithValues: summary.cursors.map { ($0.name, $0.row) }),
        lag: Dictionary(uniqueKeysWithValues: summary.cursors.map { ($0.name, max(0, summary.lastRow - $0.row)) }),
        outbox: now.outbox.map(Outbox.init), campus_version: now.campus?.id,
        campus_committed: now.campus?.committedTime))
  }
}
