import GRDB

extension DiagnosisCore {
  private static let warningsPerTransaction = 200
  private static let rowsPerTransaction = 2_000
  private static let dayMilliseconds: Int64 = 86_400_000

  /// Does what is due at `now`: escalates what nobody acknowledged, closes what has been verified for its cool-down.
  /// To be called every few seconds. Returns the ids of the warnings changed.
  @discardableResult
  public func advance(to now: Int64) throws(DiagnosisError) -> [Int64] {
    let standards = self.standards
    var changed: [Int64] = []
    while true {
      // Most calls find nothing: they need not wait for a writer.
      let isAnyDue = try read("looking for due warnings") { db in
        try !WarningTable(db: db).due(now, limit: 1).isEmpty
      }
      guard isAnyDue else { return changed }
      let ids: [Int64] = try write("doing what is due") { db in
        let table = WarningTable(db: db)
        return try table.due(now, limit: Self.warningsPerTransaction).map { due in
          var entry = due
          entry.fellDue(standards[entry.warning.standard], now: now)
          try table.update(&entry)
          return entry.warning.id
        }
      }
      changed += ids
    }
  }

  /// Removes windows and closed warnings past their retention, in short transactions. To be called daily. Returns how
  /// many windows and warnings.
  @discardableResult
  public func retain(now: Int64) throws(DiagnosisError) -> Int {
    let before = now - settings.retentionDays * Self.dayMilliseconds
    let shortBefore = now - settings.shortRetentionDays * Self.dayMilliseconds
    var removed = 0
    for grain in Aggregate.everyGrain {
      let limit = ["5min", "hour"].contains(grain) ? max(before, shortBefore) : before
      removed += try remove("old windows") { db in
        try db.execute(
          sql: """
            DELETE FROM observation WHERE id IN
              (SELECT id FROM observation WHERE grain = ? AND "end" < ? LIMIT ?)
            """, arguments: [grain, limit, Self.rowsPerTransaction])
        return db.changesCount
      }
    }
    removed += try remove("old warnings") { db in
      let old = try Int64.fetchAll(
        db, sql: "SELECT id FROM warning WHERE closed_at < ? LIMIT ?",
        arguments: [before, Self.warningsPerTransaction])
      for id in old {
        try db.execute(sql: "DELETE FROM step WHERE warning = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM warning WHERE id = ?", arguments: [id])
      }
      return old.count
    }
    return removed
  }

  /// Repeats a short transaction until it removes nothing more.
  private func remove(_ what: String, _ body: (Database) throws -> Int) throws(DiagnosisError) -> Int {
    var total = 0
    while true {
      let count = try write("removing \(what)", body)
      if count == 0 { return total }
      total += count
    }
  }
}
