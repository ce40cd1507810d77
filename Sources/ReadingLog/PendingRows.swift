import GRDBSQLite

/// The rows of the open commit, which SQLite reads in place as the table `pending`: one statement moves them all
/// into the log, where a statement a row would spend half its time on starting and ending.
/// https://www.sqlite.org/vtab.html
final class PendingRows {
  struct Row {
    var boot: Int64
    var eventTime: Int64
    var delay: Int64
    var value: Int64
    /// An integer, or where the text starts in `texts`.
    var detail: Int64
    var digest: Int64
    /// Up to 16 bytes.
    var token: (UInt64, UInt64)
    /// Of the text; otherwise one of the two below.
    var detailBytes: Int32
    var seq: UInt32
    var position: UInt16
    var kind: UInt8
    var quality: UInt8
    var tokenBytes: UInt8
    var hasValue: Bool

    static let noDetail: Int32 = -1
    static let integerDetail: Int32 = -2
  }

  /// Rows a statement moves at most.
  static let limit = 4096

  /// Columns of `reading` in the order of `Row.put`.
  static let columns = "boot, seq, position, kind, quality, event_time, delay, token, value, detail, digest"

  let rows = UnsafeMutablePointer<Row>.allocate(capacity: limit)
  fileprivate(set) var count = 0
  /// The first that the table shows.
  var start = 0
  private(set) var texts: UnsafeMutableRawBufferPointer
  private var textBytes = 0

  init() { texts = .allocate(byteCount: 1 << 16, alignment: 1) }

  deinit {
    rows.deallocate()
    texts.deallocate()
  }

  var isFull: Bool { count == PendingRows.limit }

  @inline(__always)
  func append(_ row: Row) {
    (rows + count).initialize(to: row)
    count += 1
  }

  /// Keeps a copy of a text; gives where it starts.
  func keep(_ text: UnsafeRawBufferPointer) -> Int {
    if textBytes + text.count > texts.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(
        byteCount: max(texts.count * 2, textBytes + text.count), alignment: 1)
      larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: texts[..<textBytes]))
      texts.deallocate()
      texts = larger
    }
    UnsafeMutableRawBufferPointer(rebasing: texts[textBytes...]).copyMemory(from: text)
    defer { textBytes += text.count }
    return textBytes
  }

  /// The texts kept so far.
  var keptTexts: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: texts[..<textBytes]) }

  func removeAll() {
    (count, start, textBytes) = (0, 0, 0)
  }

  /// One column of a row, as the result of an SQL function or of a table.
  @inline(__always)
  fileprivate func put(_ column: Int32, of row: UnsafeMutablePointer<Row>, to result: OpaquePointer?) {
    switch column {
    case 0: sqlite3_result_int64(result, row.pointee.boot)
    case 1: sqlite3_result_int64(result, Int64(row.pointee.seq))
    case 2: sqlite3_result_int64(result, Int64(row.pointee.position))
    case 3: sqlite3_result_int64(result, Int64(row.pointee.kind))
    case 4: sqlite3_result_int64(result, Int64(row.pointee.quality))
    case 5: sqlite3_result_int64(result, row.pointee.eventTime)
    case 6: sqlite3_result_int64(result, row.pointee.delay)
    case 7:
      guard row.pointee.tokenBytes > 0 else { return }
      // Read before the rows change: no copy is needed, which is what a nil destructor says.
      sqlite3_result_blob(
        result, UnsafeRawPointer(row) + MemoryLayout<Row>.offset(of: \.token)!, Int32(row.pointee.tokenBytes), nil)
    case 8: if row.pointee.hasValue { sqlite3_result_int64(result, row.pointee.value) }
    case 9:
      switch row.pointee.detailBytes {
      case Row.noDetail: return
      case Row.integerDetail: sqlite3_result_int64(result, row.pointee.detail)
      case let bytes:
        sqlite3_result_text(
          result, (texts.baseAddress! + Int(row.pointee.detail)).assumingMemoryBound(to: CChar.self), bytes, nil)
      }
    case 10: if row.pointee.position == 0 { sqlite3_result_int64(result, row.pointee.digest) }
    default: return
    }
  }
}

extension PendingRows {
  /// Makes these rows the table `pending` of a connection, which keeps them alive.
  func register(on connection: OpaquePointer) throws(LogError) {
    let code = sqlite3_create_module_v2(
      connection, "pending", PendingRows.module, Unmanaged.passRetained(self).toOpaque()
    ) { Unmanaged<PendingRows>.fromOpaque($0!).release() }
    guard code == SQLITE_OK else {
      throw LogError(code: code, connection: connection, doing: "preparing the log's writer")
    }
  }

  // SQLite's structures stand first in ours, as its documentation asks.
  private struct Table {
    var base = sqlite3_vtab()
    let rows: Unmanaged<PendingRows>
  }

  private struct Cursor {
    var base = sqlite3_vtab_cursor()
    let rows: PendingRows
    var at = 0
  }

  /// Lives as long as the process: a connection keeps its address.
  private nonisolated(unsafe) static let module: UnsafeMutablePointer<sqlite3_module> = {
    let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    module.initialize(to: sqlite3_module())
    module.pointee.iVersion = 1
    // No xCreate: the table is there by its name alone.
    module.pointee.xConnect = { connection, rows, _, _, made, _ in
      let code = sqlite3_declare_vtab(connection, "CREATE TABLE pending (\(PendingRows.columns))")
      guard code == SQLITE_OK else { return code }
      let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
      table.initialize(to: Table(rows: .fromOpaque(rows!)))
      made!.pointee = UnsafeMutableRawPointer(table).assumingMemoryBound(to: sqlite3_vtab.self)
      return SQLITE_OK
    }
    module.pointee.xDisconnect = { table in
      UnsafeMutableRawPointer(table!).assumingMemoryBound(to: Table.self).deallocate()
      return SQLITE_OK
    }
    module.pointee.xBestIndex = { _, plan in
      plan!.pointee.estimatedRows = Int64(limit)
      return SQLITE_OK
    }
    module.pointee.xOpen = { table, made in
      let rows = UnsafeMutableRawPointer(table!).assumingMemoryBound(to: Table.self).pointee.rows
      let cursor = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
      cursor.initialize(to: Cursor(rows: rows.takeUnretainedValue()))
      made!.pointee = UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
      return SQLITE_OK
    }
    module.pointee.xClose = { cursor in
      let cursor = PendingRows.cursor(cursor)
      cursor.deinitialize(count: 1)
      cursor.deallocate()
      return SQLITE_OK
    }
    module.pointee.xFilter = { cursor, _, _, _, _ in
      let cursor = PendingRows.cursor(cursor)
      cursor.pointee.at = cursor.pointee.rows.start
      return SQLITE_OK
    }
    module.pointee.xNext = { cursor in
      PendingRows.cursor(cursor).pointee.at += 1
      return SQLITE_OK
    }
    module.pointee.xEof = { cursor in
      let cursor = PendingRows.cursor(cursor)
      return cursor.pointee.at >= cursor.pointee.rows.count ? 1 : 0
    }
    module.pointee.xColumn = { cursor, result, column in
      let cursor = PendingRows.cursor(cursor)
      cursor.pointee.rows.put(column, of: cursor.pointee.rows.rows + cursor.pointee.at, to: result)
      return SQLITE_OK
    }
    module.pointee.xRowid = { cursor, id in
      id!.pointee = Int64(PendingRows.cursor(cursor).pointee.at)
      return SQLITE_OK
    }
    return module
  }()

  @inline(__always)
  private static func cursor(_ pointer: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<Cursor> {
    UnsafeMutableRawPointer(pointer!).assumingMemoryBound(to: Cursor.self)
  }
}
