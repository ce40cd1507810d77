import COpenSSL
import Campus
import DeviceProtocol
import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// The durable log: one SQLite file in WAL mode, one connection that writes and checkpoints, readers beside it.
public final class LogStore: Sendable {
  public let path: String
  let pool: DatabasePool
  /// Seals campus files, which hold names and card numbers; nil: opened for reading, without the master key.
  let campusBox: SecretBox?
  /// Where SQLite was told that the file stays as it is; nil: SQLite looks itself.
  private let still: StillFile?
  /// The newest campus version, as whoever committed it has read it.
  let newestCampus = Mutex<(version: Int64, campus: Campus)?>(nil)
  let sourceTable = SourceTable()
  /// The ledger as it was summed last.
  let keptSum = Mutex(LedgerSum())
  /// How many devices had been heard when the newest boot was this one.
  let heardDevices = Mutex((boot: Int64(0), count: Int64(0)))
  /// Transactions of this process that may have changed something.
  private let written = Atomic<Int64>(0)

  /// Grows with every transaction of this process: who has seen everything need not look again while it stands still.
  public var changes: Int64 { written.load(ordering: .acquiring) }

  /// What this process has committed lately.
  let recent = RecentCommits()

  /// To be raised after each commit that has queued something for a destination: its relay looks at once.
  public let outboxSignal = Signal()
  /// Running revisions that wait, by the destination's name.
  let runningQueues = Mutex<[String: RunningQueue]>([:])

  func noteChange() { written.wrappingAdd(1, ordering: .releasing) }

  /// Pages of 8 KiB in the write-ahead log before it is moved into the file: 32 MiB.
  static let checkpointPages = 4096

  private init(path: String, pool: DatabasePool, campusBox: SecretBox?, still: StillFile? = nil) {
    self.path = path
    self.pool = pool
    self.campusBox = campusBox
    self.still = still
  }

  /// Opens the store for writing, makes or migrates it where needed.
  public static func open(_ path: String, masterKey: MasterKey, now: Int64) throws(LogError) -> LogStore {
    try refuseForeign(path)
    do {
      var configuration = Configuration()
      configuration.label = "log"
      configuration.maximumReaderCount = 4
      configuration.busyMode = .timeout(5)
      configuration.prepareDatabase { db in
        try db.execute(
          sql: """
            PRAGMA page_size = 8192;
            PRAGMA cache_size = \(db.configuration.readonly ? -2048 : -16384);
            PRAGMA secure_delete = OFF;
            PRAGMA wal_autocheckpoint = \(checkpointPages);
            PRAGMA journal_size_limit = 67108864;
            """)
      }
      let pool = try DatabasePool(path: path, configuration: configuration)
      if try pool.read({ try Schema.migrator.hasBeenSuperseded($0) }) {
        throw LogError.newerStore(path: path)
      }
      // GRDB sets NORMAL when it turns WAL on, after prepareDatabase: FULL must come last.
      try pool.writeWithoutTransaction { db in
        try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA mmap_size = 0")
      }
      try Schema.migrator.migrate(pool)
      let store = LogStore(path: path, pool: pool, campusBox: SecretBox(masterKey, purpose: "campus v1"))
      try store.claim(masterKey, now: now)
      return store
    } catch {
      throw LogError(error, doing: "opening \(path)")
    }
  }

  /// Another program's database would become ours with the first migration: it is looked at before anything is changed.
  private static func refuseForeign(_ path: String) throws(LogError) {
    var info = stat()
    guard stat(path, &info) == 0, info.st_size > 0 else { return }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    let isForeign: Bool
    do {
      let file = try DatabaseQueue(path: path, configuration: configuration)
      isForeign = try file.read { db in
        if try db.tableExists("log_state") { return false }
        let tables = try Int64.fetchOne(
          db, sql: "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite%' AND name <> 'grdb_migrations'")
        return tables ?? 0 > 0
      }
      try file.close()
    } catch {
      // Opening it for writing says what is wrong.
      return
    }
    if isForeign { throw .foreignStore(path: path) }
  }

  /// Opens an existing store for reading, beside a running gateway or without one.
  public static func openReadOnly(_ path: String) throws(LogError) -> LogStore {
    guard access(path, F_OK) == 0 else { throw .noStore(path: path) }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      let still = sqlite3_compileoption_used("USE_URI") != 0 ? StillFile(path) : nil
      let pool = try DatabasePool(path: still?.address ?? path, configuration: configuration)
      if try pool.read({ try Schema.migrator.hasBeenSuperseded($0) }) {
        throw LogError.newerStore(path: path)
      }
      guard try pool.read({ try $0.tableExists("log_state") }) else { throw LogError.foreignStore(path: path) }
      return LogStore(path: path, pool: pool, campusBox: nil, still: still)
    } catch {
      let problem = LogError(error, doing: "opening \(path) for reading")
      if case .readOnly(let doing) = problem { throw .unreadable(doing) }
      throw problem
    }
  }

  /// Moves the write-ahead log into the file, so that the file alone is the store, and closes.
  public func close() throws(LogError) {
    try wrap("closing \(path)") {
      try self.pool.writeWithoutTransaction { db in
        // A reader in another process may hold the log back; a stop does not wait for it.
        try db.execute(sql: "PRAGMA busy_timeout = 200")
        _ = try db.checkpoint(.truncate)
      }
      try self.pool.close()
      // The pool's readers close last, and a reader may not remove the emptied log; a connection of its own does.
      let last = try DatabaseQueue(path: self.path)
      _ = try last.read { try Int64.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
      try last.close()
    }
  }

  /// Writes the log's identity at the first start, and checks the master key at every one.
  private func claim(_ masterKey: MasterKey, now: Int64) throws {
    let proof = LogStore.proof(of: masterKey)
    try pool.write { db in
      if let known = try String.fetchOne(db, sql: "SELECT value FROM log_state WHERE name = 'key_proof'") {
        guard known == proof else { throw LogError.wrongMasterKey(path: path) }
      } else {
        try db.execute(
          sql: """
            INSERT INTO log_state (name, value) VALUES ('key_proof', ?), ('made_at', ?),
              ('indexed_through', 0), ('removed_frames', 0), ('removed_readings', 0), ('removed_quarantined', 0)
            """, arguments: [proof, now])
      }
      // Absent in a new log, and in one restored from a backup.
      var uuid = [UInt8](repeating: 0, count: 16)
      guard RAND_bytes(&uuid, 16) == 1 else { throw LogError.other("no random bytes to be had") }
      uuid[6] = uuid[6] & 0x0f | 0x40  // RFC 9562, version 4
      uuid[8] = uuid[8] & 0x3f | 0x80
      try db.execute(
        sql: "INSERT OR IGNORE INTO log_state (name, value) VALUES ('uuid', ?)", arguments: [Hex.string(uuid)])
    }
  }

  /// Refuses a master key the log was not made with, as `open` does, and changes nothing.
  public func check(_ masterKey: MasterKey) throws(LogError) {
    let known = try read("reading the key's proof") { db in
      try String.fetchOne(db, sql: "SELECT value FROM log_state WHERE name = 'key_proof'")
    }
    guard let known, known != LogStore.proof(of: masterKey) else { return }
    throw .wrongMasterKey(path: path)
  }

  /// Tells master keys apart, and says nothing about them.
  private static func proof(of masterKey: MasterKey) -> String { Hex.string(masterKey.derive("proof").prefix(16)) }

  /// The pragmas in force on the writing connection, for `doctor` and tests.
  public func writerPragma(_ name: String) throws(LogError) -> String {
    try wrap("reading pragma \(name)") {
      try self.pool.writeWithoutTransaction { db in
        try String.fetchOne(db, sql: "PRAGMA \(name)") ?? ""
      }
    }
  }

  func read<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(LogError) -> Value {
    try wrap(doing) { try self.pool.read(body) }
  }

  func write<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(LogError) -> Value {
    defer { noteChange() }
    return try wrap(doing) { try self.pool.write(body) }
  }

  func wrap<Value>(_ doing: String, _ body: () throws -> Value) throws(LogError) -> Value {
    do {
      let value = try body()
      try checkStill()
      return value
    } catch {
      // The change explains whatever it has led to.
      try checkStill()
      throw LogError(error, doing: doing)
    }
  }

  private func checkStill() throws(LogError) {
    if let still, !still.isUnchanged { throw .changed(path: path) }
  }
}
