import Foundation
import GRDB

/// A device as the store knows it.
public struct StoredDevice: Sendable {
  public var id: Int64
  public var site: String
  public var device: String
}

/// A live key of a device, opened.
public struct StoredKey: Sendable {
  public var id: Int64
  public var device: Int64
  public var kid: [UInt8]
  public var key: [UInt8]
}

extension LogStore {
  /// Gives every device of the campus a row and notes where it stands from here on.
  /// Returns the ids in the order of `devices`.
  public func register(
    _ devices: [(site: String, device: String, place: String)]
  ) throws(LogError) -> [Int64] {
    defer { sourceTable.forget() }
    var known: [String: Int64] = [:]
    var places: [Int64: String] = [:]
    var nextRow: Int64 = 1
    try read("listing devices") { db in
      for row in try Row.fetchAll(db, sql: "SELECT id, site, device FROM device") {
        known["\(row["site"] as String)/\(row["device"] as String)"] = row["id"]
      }
      for row in try Row.fetchAll(db, sql: "SELECT device, place FROM placement ORDER BY device, from_row") {
        places[row["device"]] = row["place"]
      }
    }
    var ids: [Int64] = []
    // In pieces: every transaction beside the lane stays short.
    for start in stride(from: 0, to: devices.count, by: 1000) {
      try write("registering devices") { db in
        nextRow =
          max(
            try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM reading") ?? 0,
            try Int64.fetchOne(db, sql: "SELECT coalesce(max(last_row), 0) FROM batch") ?? 0) + 1
        let insert = try db.cachedStatement(sql: "INSERT OR IGNORE INTO device (site, device) VALUES (?, ?)")
        let find = try db.cachedStatement(sql: "SELECT id FROM device WHERE site = ? AND device = ?")
        let move = try db.cachedStatement(
          sql: "INSERT OR REPLACE INTO placement (device, from_row, place) VALUES (?, ?, ?)")
        for device in devices[start..<min(start + 1000, devices.count)] {
          var id = known["\(device.site)/\(device.device)"]
          if id == nil {
            // An import of keys may have added it since.
            try insert.execute(arguments: [device.site, device.device])
            id = try Int64.fetchOne(find, arguments: [device.site, device.device])
          }
          guard let id else { continue }
          ids.append(id)
          if places[id] != device.place {
            try move.execute(arguments: [id, nextRow, device.place])
          }
        }
      }
      sourceTable.forget()
    }
    return ids
  }

  public func devices() throws(LogError) -> [StoredDevice] {
    try read("listing devices") { db in
      try Row.fetchAll(db, sql: "SELECT id, site, device FROM device ORDER BY id").map {
        StoredDevice(id: $0["id"], site: $0["site"], device: $0["device"])
      }
    }
  }

  // MARK: Keys

  /// Live keys of all devices, the newest of a device first, two at most.
  public func liveKeys(_ box: SecretBox) throws(LogError) -> [StoredKey] {
    let rows = try read("reading device keys") { db in
      try Row.fetchAll(
        db, sql: "SELECT id, device, kid, sealed FROM device_key WHERE revoked_at IS NULL ORDER BY device, id DESC")
    }
    var keys: [StoredKey] = []
    keys.reserveCapacity(rows.count)
    for row in rows {
      let sealed: Data = row["sealed"]
      let key = try box.open(Array(sealed), what: "a device key")
      keys.append(StoredKey(id: row["id"], device: row["device"], kid: Array((row["kid"] as Data?) ?? Data()), key: key))
    }
    return keys
  }

  public struct NewKey: Sendable {
    public var site: String
    public var device: String
    public var key: [UInt8]
    public var kid: [UInt8]?
    public init(site: String, device: String, key: [UInt8], kid: [UInt8]? = nil) {
      self.site = site
      self.device = device
      self.key = key
      self.kid = kid
    }
  }

  /// Adds keys. With `keepOld` the newest earlier key of the device stays live beside it (a rotation); without,
  /// it is revoked. A key the device holds already changes nothing.
  public func addKeys(_ keys: [NewKey], keepOld: Bool, box: SecretBox, now: Int64) throws(LogError) {
    for start in stride(from: 0, to: keys.count, by: 500) {
      try write("adding device keys") { db in
        for key in keys[start..<min(start + 500, keys.count)] {
          try db.execute(
            sql: "INSERT OR IGNORE INTO device (site, device) VALUES (?, ?)", arguments: [key.site, key.device])
          guard
            let device = try Int64.fetchOne(
              db, sql: "SELECT id FROM device WHERE site = ? AND device = ?", arguments: [key.site, key.device])
          else { continue }
          let live = try Row.fetchAll(
            db, sql: "SELECT id, sealed FROM device_key WHERE device = ? AND revoked_at IS NULL ORDER BY id DESC",
            arguments: [device])
          let same = try live.contains { row in
            let sealed: Data = row["sealed"]
            return try box.open(Array(sealed), what: "a device key") == key.key
          }
          if same { continue }
          for (index, row) in live.enumerated() where !(keepOld && index == 0) {
            try db.execute(
              sql: "UPDATE device_key SET revoked_at = ? WHERE id = ?", arguments: [now, row["id"] as Int64])
          }
          let sealed = try box.seal(key.key)
          try db.execute(
            sql: "INSERT INTO device_key (device, kid, sealed, created_at) VALUES (?, ?, ?, ?)",
            arguments: [device, key.kid.map { Data($0) }, Data(sealed), now])
        }
      }
    }
  }

  /// Revokes keys of a device: all, or (`keepNewest`) all but the newest. Returns how many.
  public func revokeKeys(site: String, device: String, keepNewest: Bool, now: Int64) throws(LogError) -> Int {
    try write("revoking device keys") { db in
      try db.execute(
        sql: """
          UPDATE device_key SET revoked_at = ?1 WHERE revoked_at IS NULL
            AND device = (SELECT id FROM device WHERE site = ?2 AND device = ?3)
            AND (?4 = 0 OR id < (SELECT max(k.id) FROM device_key k WHERE k.device = device_key.device))
          """, arguments: [now, site, device, keepNewest ? 1 : 0])
      return db.changesCount
    }
  }
}
