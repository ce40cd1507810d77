import DeviceProtocol
import GRDB

/// A stored reading with everything its row implies.
public struct ExportedReading: Sendable {
  public var id: Int64
  public var site: String
  public var device: String
  public var epoch: Int64
  public var seq: Int64
  public var index: Int64
  public var kind: ReadingKind
  public var eventTime: Int64
  public var quality: TimeQuality
  public var receivedTime: Int64
  public var place: String?
  public var token: [UInt8]?
  public var value: Int64?
  public var item: Int64?
  public var text: String?
}

/// Which readings are wanted; times in Unix milliseconds, `from` inclusive, `to` exclusive.
public struct ReadingFilter: Sendable {
  public var from: Int64 = .min
  public var to: Int64 = .max
  public var kind: ReadingKind?
  public var site: String?
  public var device: String?
  /// Where the device stood when the reading was stored.
  public var place: String?
  public init() {}
}

extension LogStore {
  static let exportPage = 20_000

  /// Gives the readings that pass the filter in commit order. Each page is a snapshot of its own, so that a
  /// long export does not hold back the checkpoint. Closed segments outside the times are not read.
  public func export(
    _ filter: ReadingFilter, progress: (_ row: Int64, _ last: Int64) -> Void = { _, _ in },
    _ body: ([ExportedReading]) throws -> Void
  ) throws(LogError) {
    var extent = try read("reading the log's end") { db in try LogExtent(db, filter, after: 0) }
    let names = try sources()
    var row: Int64 = 0
    while let end = extent.run(after: &row) {
      let after = row
      let page = try read("exporting") { db in try LogStore.page(db, after: after, through: end, filter, names) }
      if !page.readings.isEmpty {
        do { try body(page.readings) } catch { throw LogError(error, doing: "exporting") }
      }
      row = page.lastRow
      progress(row, extent.last)
    }
  }

  /// Names and places of all devices. Beside a gateway that may register others they are read each time.
  func sources() throws(LogError) -> SourceTable.Sources {
    try campusBox == nil ? readSources() : sourceTable.sources(readSources)
  }

  private func readSources() throws(LogError) -> SourceTable.Sources {
    try read("reading devices") { db in
      var sources: SourceTable.Sources = [:]
      let devices = try CachedRows(db, "SELECT id, site, device FROM device")
      while try devices.next() {
        sources[devices.integer(0)] = SourceTable.Source(site: devices.text(1), device: devices.text(2))
      }
      let placements = try CachedRows(db, "SELECT device, from_row, place FROM placement ORDER BY device, from_row")
      while try placements.next() {
        sources[placements.integer(0)]?.placements.append((from: placements.integer(1), place: placements.text(2)))
      }
      return sources
    }
  }

  /// Rows after `after`, as many as an export reads at once. `limit`: readings given, at most.
  static func page(
    _ db: Database, after: Int64, through: Int64, _ filter: ReadingFilter, _ sources: SourceTable.Sources,
    limit: Int = exportPage
  ) throws -> (readings: [ExportedReading], lastRow: Int64) {
    let pageEnd = min(through, after + Int64(exportPage))
    let rows = try CachedRows(db, statement(filter))
    rows.bind(1, after)
    rows.bind(2, pageEnd)
    rows.bind(3, filter.from)
    rows.bind(4, filter.to)
    rows.bind(5, optional: filter.kind.map { Int64($0.rawValue) })
    if filter.isOneDevice {
      rows.bind(6, text: filter.device)
      rows.bind(7, text: filter.site)
    }
    if filter.place != nil { rows.bind(8, text: filter.place) }
    var readings: [ExportedReading] = []
    while try rows.next() {
      let reading = try ExportedReading(rows, sources)
      if let place = filter.place, reading.place != place { continue }
      readings.append(reading)
      if readings.count == limit { return (readings, reading.id) }
    }
    return (readings, pageEnd)
  }

  private static func statement(_ filter: ReadingFilter) -> String {
    let named = "SELECT id FROM device WHERE device = coalesce(?6, device) AND site = coalesce(?7, site)"
    let ofDevice = filter.isOneDevice ? "AND b.device IN (\(named))" : ""
    let ofPlace = filter.place == nil ? "" : "AND b.device IN (SELECT device FROM placement WHERE place = ?8)"
    return """
      SELECT r.id, r.seq, r.position, r.kind, r.quality, r.event_time, r.delay, r.token, r.value, r.detail, b.epoch,
        b.device
      FROM reading r JOIN boot b ON b.id = r.boot
      WHERE r.id > ?1 AND r.id <= ?2 AND r.event_time >= ?3 AND r.event_time < ?4 AND (?5 IS NULL OR r.kind = ?5)
        \(ofDevice) \(ofPlace)
      ORDER BY r.id
      """
  }
}

extension ReadingFilter {
  fileprivate var isOneDevice: Bool { device != nil || site != nil }
}

extension ExportedReading {
  /// Takes a row of a page's statement.
  fileprivate init(_ rows: borrowing CachedRows, _ sources: SourceTable.Sources) throws {
    let row = rows.integer(0)
    guard let kind = UInt8(exactly: rows.integer(3)).flatMap(ReadingKind.init(rawValue:)),
      let quality = UInt8(exactly: rows.integer(4)).flatMap(TimeQuality.init(rawValue:)),
      let source = sources[rows.integer(11)]
    else { throw LogError.other("row \(row) of the log is damaged: restore the store from a backup") }
    let event = rows.integer(5)
    self.init(
      id: row, site: source.site, device: source.device, epoch: rows.integer(10), seq: rows.integer(1),
      index: rows.integer(2), kind: kind, eventTime: event, quality: quality, receivedTime: event + rows.integer(6),
      place: source.place(at: row), token: rows.isNull(7) ? nil : Array(rows.blob(7)), value: rows.optionalInteger(8))
    if kind == .response {
      item = rows.optionalInteger(9)
    } else if !rows.isNull(9) {
      // By its length: a text may hold U+0000, where a C string would end.
      text = rows.text(9)
    }
  }
}
