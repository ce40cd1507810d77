import GRDB

extension LogStore {
  private static let aggregatePage = 2_000
  private static let oldAggregatesPage = 20_000
  private static let oldAggregatesPerTransaction = 300

  /// Gives the latest revisions that pass the filter, by grain, window, kind, scope and id. Each page is a snapshot of
  /// its own, so that a long listing does not hold back the checkpoint.
  public func aggregates(
    _ filter: AggregateFilter, _ body: ([StoredAggregate]) throws -> Void
  ) throws(LogError) {
    var last: StoredAggregate?
    while true {
      let page = try read("listing aggregates") { db in
        try Row.fetchAll(
          db,
          sql: """
            SELECT * FROM aggregate
            WHERE (grain, window_start, kind, scope, name) > (?1, ?2, ?3, ?4, ?5)
              AND (?6 IS NULL OR kind = ?6) AND (?7 IS NULL OR scope = ?7) AND (?8 IS NULL OR grain = ?8)
              AND (?9 IS NULL OR name = ?9) AND window_start >= ?10 AND window_start < ?11
              AND revision > 0
            ORDER BY grain, window_start, kind, scope, name LIMIT ?12
            """,
          arguments: [
            last?.grain ?? 0, last?.start ?? .min, last?.kind ?? 0, last?.scope ?? 0, last?.name ?? "",
            filter.kind, filter.scope, filter.grain, filter.name, filter.from, filter.to, LogStore.aggregatePage,
          ]
        ).map { try StoredAggregate($0) }
      }
      if !page.isEmpty {
        do { try body(page) } catch { throw LogError(error, doing: "listing aggregates") }
      }
      guard page.count == LogStore.aggregatePage else { return }
      last = page.last
    }
  }

  /// Removes aggregates of fine grain whose window ended, and whose last revision was made, before `before` (Unix
  /// milliseconds) and that no destination has still to be told; some hundreds at a time. Returns how many.
  ///
  /// They are found by a reader: whether one waits in the outbox takes a look at all of it, and intake waits for the
  /// writer.
  @discardableResult
  public func retainAggregates(
    grains: [UInt8], before: Int64, isCancelled: () -> Bool = { false }
  ) throws(LogError) -> Int {
    var removed = 0
    for grain in grains {
      var old: [Int64] = []
      repeat {
        old = try read("finding old aggregates") { db in
          try Int64.fetchAll(
            db,
            sql: """
              SELECT id FROM aggregate
              WHERE grain = ?1 AND window_start < ?2 AND window_end < ?2 AND watermark < ?2 AND final = 1
                AND id NOT IN (SELECT aggregate FROM outbox) LIMIT ?3
              """, arguments: [grain, before, LogStore.oldAggregatesPage])
        }
        for first in stride(from: 0, to: old.count, by: LogStore.oldAggregatesPerTransaction) {
          if isCancelled() { return removed }
          let page = old[first..<min(old.count, first + LogStore.oldAggregatesPerTransaction)]
          removed += try write("removing old aggregates") { db in
            // One that late data has revised meanwhile stays.
            let delete = try db.cachedStatement(sql: "DELETE FROM aggregate WHERE id = ? AND watermark < ?")
            return try page.reduce(0) { count, id in
              try delete.execute(arguments: [id, before])
              return count + db.changesCount
            }
          }
        }
      } while old.count == LogStore.oldAggregatesPage
    }
    return removed
  }
}
