import GRDB

extension LogStore {
  /// How far the log and its readers have come: what a look each second may cost.
  public struct Pulse: Sendable {
    public var lastRow: Int64 = 0
    public var cursors: [(name: String, row: Int64)] = []
    public init() {}
  }

  public func pulse() throws(LogError) -> Pulse {
    try read("looking at the log") { db in
      var pulse = Pulse()
      pulse.lastRow = try Int64.fetchOne(db, sql: "SELECT max(id) FROM reading") ?? 0
      pulse.cursors = try Row.fetchAll(db, sql: "SELECT name, row FROM cursor ORDER BY name").map {
        ($0["name"], $0["row"])
      }
      return pulse
    }
  }

  /// The ledger's sums and the rejections by reason. One row a commit of the last minutes is read, so that at full
  /// load it costs some milliseconds.
  public func totals() throws(LogError) -> (ledger: Ledger, rejections: [(reason: String, count: Int64)]) {
    try read("summing the ledger") { db in
      var ledger = Ledger()
      if let row = try Row.fetchOne(
        db,
        sql: """
          SELECT coalesce(sum(received), 0) AS r, coalesce(sum(stored), 0) AS s, coalesce(sum(duplicate), 0) AS d,
            coalesce(sum(quarantined), 0) AS q, coalesce(sum(rejected), 0) AS x FROM batch
          """)
      {
        ledger.received = row["r"]
        ledger.stored = row["s"]
        ledger.duplicate = row["d"]
        ledger.quarantined = row["q"]
        ledger.rejected = row["x"]
      }
      let rejections = try Row.fetchAll(db, sql: "SELECT reason, count FROM rejection ORDER BY reason").map {
        ($0["reason"] as String, $0["count"] as Int64)
      }
      return (ledger, rejections.map { (reason: $0.0, count: $0.1) })
    }
  }

  /// Messages held in quarantine, and frames missing.
  public func openFigures() throws(LogError) -> (held: Int64, missing: Int64) {
    try read("counting what is open") { db in
      (
        held: try Int64.fetchOne(db, sql: "SELECT count(*) FROM quarantine WHERE state = 'held'") ?? 0,
        missing: try Int64.fetchOne(
          db, sql: "SELECT sum(last - first + 1) FROM gap WHERE abandoned_at IS NULL") ?? 0
      )
    }
  }

  /// Changes whenever an aggregate of this grain whose window starts in [from, to) gets another revision.
  public func revisionMark(grain: UInt8, from: Int64, to: Int64) throws(LogError) -> Int64 {
    try read("looking for new revisions") { db in
      try Int64.fetchOne(
        db,
        sql: """
          SELECT coalesce(sum(revision), 0) FROM aggregate WHERE grain = ? AND window_start >= ? AND window_start < ?
          """, arguments: [grain, from, to]) ?? 0
    }
  }
}
