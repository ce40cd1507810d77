import CPlatform
import Ingest
import Operations
import ReadingLog

/// What a gateway and its store say of themselves at one moment.
struct StatusSnapshot {
  /// nil: no gateway runs, or it is closed to this user.
  var running: RunningStatus?
  /// A gateway runs, and this user may not ask it.
  var isClosed = false
  var summary: LogStore.Summary
  var outbox: [OutboxStatus]
  var campus: CampusVersion?
  /// Unix milliseconds, and monotonic nanoseconds.
  var now: Int64
  var monotonic: Int64

  init(_ store: LogStore, folder: String) throws {
    summary = try store.summary()
    outbox = try store.outboxStatus()
    // After the cursors: what they have passed is queued by then.
    do {
      running = try ControlSocket.ask(.status, in: folder)?.running
    } catch is ControlSocket.Closed {
      isClosed = DataFolder.isHeld(folder)
    }
    for place in outbox.indices {
      outbox[place].running = running?.relays[outbox[place].destination]?.runningWaiting ?? 0
    }
    campus = try store.campusVersions().last
    now = unixNow()
    monotonic = platform_monotonic_ns()
  }

  var state: Wording {
    if isClosed {
      return Wording(
        "running; how it is doing only the gateway's user may ask", "运行中；只有网关的用户才能查询其运行情况")
    }
    guard let running else { return Wording("not running", "未运行") }
    if running.suspended { return Wording("running, intake stands still", "运行中，采集已停止") }
    return running.online ? Wording("running, online", "运行中，在线") : Wording("running, offline", "运行中，离线")
  }

  var isWell: Bool { running?.online == true && running?.suspended == false }

  /// The counts of the ledger, by name in the order of the equation.
  static func counts(_ ledger: Ledger) -> [(name: String, count: Int64)] {
    [
      ("received", ledger.received), ("stored", ledger.stored), ("duplicate", ledger.duplicate),
      ("quarantined", ledger.quarantined), ("rejected", ledger.rejected),
    ]
  }

  /// What people call them.
  static let names: [String: Wording] = [
    "received": Wording("received", "收到"), "stored": Wording("stored", "入库"),
    "duplicate": Wording("duplicate", "重复"), "quarantined": Wording("quarantined", "隔离"),
    "rejected": Wording("rejected", "拒绝"),
  ]

  static func name(_ count: String) -> String { names[count]?.text ?? count }

  static func bound(_ milliseconds: Int64?) -> String {
    guard let milliseconds else { return "-" }
    return milliseconds < LatencyHistogram.above ? "≤ \(milliseconds) ms" : "> \(LatencyHistogram.above - 1) ms"
  }

  /// How long the oldest message waits for its commit.
  var unacknowledged: String {
    running?.oldestUnacknowledged.map { "\(max(0, now - $0)) ms" } ?? Wording("none", "无").text
  }
}
