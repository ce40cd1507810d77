import Foundation
import GRDB
import GRDBSQLite

/// A revision that a destination has still to be told.
public struct OutboxEntry: Sendable, Equatable {
  /// A final's place in the outbox; 0: a running revision, which is not in the store's outbox.
  public var id: Int64
  public var aggregate: StoredAggregate
}

/// A batch that a destination refused for good.
public struct PutAside: Sendable {
  public var id: Int64
  public var destination: String
  /// Unix milliseconds.
  public var time: Int64
  public var reason: String
  public var events: Int64
  public var body: [UInt8]
}

/// How much of what one destination refused is kept: with a wrong secret or address it refuses everything.
public struct PutAsideLimit: Sendable {
  public var batches = 100
  public var bytes = 64 << 20
  public init() {}
}

/// What waits for a destination.
public struct OutboxStatus: Sendable {
  public var destination: String
  /// In the store.
  public var finals: Int64
  /// In memory: of the process that has the fold, 0 in any other.
  public var running: Int64
  public var rows: Int64 { finals + running }
  /// Log time of the oldest waiting final, Unix milliseconds.
  public var oldestWatermark: Int64?
  /// Batches it refused, and their events.
  public var putAside: Int64
  public var putAsideEvents: Int64
}

extension LogStore {
  /// The running revisions that wait for a destination; the same for the fold and the relay.
  public func runningQueue(for destination: String) -> RunningQueue {
    runningQueues.withLock { queues -> RunningQueue in
      if let known = queues[destination] { return known }
      let queue = RunningQueue()
      queues[destination] = queue
      return queue
    }
  }

  /// The latest revisions of some aggregates, by their numbers, without those that are final by now: their finals are
  /// in the outbox.
  public func runningRevisions(_ numbers: [Int64]) throws(LogError) -> [OutboxEntry] {
    guard !numbers.isEmpty else { return [] }
    return try read("reading running revisions") { db in
      let statement = try db.cachedStatement(sql: LogStore.runningSelect).sqliteStatement
      var entries: [OutboxEntry] = []
      entries.reserveCapacity(numbers.count)
      for number in numbers {
        sqlite3_bind_int64(statement, 1, number)
        defer { sqlite3_reset(statement) }
        switch sqlite3_step(statement) {
        case SQLITE_ROW: entries.append(try OutboxEntry(rowOf: statement))
        case SQLITE_DONE: continue
        case let code: throw LogError(code: code, connection: db.sqliteConnection, doing: "reading running revisions")
        }
      }
      return entries
    }
  }

  private static let runningSelect = """
    SELECT 0, revision, final, watermark, sums, id, kind, scope, grain, name, window_start, window_end
    FROM aggregate WHERE id = ?1 AND final = 0 AND revision > 0
    """

  /// Keeps how far a destination has been told of running revisions, where none waits: the next start queues only what
  /// was made then or later. Gives the log time up to which it has been told; nil: some wait.
  @discardableResult
  public func keepToldThrough(of destination: String) throws(LogError) -> Int64? {
    let queue = runningQueue(for: destination)
    guard queue.toldThrough != nil else { return nil }
    return try write("noting what was told") { db in
      // Looked at once more, with the writer in hand: a fold that begins anew goes back in the queue first, in the
      // store after it, so that no mark stays ahead of it.
      guard let mark = queue.toldThrough else { return nil }
      try db.execute(sql: "UPDATE destination SET told_through = ? WHERE name = ?", arguments: [mark, destination])
      return mark
    }
  }

  /// The oldest finals waiting for a destination, at most `limit`, in the order in which they came, those of single
  /// devices and students last. They stay until `markSent` or `putAside`. Empty also for a destination nobody has named
  /// yet.
  public func outboxBatch(for destination: String, limit: Int) throws(LogError) -> [OutboxEntry] {
    try read("reading the outbox") { db in
      let statement = try db.cachedStatement(sql: LogStore.outboxSelect).sqliteStatement
      defer { sqlite3_reset(statement) }
      sqlite3_bind_text(
        statement, 1, destination, Int32(destination.utf8.count), unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      sqlite3_bind_int64(statement, 2, Int64(limit))
      var entries: [OutboxEntry] = []
      while true {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: entries.append(try OutboxEntry(rowOf: statement))
        case SQLITE_DONE: return entries
        case let code: throw LogError(code: code, connection: db.sqliteConnection, doing: "reading the outbox")
        }
      }
    }
  }

  private static let outboxSelect = """
    SELECT o.id, o.revision, o.final, o.watermark, o.sums, a.id, a.kind, a.scope, a.grain, a.name, a.window_start,
      a.window_end
    FROM outbox o JOIN aggregate a ON a.id = o.aggregate
    WHERE o.destination = (SELECT id FROM destination WHERE name = ?1)
    ORDER BY o.bulk, o.id LIMIT ?2
    """

  /// Takes delivered finals out of the outbox.
  public func markSent(_ entries: [OutboxEntry]) throws(LogError) {
    try write("emptying the outbox") { db in try LogStore.remove(entries, db) }
  }

  /// Takes revisions that a destination refused for good out of the outbox and keeps what was sent, visibly. Gives
  /// false, and changes nothing, where that would be more than `limit`; what was never sent has no body and counts not.
  /// `body`: the request's body; `now`: Unix milliseconds.
  @discardableResult
  public func putAside(
    _ entries: [OutboxEntry], of destination: String, body: [UInt8], reason: String, now: Int64,
    limit: PutAsideLimit = PutAsideLimit()
  ) throws(LogError) -> Bool {
    try write("putting a batch aside") { db in
      let kept = try Row.fetchOne(
        db,
        sql: """
          SELECT count(*) AS batches, coalesce(sum(length(body)), 0) AS bytes FROM put_aside
          WHERE destination = ? AND length(body) > 0
          """, arguments: [destination])
      if let kept, !body.isEmpty {
        let batches: Int = kept["batches"]
        let bytes: Int = kept["bytes"]
        guard batches < limit.batches, bytes + body.count <= limit.bytes else { return false }
      }
      try db.execute(
        sql: "INSERT INTO put_aside (destination, at, reason, events, body) VALUES (?, ?, ?, ?, ?)",
        arguments: [destination, now, reason, entries.count, Data(body)])
      try LogStore.remove(entries, db)
      return true
    }
  }

  private static func remove(_ entries: [OutboxEntry], _ db: Database) throws {
    let delete = try db.cachedStatement(sql: "DELETE FROM outbox WHERE id = ?1 AND revision = ?2").sqliteStatement
    for entry in entries where entry.id > 0 {
      sqlite3_bind_int64(delete, 1, entry.id)
      sqlite3_bind_int64(delete, 2, entry.aggregate.revision)
      let code = sqlite3_step(delete)
      sqlite3_reset(delete)
      guard code == SQLITE_DONE else {
        throw LogError(code: code, connection: db.sqliteConnection, doing: "emptying the outbox")
      }
    }
  }

  /// Batches put aside, oldest first; `limit` at most.
  public func batchesPutAside(limit: Int = 100) throws(LogError) -> [PutAside] {
    try read("listing batches put aside") { db in
      try Row.fetchAll(db, sql: "SELECT * FROM put_aside ORDER BY id LIMIT ?", arguments: [limit]).map {
        PutAside(
          id: $0["id"], destination: $0["destination"], time: $0["at"], reason: $0["reason"], events: $0["events"],
          body: Array($0["body"] as Data))
      }
    }
  }

  /// What waits for each destination, by name.
  public func outboxStatus() throws(LogError) -> [OutboxStatus] {
    try read("counting the outbox") { db in try OutboxStatus.fetch(db, running: runningWaiting) }
  }

  /// Running revisions that wait for a destination in this process.
  func runningWaiting(for destination: String) -> Int {
    runningQueues.withLock { $0[destination] }?.count ?? 0
  }
}

extension OutboxEntry {
  /// Takes the row a statement of `outboxSelect` or `runningSelect` stands at.
  fileprivate init(rowOf statement: OpaquePointer) throws(LogError) {
    func bytes(_ column: Int32, _ start: UnsafeRawPointer?) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }
    // Numbers out of range are of no kind, scope or grain that any version knows.
    func small(_ column: Int32) -> UInt8 { UInt8(clamping: sqlite3_column_int64(statement, column)) }
    id = sqlite3_column_int64(statement, 0)
    aggregate = StoredAggregate(
      number: sqlite3_column_int64(statement, 5), kind: small(6), scope: small(7), grain: small(8),
      name: String(decoding: bytes(9, sqlite3_column_text(statement, 9)), as: UTF8.self),
      start: sqlite3_column_int64(statement, 10), end: sqlite3_column_int64(statement, 11),
      revision: sqlite3_column_int64(statement, 1), isFinal: sqlite3_column_int64(statement, 2) != 0,
      watermark: sqlite3_column_int64(statement, 3),
      sums: try SumsCoding.decode(bytes(4, sqlite3_column_blob(statement, 4))))
  }
}

extension StoredAggregate {
  init(_ row: Row) throws {
    self.init(
      number: row["id"], kind: row["kind"], scope: row["scope"], grain: row["grain"], name: row["name"],
      start: row["window_start"], end: row["window_end"], revision: row["revision"], isFinal: row["final"],
      watermark: row["watermark"], sums: try SumsCoding.decode(row["sums"] as Data))
  }
}
