import GRDB

/// Lists in pages, each a snapshot of its own. A page costs no more than a bounded look: where few rows pass a filter
/// it holds fewer than were asked for, and says where the next one begins.
extension LogStore {
  /// Rows of the log looked at for one page.
  public static let rowsPerPage: Int64 = 200_000
  /// Aggregates looked at for one page.
  static let aggregatesPerPage = 50_000

  /// Readings that pass the filter, in commit order. `after`: the row the last page ended with.
  /// `next`: where to go on; nil: that is all there is.
  public func readings(
    _ filter: ReadingFilter, after begin: Int64, limit: Int
  ) throws(LogError) -> (readings: [ExportedReading], next: Int64?) {
    // The log's end before the names: devices are never removed, so that no row is without one.
    let extent = try read("reading the log's end") { try LogExtent($0, filter, after: begin) }
    let names = try sources()
    var walk = ReadingWalk(filter: filter, limit: limit, row: begin, extent: extent)
    while try read("reading a page of readings", { db in try walk.step(db, names) }) {}
    return (walk.found, walk.next)
  }

  /// Where a page of aggregates ended.
  public struct AggregatePosition: Sendable, Equatable {
    public var grain: Int64
    public var start: Int64
    public var kind: Int64
    public var scope: Int64
    public var name: String

    public init(grain: Int64, start: Int64, kind: Int64, scope: Int64, name: String) {
      self.grain = grain
      self.start = start
      self.kind = kind
      self.scope = scope
      self.name = name
    }
  }

  /// The latest revisions that pass the filter, by grain, window, kind, scope and id. `isFinal`: only those that are,
  /// or are not.
  public func aggregates(
    _ filter: AggregateFilter, isFinal: Bool?, after position: AggregatePosition?, limit: Int
  ) throws(LogError) -> (aggregates: [StoredAggregate], next: AggregatePosition?) {
    try read("reading a page of aggregates") { db -> (aggregates: [StoredAggregate], next: AggregatePosition?) in
      var found: [StoredAggregate] = []
      var looked = 0
      var next: Int64? = filter.grain.map { Int64($0) } ?? position?.grain
      if next == nil { next = try LogStore.grain(db, after: 0) }
      // Grain by grain, so that the times bound what is read of each.
      while let grain = next {
        let rows = try CachedRows(db, LogStore.aggregatesOfGrain)
        LogStore.bind(rows, grain, position, filter)
        while try rows.next() {
          looked += 1
          if LogStore.passes(rows, filter, isFinal) { found.append(try StoredAggregate(rows)) }
          if found.count == limit || looked == LogStore.aggregatesPerPage {
            let end = AggregatePosition(
              grain: grain, start: rows.integer(5), kind: rows.integer(1), scope: rows.integer(2), name: rows.text(4))
            return (found, end)
          }
        }
        guard filter.grain == nil else { break }
        next = try LogStore.grain(db, after: grain)
      }
      return (found, nil)
    }
  }

  private static let aggregatesOfGrain = """
    SELECT \(StoredAggregate.columns) FROM aggregate
    WHERE grain = ?1 AND (window_start, kind, scope, name) > (?2, ?3, ?4, ?5) AND window_start < ?6
    ORDER BY window_start, kind, scope, name
    """

  /// Begins where the last page ended, or where the filter's time does; kinds begin at 1.
  private static func bind(
    _ rows: borrowing CachedRows, _ grain: Int64, _ position: AggregatePosition?, _ filter: AggregateFilter
  ) {
    var begin = AggregatePosition(grain: grain, start: filter.from, kind: 0, scope: 0, name: "")
    if let position, position.grain == grain, position.start >= filter.from { begin = position }
    rows.bind(1, grain)
    rows.bind(2, begin.start)
    rows.bind(3, begin.kind)
    rows.bind(4, begin.scope)
    rows.bind(5, text: begin.name)
    rows.bind(6, filter.to)
  }

  /// The grain of the next aggregates; nil: there are none.
  private static func grain(_ db: Database, after grain: Int64) throws -> Int64? {
    let rows = try CachedRows(db, "SELECT min(grain) FROM aggregate WHERE grain > ?1")
    rows.bind(1, grain)
    return try rows.next() ? rows.optionalInteger(0) : nil
  }

  /// What the index holds is asked first: most rows that do not pass are not read then.
  private static func passes(
    _ rows: borrowing CachedRows, _ filter: AggregateFilter, _ isFinal: Bool?
  ) -> Bool {
    if let kind = filter.kind, rows.integer(1) != Int64(kind) { return false }
    if let scope = filter.scope, rows.integer(2) != Int64(scope) { return false }
    if let name = filter.name, rows.text(4) != name { return false }
    if let isFinal, (rows.integer(8) != 0) != isFinal { return false }
    return rows.integer(7) > 0
  }

  private static let oneAggregate = """
    SELECT \(StoredAggregate.columns) FROM aggregate
    WHERE grain = ?1 AND window_start = ?2 AND kind = ?3 AND scope = ?4 AND name = ?5 AND revision > 0
    """

  /// The latest revision of one aggregate.
  public func aggregate(
    kind: UInt8, scope: UInt8, grain: UInt8, name: String, start: Int64
  ) throws(LogError) -> StoredAggregate? {
    try aggregates(kind: kind, scope: scope, grain: grain, name: name, starts: [start]).first
  }

  /// The latest revisions of one key over several windows, in their order; those there are.
  public func aggregates(
    kind: UInt8, scope: UInt8, grain: UInt8, name: String, starts: [Int64]
  ) throws(LogError) -> [StoredAggregate] {
    try read("reading an aggregate") { db in
      let rows = try CachedRows(db, LogStore.oneAggregate)
      rows.bind(1, Int64(grain))
      rows.bind(3, Int64(kind))
      rows.bind(4, Int64(scope))
      rows.bind(5, text: name)
      var found: [StoredAggregate] = []
      for start in starts {
        rows.reset()
        rows.bind(2, start)
        if try rows.next() { found.append(try StoredAggregate(rows)) }
      }
      return found
    }
  }

  /// The latest revisions of one kind, scope and grain whose windows start within `starts`, by window and id.
  public func aggregates(
    kind: UInt8, scope: UInt8, grain: UInt8, startingIn starts: ClosedRange<Int64>
  ) throws(LogError) -> [StoredAggregate] {
    try read("listing aggregates") { db in
      let rows = try CachedRows(
        db,
        """
        SELECT \(StoredAggregate.columns) FROM aggregate
        WHERE grain = ?1 AND window_start BETWEEN ?2 AND ?3 AND kind = ?4 AND scope = ?5 AND revision > 0
        ORDER BY window_start, name
        """)
      rows.bind(1, Int64(grain))
      rows.bind(2, starts.lowerBound)
      rows.bind(3, starts.upperBound)
      rows.bind(4, Int64(kind))
      rows.bind(5, Int64(scope))
      var found: [StoredAggregate] = []
      while try rows.next() { found.append(try StoredAggregate(rows)) }
      return found
    }
  }

  /// Messages in quarantine, the newest first. `before`: the id the last page ended with.
  public func quarantine(
    state: String?, reason: String?, before: Int64?, limit: Int
  ) throws(LogError) -> [HeldMessage] {
    // The index of those that are held is for exactly this condition.
    let condition = state == "held" ? "q.state = 'held'" : "(?1 IS NULL OR q.state = ?1)"
    return try read("listing the quarantine") { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT q.id, q.received_at, q.topic, q.device, q.boot, q.seq, q.digest, q.reason, q.reading, q.bytes,
            q.state, q.key, q.arrived_at, b.epoch
          FROM quarantine q LEFT JOIN boot b ON b.id = q.boot
          WHERE \(condition) AND (?2 IS NULL OR q.reason = ?2) AND (?3 IS NULL OR q.id < ?3)
          ORDER BY q.id DESC LIMIT ?4
          """, arguments: [state, reason, before, limit]
      ).map { HeldMessage($0) }
    }
  }

  /// Where a page of gaps ended.
  public struct GapPosition: Sendable, Equatable {
    public var device: Int64
    public var boot: Int64
    public var first: Int64

    public init(device: Int64, boot: Int64, first: Int64) {
      self.device = device
      self.boot = boot
      self.first = first
    }
  }

  private static let ofDevices = """
    AND g.device IN (SELECT id FROM device WHERE site = coalesce(?4, site) AND device = coalesce(?5, device))
    """

  /// Missing ranges by device and boot, in the order in which those were first heard. `all`: also those given up.
  public func gaps(
    all: Bool, site: String?, device: String?, after position: GapPosition?, limit: Int
  ) throws(LogError) -> (gaps: [MissingRange], next: GapPosition?) {
    // The index of open gaps is in this order; of all gaps the table itself is, by boot.
    let order = all ? "g.boot, g.first" : "g.device, g.boot, g.first"
    let beyond = all ? "(g.boot, g.first) > (?2, ?3)" : "(g.device, g.boot, g.first) > (?1, ?2, ?3)"
    let isFiltered = site != nil || device != nil
    let statement = """
      SELECT d.site, d.device, b.epoch, g.first, g.last, g.noticed_at, g.abandoned_at, g.device, g.boot
      FROM gap g JOIN boot b ON b.id = g.boot JOIN device d ON d.id = g.device
      WHERE \(beyond) \(all ? "" : "AND g.abandoned_at IS NULL") \(isFiltered ? LogStore.ofDevices : "")
      ORDER BY \(order) LIMIT ?6
      """
    return try read("listing gaps") { db -> (gaps: [MissingRange], next: GapPosition?) in
      let rows = try CachedRows(db, statement)
      rows.bind(1, position?.device ?? 0)
      rows.bind(2, position?.boot ?? 0)
      rows.bind(3, position?.first ?? -1)
      rows.bind(4, text: site)
      rows.bind(5, text: device)
      rows.bind(6, Int64(limit))
      var gaps: [MissingRange] = []
      var last: GapPosition?
      while try rows.next() {
        gaps.append(
          MissingRange(
            site: rows.text(0), device: rows.text(1), epoch: rows.integer(2), first: rows.integer(3),
            last: rows.integer(4), noticedTime: rows.integer(5), abandonedTime: rows.optionalInteger(6)))
        if gaps.count == limit {
          last = GapPosition(device: rows.integer(7), boot: rows.integer(8), first: rows.integer(3))
        }
      }
      return (gaps, last)
    }
  }

  /// The newest readings of a device among the log's last rows, the newest first.
  public func recentReadings(site: String, device: String, limit: Int) throws(LogError) -> [ExportedReading] {
    var filter = ReadingFilter()
    filter.site = site
    filter.device = device
    let last = try read("reading the log's end") {
      try Int64.fetchOne($0, sql: "SELECT coalesce(max(id), 0) FROM reading") ?? 0
    }
    let names = try sources()
    var found: [ExportedReading] = []
    var end = last
    while end > max(0, last - LogStore.rowsPerPage), found.count < limit {
      let start = max(0, end - Int64(LogStore.exportPage))
      let through = end
      let page = try read("reading a device's last readings") { db in
        try LogStore.page(db, after: start, through: through, filter, names)
      }
      found += page.readings.reversed()
      end = start
    }
    return Array(found.prefix(limit))
  }
}

/// A walk over the log for one page of readings, in pieces that are snapshots of their own.
private struct ReadingWalk {
  let filter: ReadingFilter
  let limit: Int
  /// The last row that was looked at.
  var row: Int64
  private(set) var found: [ExportedReading] = []
  private var extent: LogExtent
  private var looked: Int64 = 0

  init(filter: ReadingFilter, limit: Int, row: Int64, extent: LogExtent) {
    self.filter = filter
    self.limit = limit
    self.row = row
    self.extent = extent
  }

  /// Takes the next piece. false: the page is done.
  mutating func step(_ db: Database, _ sources: SourceTable.Sources) throws -> Bool {
    guard let end = extent.run(after: &row) else { return false }
    let page = try LogStore.page(db, after: row, through: end, filter, sources, limit: limit - found.count)
    found += page.readings
    looked += page.lastRow - row
    row = page.lastRow
    return found.count < limit && looked < LogStore.rowsPerPage
  }

  /// Where to go on; nil: that is all there is.
  var next: Int64? {
    guard row < extent.last else { return nil }
    return row
  }
}

extension StoredAggregate {
  /// In the order in which they are taken from a row.
  static let columns =
    "id, kind, scope, grain, name, window_start, window_end, revision, final, watermark, sums"

  init(_ rows: borrowing CachedRows) throws(LogError) {
    self.init(
      number: rows.integer(0), kind: UInt8(truncatingIfNeeded: rows.integer(1)),
      scope: UInt8(truncatingIfNeeded: rows.integer(2)), grain: UInt8(truncatingIfNeeded: rows.integer(3)),
      name: rows.text(4), start: rows.integer(5), end: rows.integer(6), revision: rows.integer(7),
      isFinal: rows.integer(8) != 0, watermark: rows.integer(9), sums: try SumsCoding.decode(rows.blob(10)))
  }
}

extension HeldMessage {
  init(_ row: Row) {
    self.init(
      id: row["id"], receivedTime: row["received_at"], topic: row["topic"], device: row["device"],
      boot: row["boot"], epoch: row["epoch"], seq: row["seq"], digest: row["digest"], reason: row["reason"],
      reading: row["reading"], bytes: row["bytes"], state: row["state"], key: row["key"], arrivedTime: row["arrived_at"])
  }
}
