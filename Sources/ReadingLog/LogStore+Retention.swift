import GRDB

extension LogStore {
  private static let rowsPerTransaction = 2_000
  /// Milliseconds that retention's time moves ahead from one run to the next, at most.
  private static let retentionStep: Int64 = 86_400_000

  /// The time that this run of retention goes by, Unix milliseconds: the host's, but at most a day after that of the
  /// last run. A clock that has jumped ahead by years would have everything removed at once; so it takes months of
  /// hourly runs, and one that is right again is believed at once. After a summer off, a few days of runs catch up.
  public func retentionTime(now: Int64) throws(LogError) -> Int64 {
    try write("noting a run of retention") { db in
      let last = try Int64.fetchOne(
        db,
        sql: """
          SELECT coalesce((SELECT value FROM log_state WHERE name = 'retained_at'), (SELECT max(committed_at) FROM batch))
          """)
      let time = min(now, (last ?? now) + LogStore.retentionStep)
      try db.execute(
        sql: "INSERT OR REPLACE INTO log_state (name, value) VALUES ('retained_at', ?)", arguments: [time])
      return time
    }
  }

  /// Removes segments whose every row was received before `before`, and the content of quarantined messages
  /// received before `quarantineBefore`; never past a cursor. What is removed stays in the audit's totals;
  /// boots and the gap ledger stay. Short transactions: intake goes on. Returns the readings removed.
  @discardableResult
  public func retain(
    before: Int64, quarantineBefore: Int64, isCancelled: () -> Bool = { false }
  ) throws(LogError) -> Int {
    var removed = 0
    let cursor = try read("reading cursors") { db in
      try Int64.fetchOne(db, sql: "SELECT min(row) FROM cursor") ?? .max
    }
    let segments = try read("finding old segments") { db in
      try Row.fetchAll(
        db, sql: "SELECT id, last_row FROM segment WHERE max_received < ? AND last_row <= ? ORDER BY id",
        arguments: [before, cursor]
      ).map { (first: $0["id"] as Int64, last: $0["last_row"] as Int64) }
    }
    for segment in segments {
      var row = segment.first
      while row <= segment.last {
        if isCancelled() { return removed }
        let end = min(segment.last, row + Int64(LogStore.rowsPerTransaction) - 1)
        removed += try write("removing old readings") { db in
          let frames =
            try Int64.fetchOne(
              db, sql: "SELECT count(*) FROM reading WHERE id BETWEEN ? AND ? AND position = 0", arguments: [row, end]) ?? 0
          try db.execute(sql: "DELETE FROM reading WHERE id BETWEEN ? AND ?", arguments: [row, end])
          let readings = db.changesCount
          try db.execute(
            sql: """
              UPDATE log_state SET value = value + ? WHERE name = 'removed_frames';
              UPDATE log_state SET value = value + ? WHERE name = 'removed_readings';
              """, arguments: [frames, readings])
          return readings
        }
        row = end + 1
      }
      var isDone = false
      while !isDone {
        isDone = try write("removing an old segment's index") { db in
          try db.execute(
            sql: """
              DELETE FROM frame_index WHERE segment = ?1 AND boot <=
                coalesce((SELECT boot FROM frame_index WHERE segment = ?1 ORDER BY boot LIMIT 1 OFFSET ?2), 1 << 62)
              """, arguments: [segment.first, LogStore.rowsPerTransaction - 1])
          guard db.changesCount < LogStore.rowsPerTransaction else { return false }
          try db.execute(sql: "DELETE FROM segment WHERE id = ?", arguments: [segment.first])
          return true
        }
      }
    }
    var isDone = false
    while !isDone, !isCancelled() {
      isDone = try write("removing old quarantined messages") { db in
        let old = try Row.fetchAll(
          db, sql: "SELECT id, state FROM quarantine WHERE received_at < ? LIMIT 500", arguments: [quarantineBefore])
        for row in old {
          try db.execute(sql: "DELETE FROM quarantine WHERE id = ?", arguments: [row["id"] as Int64])
        }
        let counted = old.count { $0["state"] as String != "replayed" }
        try db.execute(
          sql: "UPDATE log_state SET value = value + ? WHERE name = 'removed_quarantined'", arguments: [counted])
        return old.count < 500
      }
    }
    return removed
  }
}
