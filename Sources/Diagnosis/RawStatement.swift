import GRDB
import GRDBSQLite

/// A statement of GRDB's cache, bound and stepped by SQLite's own functions: for what runs once a revision, where rows
/// and arguments as objects would cost more than the query. Within a transaction.
struct RawStatement {
  private let statement: Statement

  init(_ db: Database, _ sql: String) throws { statement = try db.cachedStatement(sql: sql) }

  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(statement.sqliteStatement, index, value) }

  func bind(_ index: Int32, _ text: String) {
    sqlite3_bind_text(statement.sqliteStatement, index, text, Int32(text.utf8.count), Self.copying)
  }

  /// Binds bytes as text; they are UTF-8.
  func bind(_ index: Int32, utf8 bytes: ContiguousArray<UInt8>) {
    bytes.withUnsafeBytes { text in
      let start = text.bindMemory(to: CChar.self).baseAddress
      _ = sqlite3_bind_text(statement.sqliteStatement, index, start, Int32(text.count), Self.copying)
    }
  }

  /// SQLITE_TRANSIENT, which is a macro that Swift does not see.
  private static var copying: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  /// The next row's presence. After the last, or after `reset`, the statement can be bound anew.
  func next() throws(DatabaseError) -> Bool {
    switch sqlite3_step(statement.sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      reset()
      return false
    case let code:
      let message = String(cString: sqlite3_errmsg(sqlite3_db_handle(statement.sqliteStatement)))
      reset()
      throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
  }

  /// Runs a statement that gives no rows; gives how many it has changed.
  func run() throws(DatabaseError) -> Int {
    while try next() {}
    return Int(sqlite3_changes(sqlite3_db_handle(statement.sqliteStatement)))
  }

  func reset() { sqlite3_reset(statement.sqliteStatement) }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement.sqliteStatement, column) }
}
