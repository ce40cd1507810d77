import GRDB

extension LogStore {
  private static let aggregatePage = 2_000

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
  @discardableResult
  public func retainAggregates(grains: [UInt8], before: Int64) throws(LogError) -> Int {
    var removed = 0
    for grain in grains {
      var isDone = false
      while !isDone {
        let count = try write("removing old aggregates") { db in
          try db.execute(
            sql: """
              DELETE FROM aggregate WHERE id IN (
                SELECT a.id FROM aggregate a WHERE a.grain = ?1 AND a.window_start < ?2 AND a.window_end < ?2
                  AND a.watermark < ?2 AND a.final = 1 AND a.unqueued = 0
                  AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.aggregate = a.id) LIMIT 500)
              """, arguments: [grain, before])
          return db.changesCount
        }
        removed += count
        isDone = count < 500
      }
    }
    return removed
  }
}
