import GRDB

/// The conservation equation, from the ledger and recounted from the rows.
public struct Audit: Sendable {
  /// Summed over the ledger's commits.
  public var ledger = Ledger()
  public var commits: Int64 = 0
  public var rejections: [(reason: String, count: Int64)] = []
  /// Frames found among the rows, and those retention removed.
  public var framesRecounted: Int64 = 0
  public var framesRemoved: Int64 = 0
  public var readings: Int64 = 0
  public var readingsRemoved: Int64 = 0
  /// Quarantined messages found, and those retention removed.
  public var quarantineRecounted: Int64 = 0
  public var quarantineRemoved: Int64 = 0
  /// Frames over their device's rate, durable but not admitted yet; not part of the equation.
  public var waiting: Int64 = 0

  public var isBalanced: Bool { faults.isEmpty }

  /// What does not add up, each in one sentence.
  public var faults: [String] {
    var faults: [String] = []
    if ledger.received != ledger.outcomes {
      faults.append("received \(ledger.received), but the outcomes add up to \(ledger.outcomes)")
    }
    if ledger.stored != framesRecounted + framesRemoved {
      faults.append(
        "the ledger says \(ledger.stored) frames stored, but \(framesRecounted) are there and \(framesRemoved) were removed by retention")
    }
    if ledger.quarantined != quarantineRecounted + quarantineRemoved {
      faults.append(
        "the ledger says \(ledger.quarantined) messages quarantined, but \(quarantineRecounted) are there and \(quarantineRemoved) were removed by retention")
    }
    let rejected = rejections.reduce(0) { $0 + $1.count }
    if ledger.rejected != rejected {
      faults.append("the ledger says \(ledger.rejected) messages rejected, but the reasons add up to \(rejected)")
    }
    return faults
  }
}

extension LogStore {
  /// Rows recounted between two reports of progress.
  private static let auditRows: Int64 = 1_000_000

  /// All of it in one snapshot of the store.
  public func audit(progress: (_ row: Int64, _ last: Int64) -> Void = { _, _ in }) throws(LogError) -> Audit {
    try read("auditing") { db in
      var audit = Audit()
      let sum = try Row.fetchOne(
        db,
        sql: """
          SELECT coalesce(sum(commits), 0) AS n, coalesce(sum(received), 0) AS r, coalesce(sum(stored), 0) AS s,
            coalesce(sum(duplicate), 0) AS d, coalesce(sum(quarantined), 0) AS q, coalesce(sum(rejected), 0) AS x
          FROM batch
          """)
      if let sum {
        audit.commits = sum["n"]
        audit.ledger.received = sum["r"]
        audit.ledger.stored = sum["s"]
        audit.ledger.duplicate = sum["d"]
        audit.ledger.quarantined = sum["q"]
        audit.ledger.rejected = sum["x"]
      }
      audit.rejections = try Row.fetchAll(db, sql: "SELECT reason, count FROM rejection ORDER BY reason").map {
        ($0["reason"], $0["count"])
      }
      try recount(db, into: &audit, progress)
      audit.quarantineRecounted =
        try Int64.fetchOne(db, sql: "SELECT count(*) FROM quarantine WHERE state <> 'replayed'") ?? 0
      audit.waiting = try Int64.fetchOne(db, sql: "SELECT count(*) FROM waiting") ?? 0
      audit.framesRemoved = try state(db, "removed_frames")
      audit.readingsRemoved = try state(db, "removed_readings")
      audit.quarantineRemoved = try state(db, "removed_quarantined")
      return audit
    }
  }

  private func recount(
    _ db: Database, into audit: inout Audit, _ progress: (_ row: Int64, _ last: Int64) -> Void
  ) throws {
    let last = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM reading") ?? 0
    var row = try Int64.fetchOne(db, sql: "SELECT coalesce(min(id), 1) - 1 FROM reading") ?? 0
    while row < last {
      let end = row + LogStore.auditRows
      if let rows = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) AS readings, coalesce(sum(position = 0), 0) AS frames FROM reading WHERE id > ? AND id <= ?
          """, arguments: [row, end])
      {
        audit.readings += rows["readings"] as Int64
        audit.framesRecounted += rows["frames"] as Int64
      }
      row = end
      progress(min(row, last), last)
    }
  }

  func state(_ db: Database, _ name: String) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT value FROM log_state WHERE name = ?", arguments: [name]) ?? 0
  }

  /// A commit of 256 KiB that leaves nothing behind, to learn whether the store takes one.
  public func tryWriting(now: Int64) throws(LogError) {
    try write("trying to commit") { db in
      try db.execute(sql: "INSERT OR REPLACE INTO log_state (name, value) VALUES ('trial', zeroblob(262144))")
    }
    try write("trying to commit") { db in
      try db.execute(sql: "UPDATE log_state SET value = ? WHERE name = 'trial'", arguments: [now])
    }
  }
}
