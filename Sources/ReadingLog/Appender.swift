import GRDB
import GRDBSQLite

/// How a reading's event time was obtained. Raw values are the store's.
public enum TimeQuality: UInt8, Sendable, CustomStringConvertible {
  case device, corrected, arrival

  public var description: String {
    switch self {
    case .device: "device"
    case .corrected: "corrected"
    case .arrival: "arrival"
    }
  }
}

/// The one writer of the log, for the lane: raw prepared statements on GRDB's writing connection. Everything
/// here happens inside `commit`'s transaction. Not thread-safe: its owner calls it on the writer only.
public final class Appender {
  private let connection: OpaquePointer
  private let begin: Statement
  private let end: Statement
  private let rollback: Statement
  private let insertFirst: Statement
  private let insertPending: Statement
  /// Statements for what happens seldom.
  public let rare: AppenderStatements

  /// The last row id given out; never given out again, even when rows are removed.
  public private(set) var lastRow: Int64
  private(set) var lastBatch: Int64

  /// What the open commit has not written yet.
  private let pending = PendingRows()
  /// No row of this commit is written yet.
  private var isFirst = true
  private var open = OpenCommit()
  private let recent: RecentCommits

  /// Rows since the last closed segment.
  private var tail: FrameTail
  private var frozen: FrameTail?
  private(set) var segmentFirst: Int64
  private var segmentMinimum = Int64.max
  private var segmentMaximum = Int64.min
  private var segmentReceived = Int64.min

  /// Rows of a segment; its closing is spread over many small transactions beside the lane.
  public static let segmentRows: Int64 = 131_072

  /// Opens on the writing connection and folds in the rows the index does not reach yet.
  /// `highs` is told the highest seq of each boot among them; `recent` of each commit from now on.
  init(
    _ db: Database, recent: RecentCommits, highs: (_ boot: Int64, _ seq: UInt32) -> Void
  ) throws(LogError) {
    guard let connection = db.sqliteConnection else { throw .other("the store is closed") }
    self.connection = connection
    self.recent = recent
    begin = try Statement(connection, "BEGIN IMMEDIATE")
    end = try Statement(connection, "COMMIT")
    rollback = try Statement(connection, "ROLLBACK")
    try pending.register(on: connection)
    // A commit's first row is given its id, so that no id comes twice even when rows were removed; the others
    // follow it by themselves, which saves SQLite the search for a row of the same id.
    let insert = "INSERT INTO reading (\(PendingRows.columns)"
    insertFirst = try Statement(connection, "\(insert), id) SELECT *, ?1 FROM pending LIMIT 1")
    insertPending = try Statement(connection, "\(insert)) SELECT * FROM pending")
    rare = try AppenderStatements(connection)

    let state = try Statement(
      connection,
      """
      SELECT (SELECT value FROM log_state WHERE name = 'indexed_through'),
        (SELECT coalesce(max(id), 0) FROM reading), (SELECT coalesce(max(last_row), 0) FROM batch),
        (SELECT coalesce(max(id), 0) FROM batch)
      """)
    guard try state.next("reading the log's end") else { throw .other("the store has no state: restore it") }
    let indexed = state.integer(0)
    lastRow = max(state.integer(1), state.integer(2), indexed)
    lastBatch = state.integer(3)
    state.reset()

    segmentFirst = indexed + 1
    tail = FrameTail(capacity: Int(Appender.segmentRows))
    let rows = try Statement(
      connection,
      "SELECT id, boot, seq, position, digest, event_time, delay FROM reading WHERE id > ?1 ORDER BY id")
    rows.bind(1, indexed)
    while try rows.next("reading the log's tail") {
      let boot = rows.integer(1)
      let seq = UInt32(truncatingIfNeeded: rows.integer(2))
      noteTime(rows.integer(5), received: rows.integer(5) + rows.integer(6))
      guard rows.integer(3) == 0 else { continue }
      tail.insert(
        FrameTail.key(boot: boot, seq: seq), digest: UInt64(bitPattern: rows.integer(4)), row: rows.integer(0))
      highs(boot, seq)
    }
  }

  // MARK: One commit

  func beginTransaction() throws(LogError) {
    try begin.run("beginning a commit")
    isFirst = true
    open = OpenCommit(isKept: recent.isFollowed)
  }

  func commitTransaction() throws(LogError) {
    try writePending()
    try end.run("committing")
    open.publish(to: recent)
  }

  /// After this the memory of the appender is ahead of the store: make a new one.
  func abandonTransaction() {
    guard sqlite3_get_autocommit(connection) == 0 else { return }
    sqlite3_step(rollback.handle)
    sqlite3_reset(rollback.handle)
  }

  /// Appends one reading; `digest`, of the frame's readings, is kept with the first. What it points at is copied.
  public func append(_ reading: borrowing StoredReading, digest: UInt64) throws(LogError) {
    if pending.isFull { try writePending() }
    lastRow += 1
    var row = PendingRows.Row(
      boot: reading.boot, eventTime: reading.eventTime, delay: reading.receivedTime - reading.eventTime,
      value: reading.value, detail: 0, digest: Int64(bitPattern: digest), token: (0, 0),
      detailBytes: PendingRows.Row.noDetail, seq: reading.seq, position: UInt16(reading.position), kind: reading.kind,
      quality: reading.quality.rawValue, tokenBytes: UInt8(reading.tokenBytes), hasValue: reading.hasValue)
    if let token = reading.token, reading.tokenBytes > 0 {
      withUnsafeMutableBytes(of: &row.token) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: token, count: min(16, reading.tokenBytes)))
      }
    }
    switch reading.detail {
    case .none: break
    case .integer(let item): (row.detail, row.detailBytes) = (item, PendingRows.Row.integerDetail)
    case .text(let text): (row.detail, row.detailBytes) = (Int64(pending.keep(text)), Int32(text.count))
    }
    pending.append(row)
    if reading.position == 0 {
      tail.insert(FrameTail.key(boot: reading.boot, seq: reading.seq), digest: digest, row: lastRow)
    }
    noteTime(reading.eventTime, received: reading.receivedTime)
  }

  private func writePending() throws(LogError) {
    guard pending.count > 0 else { return }
    if isFirst {
      isFirst = false
      insertFirst.bind(1, lastRow - Int64(pending.count) + 1)
      try insertFirst.run("storing a reading")
      pending.start = 1
    }
    if pending.count > pending.start { try insertPending.run("storing readings") }
    open.take(pending, lastRow: lastRow)
    // SQLite counted on from the first row of the commit, or it has changed how it gives out ids.
    precondition(sqlite3_last_insert_rowid(connection) == lastRow, "row ids out of step")
    pending.removeAll()
  }

  @inline(__always)
  private func noteTime(_ event: Int64, received: Int64) {
    segmentMinimum = min(segmentMinimum, event)
    segmentMaximum = max(segmentMaximum, event)
    segmentReceived = max(segmentReceived, received)
  }

  /// Remembers a quarantined frame's digest, so that a copy of it is known.
  public func remember(boot: Int64, seq: UInt32, digest: UInt64) {
    tail.insert(FrameTail.key(boot: boot, seq: seq), digest: digest, row: 0)
  }

  /// The digest a frame's seq was used with; nil where retention removed what would tell.
  public func digest(boot: Int64, seq: UInt32) throws(LogError) -> UInt64? {
    let key = FrameTail.key(boot: boot, seq: seq)
    if let digest = tail.digest(key) ?? frozen?.digest(key) { return digest }
    return try rare.digest(boot: boot, seq: seq)
  }

  public func writeLedger(_ ledger: Ledger, at now: Int64) throws(LogError) {
    lastBatch += 1
    try rare.writeLedger(ledger, id: lastBatch, lastRow: lastRow, at: now)
    open.note(batch: lastBatch, time: now, lastRow: lastRow)
  }

  // MARK: Segments

  /// The rows since the last segment, closed, once there are enough; nil while the last is being indexed.
  /// Called right after a commit, so that it holds committed rows only.
  func closeSegment(rows: Int64 = Appender.segmentRows) -> ClosedSegment? {
    guard frozen == nil, lastRow - segmentFirst + 1 >= rows, segmentMaximum > Int64.min else { return nil }
    let segment = ClosedSegment(
      firstRow: segmentFirst, lastRow: lastRow, tail: tail, minimumTime: segmentMinimum,
      maximumTime: segmentMaximum, maximumReceived: segmentReceived)
    frozen = tail
    tail = FrameTail(capacity: Int(Appender.segmentRows))
    segmentFirst = lastRow + 1
    (segmentMinimum, segmentMaximum, segmentReceived) = (Int64.max, Int64.min, Int64.min)
    return segment
  }

  /// The closed segment is indexed: its frames are found in the store now.
  func forgetClosedSegment() { frozen = nil }
}

/// One row of the log, as the lane hands it over.
public struct StoredReading: ~Copyable {
  public enum Detail {
    case none
    case integer(Int64)
    case text(UnsafeRawBufferPointer)
  }
  public var boot: Int64
  public var seq: UInt32
  public var position: Int
  public var kind: UInt8
  public var quality: TimeQuality
  public var eventTime: Int64
  public var receivedTime: Int64
  public var token: UnsafeRawPointer?
  public var tokenBytes: Int
  public var hasValue: Bool
  public var value: Int64
  public var detail: Detail

  public init(
    boot: Int64, seq: UInt32, position: Int, kind: UInt8, quality: TimeQuality, eventTime: Int64,
    receivedTime: Int64, token: UnsafeRawPointer?, tokenBytes: Int, hasValue: Bool, value: Int64, detail: Detail
  ) {
    self.boot = boot
    self.seq = seq
    self.position = position
    self.kind = kind
    self.quality = quality
    self.eventTime = eventTime
    self.receivedTime = receivedTime
    self.token = token
    self.tokenBytes = tokenBytes
    self.hasValue = hasValue
    self.value = value
    self.detail = detail
  }
}
