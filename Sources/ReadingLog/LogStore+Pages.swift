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
    let (last, skipped) = try read("reading segments") { db in
      let last = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM reading") ?? 0
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT id, last_row FROM segment WHERE last_row > ?3 AND (max_time < ?1 OR min_time >= ?2) ORDER BY id",
        arguments: [filter.from, filter.to, begin])
      return (last, rows.map { (first: $0["id"] as Int64, last: $0["last_row"] as Int64) })
    }
    let names = try sources()
    var found: [ExportedReading] = []
    var row = begin
    var looked: Int64 = 0
    var nextSkip = 0
    while row < last, looked < LogStore.rowsPerPage {
      while nextSkip < skipped.count, skipped[nextSkip].first <= row + 1 {
        row = max(row, skipped[nextSkip].last)
        nextSkip += 1
      }
      let end = nextSkip < skipped.count ? min(last, skipped[nextSkip].first - 1) : last
      guard row < end else { continue }
      let wanted = limit - found.count
      let page = try read("reading a page of readings") { db in
        try LogStore.page(db, after: row, through: end, filter, names, limit: wanted)
      }
      found += page.readings
      looked += page.lastRow - row
      row = page.lastRow
      if found.count >= limit { break }
    }
    return (found, row < last ? row : nil)
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
    try read("reading a page of aggregates") { db in
      var found: [StoredAggregate] = []
      var looked = 0
      var next: Int64? = filter.grain.map { Int64($0) } ?? position?.grain ?? 0
      // Grain by grain, so that the times bound what is read of each.
      while let grain = next {
        let here = position.flatMap { $0.grain == grain ? $0 : nil }
        let rows = try Row.fetchCursor(
          db,
          sql: """
            SELECT * FROM aggregate
            WHERE grain = ?1 AND (window_start, kind, scope, name) > (?2, ?3, ?4, ?5)
              AND window_start >= ?6 AND window_start < ?7
            ORDER BY window_start, kind, scope, name
            """,
          arguments: [
            grain, here?.start ?? .min, here?.kind ?? 0, here?.scope ?? 0, here?.name ?? "", filter.from, filter.to,
          ])
        while let row = try rows.next() {
          looked += 1
          if LogStore.passes(row, filter, isFinal) { found.append(try StoredAggregate(row)) }
          if found.count == limit || looked == LogStore.aggregatesPerPage {
            let end = AggregatePosition(
              grain: grain, start: row["window_start"], kind: row["kind"], scope: row["scope"], name: row["name"])
            return (found, end)
          }
        }
        guard filter.grain == nil else { break }
        next = try Int64.fetchOne(db, sql: "SELECT min(grain) FROM aggregate WHERE grain > ?", arguments: [grain])
      }
      return (found, nil)
    }
  }

  private static func passes(_ row: Row, _ filter: AggregateFilter, _ isFinal: Bool?) -> Bool {
    let revision: Int64 = row["revision"]
    guard revision > 0 else { return false }
    if let kind = filter.kind, row["kind"] as UInt8 != kind { return false }
    if let scope = filter.scope, row["scope"] as UInt8 != scope { return false }
    if let name = filter.name, row["name"] as String != name { return false }
    if let isFinal, row["final"] as Bool != isFinal { return false }
    return true
  }

  /// The latest revision of one aggregate.
  public func aggregate(
    kind: UInt8, scope: UInt8, grain: UInt8, name: String, start: Int64
  ) throws(LogError) -> StoredAggregate? {
    try read("reading an aggregate") { db in
      try Row.fetchOne(
        db,
        sql: """
          SELECT * FROM aggregate WHERE grain = ? AND window_start = ? AND kind = ? AND scope = ? AND name = ?
            AND revision > 0
          """, arguments: [grain, start, kind, scope, name]
      ).map { try StoredAggregate($0) }
    }
  }

  /// The latest revisions of one key over several windows, in their order; those there are.
  public func aggregates(
    kind: UInt8, scope: UInt8, grain: UInt8, name: String, starts: [Int64]
  ) throws(LogError) -> [StoredAggregate] {
    var found: [StoredAggregate] = []
    for start in starts {
      if let one = try aggregate(kind: kind, scope: scope, grain: grain, name: name, start: start) { found.append(one) }
    }
    return found
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
    return try read("listing gaps") { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT d.site, d.device AS name, b.epoch, g.first, g.last, g.noticed_at, g.abandoned_at, g.device, g.boot
          FROM gap g JOIN boot b ON b.id = g.boot JOIN device d ON d.id = g.device
          WHERE \(beyond) \(all ? "" : "AND g.abandoned_at IS NULL")
            \(isFiltered ? LogStore.ofDevices : "")
          ORDER BY \(order) LIMIT ?6
          """,
        arguments: [position?.device ?? 0, position?.boot ?? 0, position?.first ?? -1, site, device, limit])
      let gaps = rows.map {
        MissingRange(
          site: $0["site"], device: $0["name"], epoch: $0["epoch"], first: $0["first"], last: $0["last"],
          noticedTime: $0["noticed_at"], abandonedTime: $0["abandoned_at"])
      }
      guard gaps.count == limit, let last = rows.last else { return (gaps, nil) }
      return (gaps, GapPosition(device: last["device"], boot: last["boot"], first: last["first"]))
    }
  }

  /// The newest readings of a device among the log's last rows, the newest first.
  public func recentReadings(site: String, device: String, limit: Int) throws(LogError) -> [ExportedReading] {
    var filter = ReadingFilter()
    filter.site = site
    filter.device = device
    let names = try sources()
    let last = try read("reading the log's end") {
      try Int64.fetchOne($0, sql: "SELECT coalesce(max(id), 0) FROM reading") ?? 0
    }
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

extension HeldMessage {
  init(_ row: Row) {
    self.init(
      id: row["id"], receivedTime: row["received_at"], topic: row["topic"], device: row["device"],
      boot: row["boot"], epoch: row["epoch"], seq: row["seq"], digest: row["digest"], reason: row["reason"],
      reading: row["reading"], bytes: row["bytes"], state: row["state"], key: row["key"], arrivedTime: row["arrived_at"])
  }
}
