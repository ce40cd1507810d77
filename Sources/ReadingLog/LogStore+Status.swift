import GRDB

/// A run of missing seqs.
public struct MissingRange: Sendable {
  public var site: String
  public var device: String
  public var epoch: Int64
  public var first: Int64
  public var last: Int64
  public var noticedTime: Int64
  public var abandonedTime: Int64?
}

/// A device as the log has heard it.
public struct DeviceReport: Sendable {
  public var site: String
  public var device: String
  public var place: String?
  public var isOnline: Bool?
  public var presenceTime: Int64?
  public var keys: Int64
  public var boots: Int64
  public var missing: Int64
  /// Of the newest reading; nil: never heard.
  public var lastReceived: Int64?

  /// A device the store has never met.
  public init(site: String, device: String, place: String?) {
    self.init(
      site: site, device: device, place: place, isOnline: nil, presenceTime: nil, keys: 0, boots: 0, missing: 0,
      lastReceived: nil)
  }

  init(
    site: String, device: String, place: String?, isOnline: Bool?, presenceTime: Int64?, keys: Int64,
    boots: Int64, missing: Int64, lastReceived: Int64?
  ) {
    self.site = site
    self.device = device
    self.place = place
    self.isOnline = isOnline
    self.presenceTime = presenceTime
    self.keys = keys
    self.boots = boots
    self.missing = missing
    self.lastReceived = lastReceived
  }
}

extension LogStore {
  public func gaps(all: Bool) throws(LogError) -> [MissingRange] {
    try read("listing gaps") { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT d.site, d.device, b.epoch, g.first, g.last, g.noticed_at, g.abandoned_at
          FROM gap g JOIN boot b ON b.id = g.boot JOIN device d ON d.id = b.device
          WHERE ?1 OR g.abandoned_at IS NULL ORDER BY d.site, d.device, b.id, g.first
          """, arguments: [all]
      ).map {
        MissingRange(
          site: $0["site"], device: $0["device"], epoch: $0["epoch"], first: $0["first"], last: $0["last"],
          noticedTime: $0["noticed_at"], abandonedTime: $0["abandoned_at"])
      }
    }
  }

  /// Every device the store knows, with when it was last heard. Reads back from the log's end only as far as it must.
  public func deviceReports() throws(LogError) -> [DeviceReport] {
    try read("listing devices") { db in
      var heard: [Int64: Int64] = [:]
      // The newest rows of each device: a scan from the end, a million rows at most.
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT b.device, max(r.event_time + r.delay) FROM reading r JOIN boot b ON b.id = r.boot
          WHERE r.id > (SELECT coalesce(max(id), 0) - 1000000 FROM reading) GROUP BY b.device
          """)
      while let row = try rows.next() { heard[row[0]] = row[1] }
      return try Row.fetchAll(
        db,
        sql: """
          SELECT d.*, (SELECT place FROM placement p WHERE p.device = d.id ORDER BY from_row DESC LIMIT 1) AS place,
            (SELECT count(*) FROM device_key k WHERE k.device = d.id AND k.revoked_at IS NULL) AS keys,
            (SELECT count(*) FROM boot b WHERE b.device = d.id) AS boots,
            (SELECT coalesce(sum(g.last - g.first + 1), 0) FROM gap g JOIN boot b ON b.id = g.boot
              WHERE b.device = d.id AND g.abandoned_at IS NULL) AS missing,
            (SELECT max(b.heard_at) FROM boot b WHERE b.device = d.id) AS heard_at
          FROM device d ORDER BY d.site, d.device
          """
      ).map { row in
        let id: Int64 = row["id"]
        let boot: Int64? = row["heard_at"]
        return DeviceReport(
          site: row["site"], device: row["device"], place: row["place"],
          isOnline: (row["online"] as Int64?).map { $0 != 0 }, presenceTime: row["presence_at"],
          keys: row["keys"], boots: row["boots"], missing: row["missing"],
          lastReceived: heard[id] ?? boot)
      }
    }
  }

  public struct Summary: Sendable {
    public var uuid: String
    public var lastRow: Int64
    public var lastCommit: Int64?
    public var commits: Int64
    public var ledger: Ledger
    public var rejections: [(reason: String, count: Int64)]
    public var devices: Int64
    public var devicesHeard: Int64
    public var held: Int64
    public var missing: Int64
    public var waiting: Int64
    public var cursors: [(name: String, row: Int64)]
    public var fileBytes: Int64
  }

  /// Totals that cost no scan of the readings.
  public func summary() throws(LogError) -> Summary {
    try read("reading the log's summary") { db in try summary(db) }
  }

  /// The summary, what waits for the destinations, and the newest campus version, in one snapshot.
  public func overview() throws(LogError) -> (summary: Summary, outbox: [OutboxStatus], campus: CampusVersion?) {
    try read("reading the log's summary") { db in
      (try summary(db), try OutboxStatus.fetch(db, running: runningWaiting), try CampusVersion.newest(db))
    }
  }

  private func summary(_ db: Database) throws -> Summary {
    let sum = try ledgerSum(db)
    let uuid = try CachedRows(db, "SELECT value FROM log_state WHERE name = 'uuid'")
    return Summary(
      uuid: try uuid.next() ? uuid.text(0) : "", lastRow: try db.number("SELECT max(id) FROM reading"),
      lastCommit: sum.lastCommit, commits: sum.commits, ledger: sum.ledger, rejections: try LogStore.rejections(db),
      devices: try db.number("SELECT count(*) FROM device"), devicesHeard: try countHeard(db),
      held: try LogStore.held(db), missing: try LogStore.missing(db),
      waiting: try db.number("SELECT count(*) FROM waiting"), cursors: try LogStore.cursors(db),
      fileBytes: try db.number("PRAGMA page_count") * db.number("PRAGMA page_size"))
  }

  /// Devices that have a boot. Boots are only added, and seldom: while there is no new one the count stands.
  private func countHeard(_ db: Database) throws -> Int64 {
    let newest = try db.number("SELECT max(id) FROM boot")
    let kept = heardDevices.withLock { $0 }
    if kept.boot == newest { return kept.count }
    let count = try db.number(
      "SELECT count(*) FROM device WHERE EXISTS (SELECT 1 FROM boot WHERE boot.device = device.id)")
    heardDevices.withLock { $0 = (boot: newest, count: count) }
    return count
  }

  /// Pages of one step of a copy: 16 MiB.
  private static let pagesPerStep: Int32 = 2_048

  /// A consistent copy while the gateway runs.
  public func backup(
    to path: String, progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws(LogError) {
    do throws(LogError) {
      try writeCopy(to: path, progress)
    } catch {
      switch error {
      case .full: throw .copy(path: path, problem: "the disk is full")
      case .readOnly(let doing): throw .copy(path: path, problem: doing)
      default: throw error
      }
    }
  }

  private func writeCopy(
    to path: String, _ progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws(LogError) {
    try wrap("backing up to \(path)") {
      let copy = try DatabaseQueue(path: path)
      try copy.writeWithoutTransaction { target in
        try pool.read { db in
          // A read that is under way holds the snapshot: without it, each commit between two steps begins the copy anew.
          _ = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
          try db.backup(to: target, pagesPerStep: LogStore.pagesPerStep) { state in
            progress(state.completedPageCount, state.totalPageCount)
          }
        }
      }
      try copy.writeWithoutTransaction { db in
        // One file, without a write-ahead log beside it.
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        // What is restored from it is another log: who follows rows must not take one for the other.
        try db.execute(sql: "DELETE FROM log_state WHERE name = 'uuid'")
        let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
        guard verdict == "ok" else {
          throw LogError.other("the copy at \(path) is damaged (\(verdict ?? "no answer")): try again on another disk")
        }
      }
      try copy.close()
    }
  }
}
