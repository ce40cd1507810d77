import GRDB

extension LogStore {
  static let horizonName = "meetings_horizon"
  private static let meetingsPage = 2_000
  private static let meetingsPerTransaction = 10
  private static let cardsPerTransaction = 500

  /// Removes who was at the meetings before the fold's horizon, and which cards old aggregates counted: personal data
  /// that nothing needs any more. Short transactions: intake goes on. Returns how many meetings.
  @discardableResult
  public func removeRetiredMeetings(isCancelled: () -> Bool = { false }) throws(LogError) -> Int {
    let horizon = try read("reading the meetings' horizon") { db in try self.state(db, LogStore.horizonName) }
    var removed = 0
    var old: [Int64] = []
    repeat {
      old = try read("finding old meetings") { db in
        try Int64.fetchAll(
          db, sql: "SELECT id FROM meeting WHERE starts_at < ? LIMIT ?", arguments: [horizon, LogStore.meetingsPage])
      }
      for first in stride(from: 0, to: old.count, by: LogStore.meetingsPerTransaction) {
        if isCancelled() { return removed }
        let page = old[first..<min(old.count, first + LogStore.meetingsPerTransaction)]
        try write("removing old meetings") { db in
          for meeting in page {
            for sql in [
              "DELETE FROM attendance_card WHERE meeting = ?", "DELETE FROM attendance_device WHERE meeting = ?",
              "DELETE FROM meeting WHERE id = ?",
            ] { try db.cachedStatement(sql: sql).execute(arguments: [meeting]) }
          }
        }
        removed += page.count
      }
    } while old.count == LogStore.meetingsPage
    try removeCards(before: horizon, isCancelled)
    return removed
  }

  private func removeCards(before horizon: Int64, _ isCancelled: () -> Bool) throws(LogError) {
    let old = try read("finding old cards") { db in
      try Int64.fetchAll(
        db,
        sql: """
          SELECT DISTINCT c.aggregate FROM aggregate_card c JOIN aggregate a ON a.id = c.aggregate
          WHERE a.window_end < ? AND a.final = 1
          """, arguments: [horizon])
    }
    for aggregate in old {
      var isDone = false
      while !isDone, !isCancelled() {
        isDone = try write("removing old cards") { db in
          try db.execute(
            sql: """
              DELETE FROM aggregate_card WHERE aggregate = ?1
                AND token IN (SELECT token FROM aggregate_card WHERE aggregate = ?1 LIMIT ?2)
              """, arguments: [aggregate, LogStore.cardsPerTransaction])
          return db.changesCount < LogStore.cardsPerTransaction
        }
      }
    }
  }
}
