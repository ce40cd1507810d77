import DeviceProtocol
import GRDB
import GRDBSQLite

/// A fold's side of the log: gives committed rows after a cursor in bounded chunks, takes what the fold made of them
/// in short transactions. Not thread-safe: its owner calls it on one thread at a time.
public final class FoldLog {
  public static let cursorName = "aggregation"
  /// Commits looked at for one chunk.
  static let commitsPerChunk = 2_000

  public let store: LogStore
  private var writer: FoldWriter?
  /// The device of each boot, by the boot's id.
  private var devices: ContiguousArray<Int32> = [0]

  public init(_ store: LogStore) {
    self.store = store
    store.recent.follow()
  }

  /// Lets go of the store; before it is closed.
  public func finish() {
    store.pool.unsafeReentrantWrite { _ in writer = nil }
  }

  // MARK: Reading

  /// The durable cursor; all zero before the first.
  public func cursor() throws(LogError) -> FoldCursor {
    try store.read("reading the fold's cursor") { db in
      var cursor = FoldCursor()
      cursor.row =
        try Int64.fetchOne(db, sql: "SELECT row FROM cursor WHERE name = ?", arguments: [FoldLog.cursorName]) ?? 0
      cursor.batch = try self.store.state(db, "fold_batch")
      cursor.logTime = try self.store.state(db, "fold_time")
      cursor.version = try self.store.state(db, "fold_version")
      cursor.isSwitching = try self.store.state(db, "fold_switching") != 0
      return cursor
    }
  }

  /// When the log was begun, Unix milliseconds.
  public func beginning() throws(LogError) -> Int64 {
    try store.read("reading the log's beginning") { db in try self.store.state(db, "made_at") }
  }

  /// The greatest time of a commit, Unix milliseconds.
  public func latestCommit() throws(LogError) -> Int64 {
    try store.read("reading the latest commit") { db in
      try Int64.fetchOne(db, sql: "SELECT max(committed_at) FROM batch") ?? 0
    }
  }

  /// Reads rows after the cursor, at most `limit`, and not past the next campus version: neither its last row nor
  /// commit. Gives that version; nil: there is none. One snapshot of the store, so that none comes in between.
  public func read(
    after cursor: FoldCursor, limit: Int, into chunk: inout FoldChunk
  ) throws(LogError) -> CampusVersion? {
    chunk.removeAll()
    chunk.end = cursor
    chunk.rowsLeft = 0
    // Exclusive access to the caller's chunk must not be held across the closure.
    var filled = chunk
    chunk = FoldChunk()
    defer { chunk = filled }
    // Before the version is looked for: what was committed after one must not be taken for what came before it.
    let recent = store.recent.commits(after: cursor, limit: limit)
    let next = try store.read("reading the log") { db in
      let next = try CampusVersion.fetch(db, after: cursor.version, limit: 1).first
      var cut = Cut(after: cursor, limit: limit, until: next)
      if let recent {
        try take(recent.commits, lastRow: recent.lastRow, db, after: cursor, &cut, into: &filled)
      } else {
        try readCommits(db, after: cursor, &cut, into: &filled)
        if filled.end.row > cursor.row { try readRows(db, (cursor.row + 1)...filled.end.row, into: &filled) }
      }
      return next
    }
    closeCommits(&filled)
    return next
  }

  /// Reads a range of rows as one commit without a time, for a look back.
  public func read(rows: ClosedRange<Int64>, into chunk: inout FoldChunk) throws(LogError) {
    chunk.removeAll()
    var filled = chunk
    chunk = FoldChunk()
    defer { chunk = filled }
    try store.read("reading the log again") { db in try readRows(db, rows, into: &filled) }
  }

  /// Runs of rows up to `last` among which are all that were stamped or received at `time` or later.
  public func rows(from time: Int64, through last: Int64) throws(LogError) -> [ClosedRange<Int64>] {
    try store.read("finding rows by their time") { db in
      var ranges: [ClosedRange<Int64>] = []
      let segments = try Row.fetchAll(
        db,
        sql: "SELECT id, last_row FROM segment WHERE (max_time >= ?1 OR max_received >= ?1) AND id <= ?2 ORDER BY id",
        arguments: [time, last])
      for segment in segments {
        ranges.append((segment["id"] as Int64)...min(last, segment["last_row"] as Int64))
      }
      let indexed = try self.store.state(db, "indexed_through")
      if indexed < last { ranges.append((indexed + 1)...last) }
      return ranges
    }
  }

  /// Where a chunk ends: after so many rows, and before the next campus version.
  private struct Cut {
    private let bound: Int64
    private let lastBatch: Int64
    private var row: Int64

    init(after cursor: FoldCursor, limit: Int, until version: CampusVersion?) {
      bound = min(version.map { $0.fromRow - 1 } ?? .max, cursor.row + Int64(limit))
      lastBatch = version?.afterBatch ?? .max
      row = cursor.row
    }

    /// Adds a commit as far as it belongs to the chunk; false: the chunk ends here.
    mutating func add(
      _ batch: Int64, time: Int64, last: Int64, isSummed: Bool, to chunk: inout FoldChunk
    ) -> Bool {
      let isAllowed = batch <= lastBatch
      let end = max(row, min(last, bound))
      if !isAllowed, end == row { return false }
      let isWhole = isAllowed && last <= end
      // `end` is the row for now; it becomes an index once the rows are read.
      chunk.commits.append(
        FoldCommit(batch: batch, end: Int(end), time: time, isWhole: isWhole, isSummed: isSummed))
      row = end
      chunk.end.row = row
      if isWhole { chunk.end.batch = batch }
      return isWhole
    }
  }

  /// Takes what the process remembers of its commits.
  private func take(
    _ commits: [RecentCommits.Commit], lastRow: Int64, _ db: Database, after cursor: FoldCursor, _ cut: inout Cut,
    into chunk: inout FoldChunk
  ) throws {
    for commit in commits {
      guard cut.add(commit.batch, time: commit.time, last: commit.lastRow, isSummed: false, to: &chunk) else { break }
    }
    chunk.rowsLeft = max(0, lastRow - chunk.end.row)
    for commit in commits {
      let first = max(commit.firstRow, cursor.row + 1)
      let last = min(commit.lastRow, chunk.end.row)
      guard first <= last else { continue }
      for row in first...last { try take(commit, Int(row - commit.firstRow), number: row, db, into: &chunk) }
    }
  }

  @inline(__always)
  private func take(
    _ commit: RecentCommits.Commit, _ index: Int, number: Int64, _ db: Database, into chunk: inout FoldChunk
  ) throws {
    let known = commit.rows[index]
    var row = FoldRow(
      row: number, boot: known.boot, eventTime: known.eventTime, receivedTime: known.eventTime + known.delay,
      value: known.hasValue ? known.value : 0, item: 0, token: Token(), detailStart: 0, detailBytes: -1,
      device: try device(ofBoot: known.boot, db), seq: known.seq, position: known.position, kind: known.kind,
      quality: known.quality, hasSubject: known.tokenBytes == 16)
    if row.hasSubject { (row.token.low, row.token.high) = known.token }
    switch row.kind {
    case ReadingKind.response.rawValue:
      if known.detailBytes == PendingRows.Row.integerDetail { row.item = known.detail }
    case ReadingKind.status.rawValue where known.detailBytes >= 0:
      row.detailStart = Int32(chunk.details.count)
      row.detailBytes = known.detailBytes
      let start = Int(known.detail)
      chunk.details.append(contentsOf: commit.texts[start..<(start + Int(known.detailBytes))])
    default: break
    }
    chunk.rows.append(row)
  }

  private func readCommits(
    _ db: Database, after cursor: FoldCursor, _ cut: inout Cut, into chunk: inout FoldChunk
  ) throws {
    let statement = try db.cachedStatement(
      sql: "SELECT id, committed_at, last_row, commits FROM batch WHERE id > ?1 ORDER BY id LIMIT ?2").sqliteStatement
    sqlite3_bind_int64(statement, 1, cursor.batch)
    sqlite3_bind_int64(statement, 2, Int64(FoldLog.commitsPerChunk))
    defer { sqlite3_reset(statement) }
    while try isRow(sqlite3_step(statement), statement) {
      let isWhole = cut.add(
        sqlite3_column_int64(statement, 0), time: sqlite3_column_int64(statement, 1),
        last: sqlite3_column_int64(statement, 2), isSummed: sqlite3_column_int64(statement, 3) > 1, to: &chunk)
      if !isWhole { break }
    }
    let newest = try Int64.fetchOne(db, sql: "SELECT last_row FROM batch ORDER BY id DESC LIMIT 1") ?? 0
    chunk.rowsLeft = max(0, newest - chunk.end.row)
  }

  /// Commits name their last row; make it the index after it.
  private func closeCommits(_ chunk: inout FoldChunk) {
    var index = 0
    for commit in chunk.commits.indices {
      let last = Int64(chunk.commits[commit].end)
      while index < chunk.rows.count, chunk.rows[index].row <= last { index += 1 }
      chunk.commits[commit].end = index
    }
  }

  private func readRows(_ db: Database, _ rows: ClosedRange<Int64>, into chunk: inout FoldChunk) throws {
    let statement = try db.cachedStatement(
      sql: """
        SELECT id, boot, seq, position, kind, quality, event_time, delay, token, value, detail
        FROM reading WHERE id BETWEEN ?1 AND ?2 ORDER BY id
        """).sqliteStatement
    sqlite3_bind_int64(statement, 1, rows.lowerBound)
    sqlite3_bind_int64(statement, 2, rows.upperBound)
    defer { sqlite3_reset(statement) }
    while try isRow(sqlite3_step(statement), statement) {
      let event = sqlite3_column_int64(statement, 6)
      var row = FoldRow(
        row: sqlite3_column_int64(statement, 0), boot: sqlite3_column_int64(statement, 1), eventTime: event,
        receivedTime: event + sqlite3_column_int64(statement, 7), value: sqlite3_column_int64(statement, 9), item: 0,
        token: Token(), detailStart: 0, detailBytes: -1, device: 0,
        seq: UInt32(truncatingIfNeeded: sqlite3_column_int64(statement, 2)),
        position: UInt16(truncatingIfNeeded: sqlite3_column_int(statement, 3)),
        kind: UInt8(truncatingIfNeeded: sqlite3_column_int(statement, 4)),
        quality: UInt8(truncatingIfNeeded: sqlite3_column_int(statement, 5)), hasSubject: false)
      if sqlite3_column_bytes(statement, 8) == 16, let token = sqlite3_column_blob(statement, 8) {
        row.token.low = token.loadUnaligned(as: UInt64.self)
        row.token.high = token.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        row.hasSubject = true
      }
      switch row.kind {
      case ReadingKind.response.rawValue: row.item = sqlite3_column_int64(statement, 10)
      case ReadingKind.status.rawValue:
        if let text = sqlite3_column_text(statement, 10) {
          row.detailStart = Int32(chunk.details.count)
          row.detailBytes = sqlite3_column_bytes(statement, 10)
          chunk.details.append(contentsOf: UnsafeBufferPointer(start: text, count: Int(row.detailBytes)))
        }
      default: break
      }
      row.device = try device(ofBoot: row.boot, db)
      chunk.rows.append(row)
    }
  }

  private func isRow(_ code: Int32, _ statement: OpaquePointer) throws(LogError) -> Bool {
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw LogError(code: code, connection: sqlite3_db_handle(statement), doing: "reading the log")
    }
  }

  private func device(ofBoot boot: Int64, _ db: Database) throws -> Int32 {
    if boot >= devices.count {
      let boots = try Row.fetchCursor(
        db, sql: "SELECT id, device FROM boot WHERE id >= ? ORDER BY id", arguments: [devices.count])
      while let found = try boots.next() {
        let id: Int64 = found[0]
        while devices.count < id { devices.append(0) }
        devices.append(found[1])
      }
    }
    return boot < devices.count ? devices[Int(boot)] : 0
  }

  // MARK: Writing

  /// Runs `body` in one transaction on the log's writing connection.
  public func transaction<Value>(
    _ body: (FoldWriter) throws(LogError) -> Value
  ) throws(LogError) -> Value {
    try store.write("writing aggregates") { db in
      if let writer { return try body(writer) }
      guard let connection = db.sqliteConnection else { throw LogError.other("the store is closed") }
      let made = try FoldWriter(connection)
      writer = made
      return try body(made)
    }
  }
}
