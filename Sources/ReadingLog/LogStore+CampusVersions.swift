import Campus
import DeviceProtocol
import Foundation
import GRDB

extension LogStore {
  /// Bytes of a campus file written in one transaction.
  private static let chunkBytes = 256 << 10

  /// Takes the files of a campus directory, its time zone and the fold's rules, and makes them a new version of the
  /// campus from the next row on. Where nothing differs from the newest version, that one is given back and nothing
  /// written. A crash in the middle leaves no half version. `campus`: what the files were read as, so that the fold
  /// need not read them a second time. `now`: Unix milliseconds.
  @discardableResult
  public func commitCampus(
    _ files: [(name: String, bytes: [UInt8])], readAs campus: Campus? = nil, timeZone: String, settings: String,
    now: Int64
  ) throws(LogError) -> (version: CampusVersion, isNew: Bool) {
    let (version, isNew) = try commit(files, timeZone: timeZone, settings: settings, now: now)
    // Not before it is committed: the number of a version that failed is given again.
    if let campus { newestCampus.withLock { $0 = (version: version.id, campus: campus) } }
    return (version, isNew)
  }

  private func commit(
    _ files: [(name: String, bytes: [UInt8])], timeZone: String, settings: String, now: Int64
  ) throws(LogError) -> (version: CampusVersion, isNew: Bool) {
    let digests = files.map { file in file.bytes.withUnsafeBytes { Digest.full($0) } }
    let wanted = Dictionary(zip(files.map { $0.name }, digests)) { first, _ in first }
    if let newest = try campusVersions().last, newest.timeZone == timeZone, newest.settings == settings,
      try campusDigests(of: newest.id) == wanted
    {
      return (newest, false)
    }
    for (file, digest) in zip(files, digests) { try keep(file.bytes, digest: digest) }
    return try write("committing a campus version") { db in
      let row = try Int64.fetchOne(
        db,
        sql: "SELECT max((SELECT coalesce(max(id), 0) FROM reading), (SELECT coalesce(max(last_row), 0) FROM batch))")
      let batch = try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) FROM batch")
      var version = CampusVersion(
        id: 0, fromRow: (row ?? 0) + 1, afterBatch: batch ?? 0, committedTime: now, timeZone: timeZone,
        settings: settings)
      try db.execute(
        sql: """
          INSERT INTO campus_version (from_row, after_batch, committed_at, time_zone, settings) VALUES (?, ?, ?, ?, ?)
          """, arguments: [version.fromRow, version.afterBatch, now, timeZone, settings])
      version.id = db.lastInsertedRowID
      for (name, digest) in wanted {
        try db.execute(
          sql: "INSERT INTO campus_file (version, name, digest) VALUES (?, ?, ?)",
          arguments: [version.id, name, Data(digest)])
      }
      return (version, true)
    }
  }

  private func keep(_ bytes: [UInt8], digest: [UInt8]) throws(LogError) {
    for (part, start) in stride(from: 0, to: bytes.count, by: LogStore.chunkBytes).enumerated() {
      let end = min(start + LogStore.chunkBytes, bytes.count)
      let sealed = try campusSeal().seal(Array(bytes[start..<end]))
      try write("keeping a campus file") { db in
        try db.execute(
          sql: "INSERT OR IGNORE INTO campus_chunk (digest, part, sealed) VALUES (?, ?, ?)",
          arguments: [Data(digest), part, Data(sealed)])
      }
    }
  }

  private func campusSeal() throws(LogError) -> SecretBox {
    guard let campusBox else { throw .other("campus files are sealed: open the store with the master key") }
    return campusBox
  }

  private func campusDigests(of version: Int64) throws(LogError) -> [String: [UInt8]] {
    try read("reading a campus version") { db in
      var digests: [String: [UInt8]] = [:]
      let rows = try Row.fetchAll(
        db, sql: "SELECT name, digest FROM campus_file WHERE version = ?", arguments: [version])
      for row in rows { digests[row["name"]] = Array(row["digest"] as Data) }
      return digests
    }
  }

  /// The versions after `version`, oldest first.
  public func campusVersions(after version: Int64 = 0) throws(LogError) -> [CampusVersion] {
    try read("listing campus versions") { db in try CampusVersion.fetch(db, after: version) }
  }

  /// A version as it was read before it was committed; nil: it is not the newest, or was committed by an earlier
  /// process, and its files are to be read.
  public func campusRead(of version: Int64) -> Campus? {
    newestCampus.withLock { $0?.version == version ? $0?.campus : nil }
  }

  /// The files of a version, by name.
  public func campusFiles(of version: Int64) throws(LogError) -> [(name: String, bytes: [UInt8])] {
    let box = try campusSeal()
    return try read("reading a campus version") { db in
      let files = try Row.fetchAll(
        db, sql: "SELECT name, digest FROM campus_file WHERE version = ? ORDER BY name", arguments: [version])
      return try files.map { file in
        var bytes: [UInt8] = []
        let chunks = try Row.fetchCursor(
          db, sql: "SELECT sealed FROM campus_chunk WHERE digest = ? ORDER BY part",
          arguments: [file["digest"] as Data])
        let name: String = file["name"]
        while let chunk = try chunks.next() {
          bytes += try box.open(Array(chunk["sealed"] as Data), what: "\(name) of campus version \(version)")
        }
        return (name, bytes)
      }
    }
  }
}

extension CampusVersion {
  /// nil: there is none yet.
  static func newest(_ db: Database) throws -> CampusVersion? {
    let rows = try CachedRows(
      db,
      """
      SELECT id, from_row, after_batch, committed_at, time_zone, settings FROM campus_version ORDER BY id DESC LIMIT 1
      """)
    guard try rows.next() else { return nil }
    return CampusVersion(
      id: rows.integer(0), fromRow: rows.integer(1), afterBatch: rows.integer(2), committedTime: rows.integer(3),
      timeZone: rows.text(4), settings: rows.text(5))
  }

  /// The versions after `version`, oldest first, `limit` at most; -1: all.
  static func fetch(_ db: Database, after version: Int64, limit: Int = -1) throws -> [CampusVersion] {
    // Asked with every step of the fold.
    let statement = try db.cachedStatement(sql: "SELECT * FROM campus_version WHERE id > ? ORDER BY id LIMIT ?")
    return try Row.fetchAll(statement, arguments: [version, limit]).map {
      CampusVersion(
        id: $0["id"], fromRow: $0["from_row"], afterBatch: $0["after_batch"], committedTime: $0["committed_at"],
        timeZone: $0["time_zone"], settings: $0["settings"])
    }
  }
}
