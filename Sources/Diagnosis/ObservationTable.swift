import Foundation
import GRDB

/// The newest revision of every watched aggregate, within a transaction.
struct ObservationTable {
  enum Change {
    case newer, duplicate, stale
  }

  let db: Database

  /// Keeps an event's observation if it is newer than the one known. Revisions count within a log; of two logs
  /// (a backup was restored) the later watermark is newer.
  func put(_ event: AggregateEvent) throws -> Change {
    let new = event.observation
    let key: StatementArguments = [new.aggregate.rawValue, new.scope, new.grain, new.subject, new.window.start]
    let find = try db.cachedStatement(
      sql: """
        SELECT id, source, revision, event_time FROM observation
        WHERE aggregate = ? AND scope = ? AND grain = ? AND subject = ? AND start = ?
        """)
    let measures = try Self.text(of: new.measures)
    let values: StatementArguments = [
      new.window.end, event.source, event.time, new.revision, new.isFinal, new.devicesExpected, new.devicesHeard,
      measures,
    ]
    guard let known = try Row.fetchOne(find, arguments: key) else {
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO observation (aggregate, scope, grain, subject, start, "end", source, event_time, revision, final,
            devices_expected, devices_heard, measures) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
          """)
      try insert.execute(arguments: key + values)
      return .newer
    }
    if known["source"] as String == event.source {
      let revision: Int64 = known["revision"]
      if revision == new.revision { return .duplicate }
      if revision > new.revision { return .stale }
    } else if known["event_time"] as Int64 > event.time {
      return .stale
    }
    let update = try db.cachedStatement(
      sql: """
        UPDATE observation SET "end" = ?, source = ?, event_time = ?, revision = ?, final = ?, devices_expected = ?,
          devices_heard = ?, measures = ? WHERE id = ?
        """)
    try update.execute(arguments: values + [known["id"] as Int64])
    return .newer
  }

  /// The start of the latest window known of a subject.
  func latestStart(_ standard: Standard, subject: String) throws -> Int64? {
    let find = try db.cachedStatement(
      sql: """
        SELECT max(start) FROM observation WHERE aggregate = ? AND scope = ? AND grain = ? AND subject = ?
        """)
    return try Int64.fetchOne(
      find, arguments: [standard.aggregate.rawValue, standard.scope, standard.grain, subject])
  }

  /// The windows of a subject that start in `starts`, the latest first, `limit` at most.
  func windows(
    _ standard: Standard, subject: String, starts: ClosedRange<Int64>, limit: Int
  ) throws -> [Observation] {
    let find = try db.cachedStatement(
      sql: """
        SELECT * FROM observation WHERE aggregate = ? AND scope = ? AND grain = ? AND subject = ?
          AND start BETWEEN ? AND ? ORDER BY start DESC LIMIT ?
        """)
    return try Row.fetchAll(
      find,
      arguments: [
        standard.aggregate.rawValue, standard.scope, standard.grain, subject, starts.lowerBound, starts.upperBound,
        limit,
      ]
    ).map { try Self.observation($0, standard) }
  }

  /// Every subject in one window.
  func subjects(_ standard: Standard, start: Int64) throws -> [Observation] {
    let find = try db.cachedStatement(
      sql: "SELECT * FROM observation WHERE aggregate = ? AND scope = ? AND grain = ? AND start = ?")
    return try Row.fetchAll(
      find, arguments: [standard.aggregate.rawValue, standard.scope, standard.grain, start]
    ).map { try Self.observation($0, standard) }
  }

  /// The latest window all of whose subjects are final; where there is none, the latest with any that are.
  func latestFinalStart(_ standard: Standard) throws -> Int64? {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT start, min(final) AS every, max(final) AS some FROM observation
        WHERE aggregate = ? AND scope = ? AND grain = ? GROUP BY start ORDER BY start DESC
        """, arguments: [standard.aggregate.rawValue, standard.scope, standard.grain])
    var partly: Int64?
    while let row = try rows.next() {
      let start: Int64 = row["start"]
      if row["every"] { return start }
      if partly == nil, row["some"] { partly = start }
    }
    return partly
  }

  private static func observation(_ row: Row, _ standard: Standard) throws -> Observation {
    let measures: String = row["measures"]
    return Observation(
      aggregate: standard.aggregate, scope: standard.scope, subject: row["subject"], grain: standard.grain,
      window: Window(start: row["start"], end: row["end"]), revision: row["revision"], isFinal: row["final"],
      devicesExpected: row["devices_expected"], devicesHeard: row["devices_heard"],
      measures: try JSONDecoder().decode([String: Double].self, from: Data(measures.utf8)))
  }

  private static func text(of measures: [String: Double]) throws -> String {
    String(decoding: try JSONEncoder().encode(measures), as: UTF8.self)
  }
}
