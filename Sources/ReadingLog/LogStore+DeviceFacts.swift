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
      var keys: [Int64: Int64] = [:]
      var boots: [Int64: (count: Int64, heard: Int64)] = [:]
      var missing: [Int64: Int64] = [:]
      let keyRows = try Row.fetchCursor(
        db, sql: "SELECT device, count(*) FROM device_key WHERE revoked_at IS NULL GROUP BY device")
      while let row = try keyRows.next() { keys[row[0]] = row[1] }
      let bootRows = try Row.fetchCursor(db, sql: "SELECT device, count(*), max(heard_at) FROM boot GROUP BY device")
      while let row = try bootRows.next() { boots[row[0]] = (count: row[1], heard: row[2]) }
      let gapRows = try Row.fetchCursor(
        db, sql: "SELECT device, sum(last - first + 1) FROM gap WHERE abandoned_at IS NULL GROUP BY device")
      while let row = try gapRows.next() { missing[row[0]] = row[1] }
      return try Row.fetchAll(db, sql: "SELECT id, site, device, online, presence_at FROM device ORDER BY id").map {
        row in
        let id: Int64 = row["id"]
        var facts = DeviceFacts(
          id: id, site: row["site"], device: row["device"], isOnline: (row["online"] as Int64?).map { $0 != 0 },
          presenceTime: row["presence_at"])
        facts.keys = keys[id] ?? 0
        facts.boots = boots[id]?.count ?? 0
        facts.missing = missing[id] ?? 0
        facts.bootHeard = boots[id]?.heard
        return facts
      }
    }
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
