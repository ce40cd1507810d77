import DeviceProtocol
import Foundation
import GRDB

/// An aggregate as the fold goes on with it.
public struct AggregateState: Sendable {
  public var aggregate: StoredAggregate
  /// The log's row up to which rows are in `sums`.
  public var through: Int64
  /// With what no revision says yet.
  public var sums: [Int64]
  /// Whether `sums` are ahead of the latest revision.
  public var isAhead: Bool
}

/// Who is to be told.
public struct OpenDestination: Sendable {
  public var number: Int64
  /// Log time, Unix milliseconds: every running revision made before it has been accepted; nil: nothing is known.
  public var toldThrough: Int64?
}

/// The latest revision of an aggregate that is not final, as far as it takes to queue it.
public struct OpenRevision: Sendable {
  public var number: Int64
  public var kind: UInt8
  public var scope: UInt8
  /// Unix milliseconds.
  public var watermark: Int64
  /// The sums, where the window ended before the log began.
  public var earlySums: [Int64]?
}

/// What the fold has kept in the store, for its start and for late data.
extension FoldLog {
  public func aggregate(
    kind: UInt8, scope: UInt8, grain: UInt8, name: String, start: Int64
  ) throws(LogError) -> AggregateState? {
    try store.read("reading an aggregate") { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT \(AggregateState.columns) FROM aggregate
          WHERE grain = ? AND window_start = ? AND kind = ? AND scope = ? AND name = ?
          """)
      return try Row.fetchOne(statement, arguments: [grain, start, kind, scope, name]).map { try AggregateState($0) }
    }
  }

  /// Every aggregate that is not final, without those of the kinds and grains left out.
  public func openAggregates(except: [(kind: UInt8, grain: UInt8)]) throws(LogError) -> [AggregateState] {
    try store.read("reading open aggregates") { db in
      // Those left out may be as many as the others: SQLite passes over them.
      var sql = "SELECT \(AggregateState.columns) FROM aggregate WHERE final = 0"
      var arguments: StatementArguments = []
      for (kind, grain) in except {
        sql += " AND NOT (kind = ? AND grain = ?)"
        arguments += [kind, grain]
      }
      return try AggregateState.fetchAll(db, sql, arguments)
    }
  }

  /// The aggregates of a kind and grain whose window begins from `start` on and before `end`.
  public func aggregates(
    kind: UInt8, grain: UInt8, from start: Int64, to end: Int64
  ) throws(LogError) -> [AggregateState] {
    try store.read("reading a day's aggregates") { db in
      try AggregateState.fetchAll(
        db,
        """
        SELECT \(AggregateState.columns) FROM aggregate
        WHERE grain = ? AND window_start >= ? AND window_start < ? AND kind = ?
        """, [grain, start, end, kind])
    }
  }

  /// The cards an aggregate counts.
  public func cards(ofAggregate number: Int64) throws(LogError) -> Set<Token> {
    try store.read("reading an aggregate's cards") { db in
      Set(
        try Data.fetchAll(db, sql: "SELECT token FROM aggregate_card WHERE aggregate = ?", arguments: [number])
          .map { Token($0) })
    }
  }

  // MARK: Meetings

  /// Meetings that began before it are over and done with, Unix milliseconds.
  public func horizon() throws(LogError) -> Int64 {
    try store.read("reading the meetings' horizon") { db in try self.store.state(db, LogStore.horizonName) }
  }

  public func move(horizon: Int64) throws(LogError) {
    try store.write("moving the meetings' horizon") { db in
      try db.execute(
        sql: """
          INSERT INTO log_state (name, value) VALUES (?, ?)
          ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
          """, arguments: [LogStore.horizonName, horizon])
    }
  }

  /// The meetings that begin from `horizon` on.
  public func meetings(from horizon: Int64 = .min) throws(LogError) -> [StoredMeeting] {
    try store.read("listing meetings") { db in
      // A term has some hundred thousand.
      var meetings: [StoredMeeting] = []
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT id, session, version, state, place, starts_at, ends_at FROM meeting WHERE starts_at >= ? ORDER BY id
          """, arguments: [horizon])
      while let row = try rows.next() {
        guard let state = StoredMeeting.State(rawValue: row[3]) else {
          throw LogError.other("meeting \(row[0] as Int64) is damaged: restore the store from a backup")
        }
        meetings.append(
          StoredMeeting(
            number: row[0], session: row[1], version: row[2], state: state, place: row[4], start: row[5], end: row[6]))
      }
      return meetings
    }
  }

  /// Days whose roll-ups may lie behind their meetings.
  public func openDays() throws(LogError) -> [Int64] {
    try store.read("listing open days") { db in
      try Int64.fetchAll(db, sql: "SELECT day FROM attendance_day ORDER BY day")
    }
  }

  // MARK: Incidents and the outbox

  /// The incidents that were open once the log's rows up to `row` were folded.
  public func incidents(openAt row: Int64) throws(LogError) -> [StoredIncident] {
    try store.read("listing incidents") { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM incident WHERE row <= ?1 AND (closed_by IS NULL OR closed_by > ?1) ORDER BY row",
        arguments: [row]
      ).map {
        StoredIncident(
          row: $0["row"], place: $0["place"], category: $0["category"], openedTime: $0["opened_at"])
      }
    }
  }

  /// The incidents of a place and category that were open at `time`, by what the log's rows up to `row` say.
  public func incidents(
    place: String, category: Int64, openAt time: Int64, asOf row: Int64
  ) throws(LogError) -> [StoredIncident] {
    try store.read("listing incidents") { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT row, opened_at FROM incident
          WHERE place = ?1 AND category = ?2 AND opened_at < ?3 AND row <= ?4
            AND (closed_by IS NULL OR closed_by > ?4 OR closed_at >= ?3)
          """, arguments: [place, category, time, row]
      ).map {
        StoredIncident(row: $0["row"], place: place, category: category, openedTime: $0["opened_at"])
      }
    }
  }

  /// Finals that wait, of all destinations together.
  public func outboxRows() throws(LogError) -> Int {
    try store.read("counting the outbox") { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox") ?? 0 }
  }

  /// Makes the named destinations those that revisions are queued for, forgets what waits for others, and gives them in
  /// that order. A destination new to the store is told of what is open, and of everything from now on.
  ///
  /// `logTime`: from where the fold goes on. What it makes from there on has to be told after a crash, however far it
  /// had come before: the marks kept in the store go back to it.
  public func open(destinations names: [String], at logTime: Int64) throws(LogError) -> [OpenDestination] {
    try store.write("naming destinations") { db in
      var opened: [OpenDestination] = []
      for name in names {
        try db.execute(sql: "INSERT OR IGNORE INTO destination (name) VALUES (?)", arguments: [name])
        guard
          let row = try Row.fetchOne(
            db, sql: "SELECT id, told_through FROM destination WHERE name = ?", arguments: [name])
        else { continue }
        opened.append(OpenDestination(number: row[0], toldThrough: row[1]))
      }
      for row in try Row.fetchAll(db, sql: "SELECT id FROM destination")
      where !opened.contains(where: { $0.number == (row[0] as Int64) }) {
        try db.execute(sql: "DELETE FROM destination WHERE id = ?", arguments: [row[0] as Int64])
      }
      try db.execute(
        sql: "UPDATE destination SET told_through = ?1 WHERE told_through > ?1", arguments: [logTime])
      return opened
    }
  }

  /// The running revisions made at log time `mark` or later, the oldest first.
  ///
  /// `beginning`: of windows that ended by then the sums are given, too.
  public func openRevisions(since mark: Int64, beginning: Int64) throws(LogError) -> [OpenRevision] {
    try store.read("reading open revisions") { db in
      var revisions: [OpenRevision] = []
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT id, kind, scope, watermark, CASE WHEN window_end <= ?2 THEN sums END FROM aggregate
          WHERE final = 0 AND revision > 0 AND watermark >= ?1 ORDER BY watermark, id
          """, arguments: [mark, beginning])
      while let row = try rows.next() {
        revisions.append(
          OpenRevision(
            number: row[0], kind: row[1], scope: row[2], watermark: row[3],
            earlySums: try (row[4] as Data?).map { try SumsCoding.decode($0) }))
      }
      return revisions
    }
  }

  /// Some revisions of destinations that are no longer named are forgotten. Gives how many.
  public func dropForgotten(limit: Int) throws(LogError) -> Int {
    try store.write("emptying the outbox") { db in
      try db.execute(
        sql: """
          DELETE FROM outbox WHERE id IN
            (SELECT id FROM outbox WHERE destination NOT IN (SELECT id FROM destination) LIMIT ?)
          """, arguments: [limit])
      return db.changesCount
    }
  }
}

extension AggregateState {
  /// In the order in which `init` takes them: to look each up by its name takes longer than to read it.
  fileprivate static let columns = """
    id, kind, scope, grain, name, window_start, window_end, revision, final, watermark, sums, through, ahead
    """

  fileprivate static func fetchAll(
    _ db: Database, _ sql: String, _ arguments: StatementArguments
  ) throws -> [AggregateState] {
    var states: [AggregateState] = []
    let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
    while let row = try rows.next() { states.append(try AggregateState(row)) }
    return states
  }

  fileprivate init(_ row: Row) throws {
    let aggregate = StoredAggregate(
      number: row[0], kind: row[1], scope: row[2], grain: row[3], name: row[4], start: row[5], end: row[6],
      revision: row[7], isFinal: row[8], watermark: row[9], sums: try SumsCoding.decode(row[10] as Data))
    let ahead = try (row[12] as Data?).map { try SumsCoding.decode($0) }
    self.init(aggregate: aggregate, through: row[11], sums: ahead ?? aggregate.sums, isAhead: ahead != nil)
  }
}

extension Token {
  init(_ bytes: Data) {
    self.init()
    guard bytes.count == 16 else { return }
    bytes.withUnsafeBytes { buffer in
      low = buffer.loadUnaligned(as: UInt64.self)
      high = buffer.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }
  }
}
