import GRDB
import GRDBSQLite

/// How a store's file is doing, without a look at its readings.
public struct StoreHealth: Sendable, Equatable {
  public var journalMode: String
  public var pageBytes: Int64
  public var pages: Int64
  /// Pages that hold nothing: they are used again before the file grows.
  public var freePages: Int64
  /// When the log was begun, Unix milliseconds.
  public var madeTime: Int64
  /// Such as `3.40.1`.
  public static var sqliteVersion: String { String(cString: sqlite3_libversion()) }
}

extension LogStore {
  public func health() throws(LogError) -> StoreHealth {
    try read("looking at the store") { db in
      func one(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
      return StoreHealth(
        journalMode: try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "?",
        pageBytes: try one("PRAGMA page_size"), pages: try one("PRAGMA page_count"),
        freePages: try one("PRAGMA freelist_count"), madeTime: try state(db, "made_at"))
    }
  }

  /// Reads every page for damage, and asks now and then whether it may go on; gives what is damaged, nil where it was
  /// told to stop. While it reads, the write-ahead log cannot be emptied.
  public func quickCheck(mayGoOn: @escaping () -> Bool) throws(LogError) -> [String]? {
    let watch = CheckWatch(mayGoOn)
    return try read("checking the store") { db in
      guard let connection = db.sqliteConnection else { throw LogError.other("the store is closed") }
      sqlite3_progress_handler(
        connection, CheckWatch.instructions,
        { pointer in
          guard let pointer else { return 0 }
          return Unmanaged<CheckWatch>.fromOpaque(pointer).takeUnretainedValue().shallStop() ? 1 : 0
        }, Unmanaged.passUnretained(watch).toOpaque())
      defer { sqlite3_progress_handler(connection, 0, nil, nil) }
      do {
        let lines = try String.fetchAll(db, sql: "PRAGMA quick_check(20)")
        return lines == ["ok"] ? [] : lines
      } catch {
        if watch.isStopped { return nil }
        throw error
      }
    }
  }
}

/// Asked by SQLite while a check runs.
private final class CheckWatch {
  /// Instructions of SQLite's machine between two questions: some milliseconds.
  static let instructions: Int32 = 100_000
  private let mayGoOn: () -> Bool
  private(set) var isStopped = false

  init(_ mayGoOn: @escaping () -> Bool) { self.mayGoOn = mayGoOn }

  func shallStop() -> Bool {
    if !mayGoOn() { isStopped = true }
    return isStopped
  }
}
