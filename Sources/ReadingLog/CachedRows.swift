import GRDB
import GRDBSQLite

/// Rows of a statement of the connection's cache, read on its raw handle: a list that is asked for often costs neither
/// parsing nor a dictionary a row. Takes values for the statement's marks, which stay from one run to the next; gives
/// rows. Nobody else may use the same statement meanwhile.
struct CachedRows: ~Copyable {
  private let handle: OpaquePointer

  init(_ db: Database, _ sql: String) throws {
    handle = try db.cachedStatement(sql: sql).sqliteStatement
  }

  deinit { sqlite3_reset(handle) }

  func bind(_ mark: Int32, _ value: Int64) { sqlite3_bind_int64(handle, mark, value) }

  /// nil: NULL.
  func bind(_ mark: Int32, optional value: Int64?) {
    guard let value else {
      sqlite3_bind_null(handle, mark)
      return
    }
    bind(mark, value)
  }

  /// nil: NULL.
  func bind(_ mark: Int32, text: String?) {
    guard let text else {
      sqlite3_bind_null(handle, mark)
      return
    }
    sqlite3_bind_text(
      handle, mark, text, Int32(text.utf8.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  /// Whether there is another row. What was given of the last one is gone then.
  func next() throws -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    throw DatabaseError(
      resultCode: ResultCode(rawValue: code), message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
  }

  /// Before other values, and another run.
  func reset() { sqlite3_reset(handle) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }
  func text(_ column: Int32) -> String { String(decoding: blob(column), as: UTF8.self) }

  /// The bytes of a blob or a text, until the next row.
  func blob(_ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
  }
}

extension Database {
  /// The number that a statement of the cache gives; 0: it gives none.
  func number(_ sql: String) throws -> Int64 {
    let rows = try CachedRows(self, sql)
    return try rows.next() ? rows.integer(0) : 0
  }
}
