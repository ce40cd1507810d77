import DeviceProtocol
import Diagnosis
import Ingest

/// Writes what a snapshot says into the metrics, and counts requests.
final class GatewayMetrics: Sendable {
  let board = MetricsBoard()

  /// One answer. `route`: the endpoint's path as it is declared, so that there are only so many.
  func count(route: String, code: Int) {
    board.series(.requests, [("route", route), ("code", String(code))]).increment(by: 1.0)
  }

  private func set(_ metric: Metric, _ value: Int64, _ labels: (String, String)...) {
    board.series(metric, labels).set(Double(value))
  }

  private func set(_ metric: Metric, seconds: Double) { board.series(metric, []).set(seconds) }

  func publish(_ snapshot: Snapshot, streams: Int, startedAt: Int64) {
    publish(snapshot.intake, now: snapshot.time)
    publishDownstream(snapshot)
    for (name, row) in snapshot.pulse.cursors { set(.cursorLag, snapshot.lag(row), ("cursor", name)) }
    set(.devices, Int64(snapshot.devices.heard), ("state", "heard"))
    set(.devices, Int64(snapshot.devices.silent), ("state", "silent"))
    set(.devices, Int64(snapshot.devices.never), ("state", "never"))
    set(.missingFrames, snapshot.figures.missing)
    set(.quarantineHeld, snapshot.figures.held)
    for level in Level.allCases {
      set(.warningsOpen, Int64(snapshot.figures.warnings[level] ?? 0), ("level", level.rawValue))
    }
    set(.storeBytes, snapshot.storeBytes)
    set(.diskFree, snapshot.diskFreeBytes)
    set(.ready, snapshot.isReady ? 1 : 0)
    set(.eventStreams, Int64(streams))
    set(.residentMemory, snapshot.usage.residentBytes)
    set(.processorTime, seconds: snapshot.usage.cpuSeconds)
    set(.startTime, seconds: Double(startedAt) / 1_000)
  }

  private func publish(_ intake: IntakeStatus.Values, now: Int64) {
    let ledger = intake.sinceStart
    set(.frames, ledger.stored, ("outcome", "stored"))
    set(.frames, ledger.duplicate, ("outcome", "duplicate"))
    set(.frames, ledger.quarantined, ("outcome", "quarantined"))
    set(.frames, ledger.rejected, ("outcome", "rejected"))
    set(.quarantined, ledger.quarantined)
    for kind in ReadingKind.allCases { set(.readings, intake.kinds[kind], ("kind", kind.description)) }
    for (reason, count) in zip(RejectionReason.allCases, intake.rejections) {
      set(.rejections, count, ("reason", reason.description))
    }
    let commits = intake.commitTimes
    board.series(.commit, []).replace(counts: commits.counts, sum: Double(commits.sum) / 1e6)
    board.series(.publishToCommit, []).replace(counts: intake.latency.counts, sum: Double(intake.latency.sum) / 1e3)
    let batches = intake.batchMessages
    board.series(.batchMessages, []).replace(counts: batches.counts, sum: Double(batches.sum))
    set(.receipts, intake.receipts)
    set(.brokerConnected, intake.isOnline ? 1 : 0)
    set(.reconnects, Int64(intake.reconnects))
    set(.oldestUnacknowledged, seconds: intake.oldestUnacknowledged.map { Double(max(0, now - $0)) / 1_000 } ?? 0)
  }

  private func publishDownstream(_ snapshot: Snapshot) {
    for outbox in snapshot.figures.outbox { set(.outboxWaiting, outbox.rows, ("destination", outbox.destination)) }
    for (name, status) in snapshot.relays {
      set(.relayEvents, status.events, ("destination", name), ("result", "delivered"))
      set(.relayEvents, status.refused, ("destination", name), ("result", "refused"))
    }
  }
}
