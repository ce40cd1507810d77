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
      pulse.lastRow = try db.number("SELECT max(id) FROM reading")
      pulse.cursors = try LogStore.cursors(db)
      return pulse
    }
  }

  /// The ledger's sums and the rejections by reason.
  public func totals() throws(LogError) -> (ledger: Ledger, rejections: [(reason: String, count: Int64)]) {
    try read("summing the ledger") { db in (try ledgerSum(db).ledger, try LogStore.rejections(db)) }
  }

  static func cursors(_ db: Database) throws -> [(name: String, row: Int64)] {
    let rows = try CachedRows(db, "SELECT name, row FROM cursor ORDER BY name")
    var cursors: [(name: String, row: Int64)] = []
    while try rows.next() { cursors.append((name: rows.text(0), row: rows.integer(1))) }
    return cursors
  }

  static func rejections(_ db: Database) throws -> [(reason: String, count: Int64)] {
    let rows = try CachedRows(db, "SELECT reason, count FROM rejection ORDER BY reason")
    var rejections: [(reason: String, count: Int64)] = []
    while try rows.next() { rejections.append((reason: rows.text(0), count: rows.integer(1))) }
    return rejections
  }

  /// Messages held in quarantine, and frames missing.
  public func openFigures() throws(LogError) -> (held: Int64, missing: Int64) {
    try read("counting what is open") { db in
      (held: try LogStore.held(db), missing: try LogStore.missing(db))
    }
  }

  static func held(_ db: Database) throws -> Int64 {
    try db.number("SELECT count(*) FROM quarantine WHERE state = 'held'")
  }

  static func missing(_ db: Database) throws -> Int64 {
    try db.number("SELECT sum(last - first + 1) FROM gap WHERE abandoned_at IS NULL")
  }

  /// Changes whenever an aggregate of this grain whose window starts in [from, to) gets another revision.
  public func revisionMark(grain: UInt8, from: Int64, to: Int64) throws(LogError) -> Int64 {
    try read("looking for new revisions") { db in
      let rows = try CachedRows(
        db, "SELECT sum(revision) FROM aggregate WHERE grain = ?1 AND window_start >= ?2 AND window_start < ?3")
      rows.bind(1, Int64(grain))
      rows.bind(2, from)
      rows.bind(3, to)
      return try rows.next() ? rows.integer(0) : 0
    }
  }
}
