import GRDB

/// What the store knows of a device without looking at its readings.
public struct DeviceFacts: Sendable {
  /// The store's.
  public var id: Int64
  public var site: String
  public var device: String
  public var isOnline: Bool?
  public var presenceTime: Int64?
  /// Live ones.
  public var keys: Int64 = 0
  public var boots: Int64 = 0
  /// Frames known to be missing and not given up.
  public var missing: Int64 = 0
  /// When its newest boot was first heard.
  public var bootHeard: Int64?
}

extension LogStore {
  /// All devices, by id. Four passes over tables that have a row a device, key, boot or gap: some 50 ms for 20,000.
  public func deviceFacts() throws(LogError) -> [DeviceFacts] {
    try read("looking at devices") { db in
      let keys = try LogStore.counts(
        db, "SELECT device, count(*) FROM device_key WHERE revoked_at IS NULL GROUP BY device")
      let missing = try LogStore.counts(
        db, "SELECT device, sum(last - first + 1) FROM gap WHERE abandoned_at IS NULL GROUP BY device")
      var boots: [Int64: (count: Int64, heard: Int64)] = [:]
      let bootRows = try CachedRows(db, "SELECT device, count(*), max(heard_at) FROM boot GROUP BY device")
      while try bootRows.next() {
        boots[bootRows.integer(0)] = (count: bootRows.integer(1), heard: bootRows.integer(2))
      }
      let rows = try CachedRows(db, "SELECT id, site, device, online, presence_at FROM device ORDER BY id")
      var found: [DeviceFacts] = []
      while try rows.next() {
        let id = rows.integer(0)
        var facts = DeviceFacts(
          id: id, site: rows.text(1), device: rows.text(2), isOnline: rows.optionalInteger(3).map { $0 != 0 },
          presenceTime: rows.optionalInteger(4))
        facts.keys = keys[id] ?? 0
        facts.boots = boots[id]?.count ?? 0
        facts.missing = missing[id] ?? 0
        facts.bootHeard = boots[id]?.heard
        found.append(facts)
      }
      return found
    }
  }

  /// Numbers by device.
  private static func counts(_ db: Database, _ sql: String) throws -> [Int64: Int64] {
    let rows = try CachedRows(db, sql)
    var counts: [Int64: Int64] = [:]
    while try rows.next() { counts[rows.integer(0)] = rows.integer(1) }
    return counts
  }

  /// When each device's newest reading among the log's last `rows` was received, by the store's id. For the start:
  /// it reads so many rows.
  public func lastReceived(rows: Int64) throws(LogError) -> [Int64: Int64] {
    try read("looking when devices were heard") { db in
      var heard: [Int64: Int64] = [:]
      let found = try Row.fetchCursor(
        db,
        sql: """
          SELECT b.device, max(r.event_time + r.delay) FROM reading r JOIN boot b ON b.id = r.boot
          WHERE r.id > (SELECT coalesce(max(id), 0) - ? FROM reading) GROUP BY b.device
          """, arguments: [rows])
      while let row = try found.next() { heard[row[0]] = row[1] }
      return heard
    }
  }
}
