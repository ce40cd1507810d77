import GRDBSQLite

/// A prepared statement on the raw handle, for the insert loop. Finalised with its owner.
struct Statement: ~Copyable {
  let handle: OpaquePointer
  private let connection: OpaquePointer

  init(_ connection: OpaquePointer, _ sql: String) throws(LogError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(
      connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else {
      throw LogError(code: code, connection: connection, doing: "preparing \(sql)")
    }
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  @inline(__always)
  func bind(_ index: Int32, _ value: Int64) { sqlite3_bind_int64(handle, index, value) }

  @inline(__always)
  func bindNull(_ index: Int32) { sqlite3_bind_null(handle, index) }

  /// The bytes must live until the statement is reset or bound anew.
  @inline(__always)
  func bindBlob(_ index: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) {
    sqlite3_bind_blob(handle, index, bytes, Int32(count), nil)
  }

  func bindBlob(_ index: Int32, copying bytes: [UInt8]) {
    sqlite3_bind_blob(
      handle, index, bytes, Int32(bytes.count),
      unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  func bindText(_ index: Int32, _ text: String) {
    sqlite3_bind_text(
      handle, index, text, Int32(text.utf8.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  /// Runs a statement that gives no rows.
  @inline(__always)
  func run(_ doing: StaticString) throws(LogError) {
    let code = sqlite3_step(handle)
    sqlite3_reset(handle)
    guard code == SQLITE_DONE else {
      throw LogError(code: code, connection: connection, doing: String(describing: doing))
    }
  }

  /// The next row's presence. After the last, or after `reset`, the statement can be bound anew.
  func next(_ doing: StaticString) throws(LogError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(handle)
      return false
    case let code:
      sqlite3_reset(handle)
      throw LogError(code: code, connection: connection, doing: String(describing: doing))
    }
  }

  func reset() { sqlite3_reset(handle) }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func blob(_ column: Int32) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: sqlite3_column_blob(handle, column), count: Int(sqlite3_column_bytes(handle, column)))
  }
}
