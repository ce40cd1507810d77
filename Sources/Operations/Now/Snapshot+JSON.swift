import Aggregation
import Diagnosis
import Ingest
import ReadingLog

extension Snapshot {
  /// The Now object. `withHistory`: every second of the last minute; otherwise the newest alone.
  func json(withHistory: Bool) -> JSON {
    var members = JSONMembers()
    members.add("time", .integer(time))
    members.add("version", .text(version))
    members.add("uptime_s", .integer(uptimeSeconds))
    members.add("intake", intakeJSON)
    members.add("rates", rates)
    if withHistory {
      members.add("history", .array(history.map(\.json)))
    } else if let sample = history.last {
      members.add("sample", sample.json)
    }
    members.add("latency", latencyJSON)
    members.add("oldest_unacknowledged_ms", JSON(intake.oldestUnacknowledged.map { max(0, time - $0) }))
    members.add("last_commit_ms_ago", intake.lastCommit == 0 ? .null : .integer(max(0, time - intake.lastCommit)))
    members.add("cursors", .array(pulse.cursors.map { cursor($0.name, $0.row) }))
    members.add("outbox", .array(figures.outbox.map { outbox($0) }))
    members.add("ledger", ledgerJSON)
    members.add("devices", devicesJSON)
    members.add("missing", .integer(figures.missing))
    members.add("quarantine_held", .integer(figures.held))
    members.add("warnings", warningsJSON)
    members.add("memory_bytes", .integer(usage.residentBytes))
    members.add("store_bytes", .integer(storeBytes))
    members.add("disk_free_bytes", .integer(diskFreeBytes))
    members.add("ready", .bool(isReady))
    members.add("reasons", .array(reasons.map(\.json)))
    return members.json
  }

  private var intakeJSON: JSON {
    var members = JSONMembers()
    members.add("online", .bool(intake.isOnline))
    members.add("suspended", .bool(intake.isSuspended))
    members.add("problem", JSON(intake.problem))
    if intake.problem != nil, let reason = reasons.first(where: { $0.code.isBlocking }) {
      members.add("problem_zh", .text(reason.textZh))
    }
    members.add("lanes", JSON(count: lanes))
    return members.json
  }

  /// A second, over the last ten of them.
  private var rates: JSON {
    let last = history.suffix(Snapshot.rateSeconds)
    var sum = Ledger()
    var readings: Int64 = 0
    for sample in last {
      sum += sample.ledger
      readings += sample.readings
    }
    let seconds = Double(max(1, last.count))
    func rate(_ count: Int64) -> JSON { .number((Double(count) / seconds * 10).rounded() / 10) }
    var members = JSONMembers()
    members.add("received", rate(sum.received))
    members.add("stored", rate(sum.stored))
    members.add("duplicate", rate(sum.duplicate))
    members.add("quarantined", rate(sum.quarantined))
    members.add("rejected", rate(sum.rejected))
    members.add("readings", rate(readings))
    return members.json
  }

  private var latencyJSON: JSON {
    var members = JSONMembers()
    members.add("p50_ms", JSON(latency.quantile(0.5)))
    members.add("p99_ms", JSON(latency.quantile(0.99)))
    return members.json
  }

  private var ledgerJSON: JSON {
    var members = ledger.members
    members.add("balanced", .bool(ledger.isBalanced))
    return members.json
  }

  private var devicesJSON: JSON {
    var members = JSONMembers()
    members.add("known", JSON(count: devices.known))
    members.add("heard", JSON(count: devices.heard))
    members.add("silent", JSON(count: devices.silent))
    return members.json
  }

  private var warningsJSON: JSON {
    var members = JSONMembers()
    for level in Level.allCases { members.add(level.rawValue, JSON(count: figures.warnings[level] ?? 0)) }
    return members.json
  }

  private func cursor(_ name: String, _ row: Int64) -> JSON {
    var members = JSONMembers()
    members.add("name", .text(name))
    members.add("row", .integer(row))
    members.add("lag", .integer(lag(row)))
    return members.json
  }

  private func outbox(_ outbox: OutboxStatus) -> JSON {
    var members = JSONMembers()
    members.add("destination", .text(outbox.destination))
    members.add("waiting", .integer(outbox.rows))
    members.add("finals", .integer(outbox.finals))
    members.add("put_aside", .integer(outbox.putAside))
    members.add("oldest_ms", JSON(outbox.oldestWatermark.map { max(0, time - $0) }))
    members.add("problem", JSON(relays.first { $0.name == outbox.destination }?.status.problem))
    return members.json
  }
}
