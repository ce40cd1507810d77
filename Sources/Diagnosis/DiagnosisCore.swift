import Campus
import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// The diagnosis core (诊改核心): takes batches of aggregates, gives warnings by the standards of the school, refuses
/// what is not of the contract. Its store is a file of its own; it knows no clock, every call is told the time.
///
/// All times are milliseconds UTC. Every method may be called from any thread; those that change something wait for
/// one another.
public final class DiagnosisCore: Sendable {
  public let path: String
  let settings: Settings
  let pool: DatabasePool
  private let current: Mutex<Standards>
  /// Where SQLite was told that the file stays as it is; nil: SQLite looks itself.
  private let still: StillFile?

  public struct Settings: Sendable {
    /// Batches must be signed with it; nil: none need be.
    public var key: WebhookKey?
    /// How far a batch's timestamp may be from `now`.
    public var toleranceSeconds: Int64 = 300
    /// How long windows and closed warnings are kept.
    public var retentionDays: Int64 = 800
    /// The same for windows of an hour or less, of which there are many.
    public var shortRetentionDays: Int64 = 14
    public var batchBytes = 16 << 20

    public init() {}
  }

  /// Opens the store, makes or migrates it where needed.
  public init(path: String, standards: Standards, settings: Settings = Settings()) throws(DiagnosisError) {
    self.path = path
    self.settings = settings
    current = Mutex(standards)
    still = nil
    do {
      var configuration = Configuration()
      configuration.label = "diagnosis"
      configuration.busyMode = .timeout(5)
      pool = try DatabasePool(path: path, configuration: configuration)
      if try pool.read({ try Schema.migrator.hasBeenSuperseded($0) }) {
        throw DiagnosisError.newerStore(path: path)
      }
      // An accepted batch is never sent again, so it must be on the disk. GRDB sets NORMAL when it turns WAL on,
      // after prepareDatabase: FULL must come last.
      try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
      try Schema.migrator.migrate(pool)
    } catch {
      throw DiagnosisError(error, doing: "opening \(path)")
    }
  }

  private init(path: String, standards: Standards, readOnly pool: DatabasePool, still: StillFile?) {
    self.path = path
    self.pool = pool
    self.still = still
    settings = Settings()
    current = Mutex(standards)
  }

  /// Opens an existing store for reading, beside a running core or without one.
  public static func openReadOnly(
    _ path: String, standards: Standards = Standards()
  ) throws(DiagnosisError) -> DiagnosisCore {
    guard FileManager.default.fileExists(atPath: path) else { throw .noStore(path: path) }
    do {
      var configuration = Configuration()
      configuration.readonly = true
      configuration.busyMode = .timeout(5)
      let still = sqlite3_compileoption_used("USE_URI") != 0 ? StillFile(path) : nil
      let pool = try DatabasePool(path: still?.address ?? path, configuration: configuration)
      if try pool.read({ try Schema.migrator.hasBeenSuperseded($0) }) {
        throw DiagnosisError.newerStore(path: path)
      }
      return DiagnosisCore(path: path, standards: standards, readOnly: pool, still: still)
    } catch {
      let doing = "opening \(path) for reading"
      if let error = error as? DatabaseError, error.isRefusal {
        throw DiagnosisError.unreadable("\(doing): \(error.message ?? "")")
      }
      throw DiagnosisError(error, doing: doing)
    }
  }

  /// The standards in force.
  public var standards: Standards { current.withLock { $0 } }

  /// Puts other standards in force. Open warnings of a standard that is gone stay, until somebody closes them.
  public func replace(_ standards: Standards) { current.withLock { $0 = standards } }

  /// Moves the write-ahead log into the file, so that the file alone is the store, and closes; nothing may be called
  /// afterwards.
  public func shutDown() throws(DiagnosisError) {
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

  func read<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(DiagnosisError) -> Value {
    try wrap(doing) { try self.pool.read(body) }
  }

  /// One transaction.
  func write<Value>(_ doing: String, _ body: (Database) throws -> Value) throws(DiagnosisError) -> Value {
    try wrap(doing) { try self.pool.write(body) }
  }

  func wrap<Value>(_ doing: String, _ body: () throws -> Value) throws(DiagnosisError) -> Value {
    do {
      let value = try body()
      try checkStill()
      return value
    } catch {
      // The change explains whatever it has led to.
      try checkStill()
      throw DiagnosisError(error, doing: doing)
    }
  }

  private func checkStill() throws(DiagnosisError) {
    if let still, !still.isUnchanged { throw .changed(path: path) }
  }
}

extension DatabaseError {
  /// The file, its folder or the file system refuses it.
  fileprivate var isRefusal: Bool {
    resultCode == .SQLITE_READONLY || resultCode == .SQLITE_PERM || resultCode == .SQLITE_CANTOPEN
  }
}
