import DeviceProtocol
import Foundation
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
    let last = try read("reading the log's end") {
      try Int64.fetchOne($0, sql: "SELECT coalesce(max(id), 0) FROM reading") ?? 0
    }
    let skipped = try read("reading segments") { db in
      try Row.fetchAll(
        db, sql: "SELECT id, last_row FROM segment WHERE max_time < ? OR min_time >= ? ORDER BY id",
        arguments: [filter.from, filter.to]
      ).map { (first: $0["id"] as Int64, last: $0["last_row"] as Int64) }
    }
    let names = try sources()
    var row: Int64 = 0
    var nextSkip = 0
    while row < last {
      while nextSkip < skipped.count, skipped[nextSkip].first <= row + 1 {
        row = max(row, skipped[nextSkip].last)
        nextSkip += 1
      }
      let limit = nextSkip < skipped.count ? min(last, skipped[nextSkip].first - 1) : last
      guard row < limit else { continue }
      let page = try read("exporting") { db in try LogStore.page(db, after: row, through: limit, filter, names) }
      if !page.readings.isEmpty {
        do { try body(page.readings) } catch { throw LogError(error, doing: "exporting") }
      }
      row = page.lastRow
      progress(row, last)
    }
  }

  struct Sources {
    var devices: [Int64: (site: String, device: String)] = [:]
    var placements: [Int64: [(from: Int64, place: String)]] = [:]
  }

  func sources() throws(LogError) -> Sources {
    try read("reading devices") { db in
      var sources = Sources()
      for row in try Row.fetchAll(db, sql: "SELECT id, site, device FROM device") {
        sources.devices[row["id"]] = (row["site"], row["device"])
      }
      for row in try Row.fetchAll(db, sql: "SELECT device, from_row, place FROM placement ORDER BY from_row") {
        sources.placements[row["device"], default: []].append((row["from_row"], row["place"]))
      }
      return sources
    }
  }

  /// Rows after `after`, as many as an export reads at once. `limit`: readings given, at most.
  static func page(
    _ db: Database, after: Int64, through: Int64, _ filter: ReadingFilter, _ sources: Sources, limit: Int = exportPage
  ) throws -> (readings: [ExportedReading], lastRow: Int64) {
    let pageEnd = min(through, after + Int64(exportPage))
    let isOneDevice = filter.device != nil || filter.site != nil
    let statement = try db.cachedStatement(
      sql: """
        SELECT r.id, r.seq, r.position, r.kind, r.quality, r.event_time, r.delay, r.token, r.value, r.detail,
          b.epoch, b.device
        FROM reading r JOIN boot b ON b.id = r.boot
        WHERE r.id > ? AND r.id <= ? AND r.event_time >= ? AND r.event_time < ?
          AND (? IS NULL OR r.kind = ?)
          \(isOneDevice ? "AND b.device IN (SELECT id FROM device WHERE device = coalesce(?, device) AND site = coalesce(?, site))" : "")
          \(filter.place == nil ? "" : "AND b.device IN (SELECT device FROM placement WHERE place = ?)")
        ORDER BY r.id
        """)
    let kind = filter.kind.map { Int64($0.rawValue) }
    var arguments: StatementArguments = [after, pageEnd, filter.from, filter.to, kind, kind]
    if isOneDevice { arguments += [filter.device, filter.site] }
    if let place = filter.place { arguments += [place] }
    var readings: [ExportedReading] = []
    let rows = try Row.fetchCursor(statement, arguments: arguments)
    while let row = try rows.next() {
      let device: Int64 = row[11]
      let id: Int64 = row[0]
      guard let kind = UInt8(exactly: row[3] as Int64).flatMap(ReadingKind.init(rawValue:)),
        let quality = UInt8(exactly: row[4] as Int64).flatMap(TimeQuality.init(rawValue:)), let name = sources.devices[device]
      else { throw LogError.other("row \(id) of the log is damaged: restore the store from a backup") }
      let event: Int64 = row[5]
      var reading = ExportedReading(
        id: id, site: name.site, device: name.device, epoch: row[10], seq: row[1], index: row[2], kind: kind,
        eventTime: event, quality: quality, receivedTime: event + (row[6] as Int64),
        place: sources.placements[device]?.last { $0.from <= id }?.place, token: nil, value: row[8])
      if let token = row[7] as Data? { reading.token = Array(token) }
      if kind == .response {
        reading.item = row[9]
      } else if let text = row[9] as Data? {
        // By its length: a text may hold U+0000, where a C string would end.
        reading.text = String(decoding: text, as: UTF8.self)
      }
      if let place = filter.place, reading.place != place { continue }
      readings.append(reading)
      if readings.count == limit { return (readings, id) }
    }
    return (readings, pageEnd)
  }
}
