import ArgumentParser
import Operations
import ReadingLog

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Counters, lag, devices heard, oldest unacknowledged message, cursors; exit 1 if no gateway runs or intake stands still.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let configuration = try common.load()
    let running = try ControlSocket.ask(.status, in: configuration.dataFolder)?.running
    let store = try LogStore.openReadOnly(configuration.store.path)
    let summary = try store.summary()
    let outbox = try store.outboxStatus()
    let campus = try store.campusVersions().last
    if common.json {
      try Console.printJSON(StatusReport(running, summary, outbox, campus))
    } else {
      show(running, summary)
      show(running, outbox)
      if let campus {
        Console.print("campus        version \(campus.id), since \(TimeText.utc(campus.committedTime))")
      }
    }
    if running == nil || running?.online == false { throw ExitCode(1) }
  }

  private func show(_ running: RunningStatus?, _ summary: LogStore.Summary) {
    let now = unixNow()
    if let running {
      let state = running.suspended ? "running, intake stands still" : running.online ? "running, online" : "running, offline"
      Console.print("gateway       \(state)\(running.problem.map { ": \($0)" } ?? "")")
      Console.print(
        "since start   \(running.sinceStart["received"] ?? 0) messages in \(running.commits) commits, \(running.receipts) receipts, \(running.reconnects) reconnects")
      func bound(_ value: Int64?) -> String { value.map { "≤ \($0) ms" } ?? "-" }
      Console.print("publish to commit  p50 \(bound(running.latencyP50)), p99 \(bound(running.latencyP99))")
      Console.print("oldest unacknowledged  \(running.oldestUnacknowledged.map { "\(max(0, now - $0)) ms" } ?? "none")")
      Console.print("memory        \(running.residentKiB / 1024) MiB")
    } else {
      Console.print("gateway       not running")
    }
    let ledger = summary.ledger
    Console.print(
      "ledger        received \(ledger.received) = stored \(ledger.stored) + duplicate \(ledger.duplicate) + quarantined \(ledger.quarantined) + rejected \(ledger.rejected)")
    for (reason, count) in summary.rejections { Console.print("  rejected    \(reason): \(count)") }
    Console.print("last commit   \(TimeText.ago(summary.lastCommit, now: now))")
    Console.print("devices       \(summary.devicesHeard) heard of \(summary.devices)")
    Console.print("missing       \(summary.missing) frames (campus-gateway gaps)")
    Console.print("quarantine    \(summary.held) held (campus-gateway quarantine list)")
    if summary.waiting > 0 { Console.print("waiting       \(summary.waiting) over their device's rate") }
    for (name, row) in summary.cursors {
      Console.print("cursor        \(name): \(summary.lastRow - row) rows behind")
    }
    Console.print("store         \(summary.fileBytes / 1_048_576) MiB, last row \(summary.lastRow)")
  }

  private func show(_ running: RunningStatus?, _ outbox: [OutboxStatus]) {
    let now = unixNow()
    for waiting in outbox {
      let relay = running?.relays[waiting.destination]
      let address = relay.map { $0.to == waiting.destination ? "" : " (\($0.to))" } ?? ""
      let name = "outbox        \(waiting.destination)\(address)"
      let age = waiting.oldestWatermark.map { ", the oldest \(TimeText.ago($0, now: now))" } ?? ""
      Console.print("\(name): \(waiting.rows) waiting, \(waiting.finals) of them final\(age)")
      if let relay {
        Console.print(
          "  delivered   \(relay.events) events in \(relay.batches) batches, "
            + "last \(TimeText.ago(relay.lastAccepted, now: now))")
        if let problem = relay.problem { Console.print("  PROBLEM     \(problem)") }
      }
      if waiting.putAside > 0 {
        Console.print(
          "  PUT ASIDE   \(waiting.putAsideEvents) events in \(waiting.putAside) refused batches (campus-gateway outbox)")
      }
    }
  }
}
