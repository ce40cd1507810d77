import GRDB

/// The ledger summed up to one of its rows. It can be gone on from: rows are only added, and where old ones become one
/// row, that is the oldest and holds their sum.
struct LedgerSum: Sendable {
  /// The newest row in the sum; 0: none is.
  var through: Int64 = 0
  var commits: Int64 = 0
  var ledger = Ledger()
  /// Unix milliseconds; nil: there was no commit.
  var lastCommit: Int64?

  /// Adds the rows after `through`.
  mutating func goOn(_ db: Database) throws {
    let rows = try CachedRows(
      db,
      """
      SELECT max(id), sum(commits), sum(received), sum(stored), sum(duplicate), sum(quarantined), sum(rejected),
        max(committed_at)
      FROM batch WHERE id > ?1
      """)
    rows.bind(1, through)
    guard try rows.next(), let newest = rows.optionalInteger(0) else { return }
    through = newest
    commits += rows.integer(1)
    ledger.received += rows.integer(2)
    ledger.stored += rows.integer(3)
    ledger.duplicate += rows.integer(4)
    ledger.quarantined += rows.integer(5)
    ledger.rejected += rows.integer(6)
    lastCommit = max(lastCommit ?? .min, rows.integer(7))
  }
}

extension LogStore {
  /// The ledger's sums in a snapshot of the store. At full load the ledger has thousands of rows, and those who ask
  /// often read only the newest of them.
  func ledgerSum(_ db: Database) throws -> LedgerSum {
    let kept = keptSum.withLock { $0 }
    let oldest = try db.number("SELECT min(id) FROM batch")
    let newest = try db.number("SELECT max(id) FROM batch")
    // Not where the snapshot is older than what is kept, and not where rows beyond it have become one.
    var sum = kept.through >= oldest && kept.through <= newest ? kept : LedgerSum()
    try sum.goOn(db)
    let seen = sum
    keptSum.withLock { kept in
      guard seen.through > kept.through else { return }
      kept = seen
    }
    return seen
  }
}
