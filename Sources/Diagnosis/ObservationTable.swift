import Foundation
import GRDB

/// The newest revision of every watched aggregate, within a transaction.
struct ObservationTable {
  let db: Database

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
    let text: String = row["measures"]
    let measures = try JSONDecoder().decode([String: Double].self, from: Data(text.utf8))
    return Observation(
      aggregate: standard.aggregate, scope: standard.scope, subject: row["subject"], grain: standard.grain,
      window: Window(start: row["start"], end: row["end"]), revision: row["revision"], isFinal: row["final"],
      devicesExpected: row["devices_expected"], devicesHeard: row["devices_heard"],
      measures: measures.compactMap { Observation.Measure($0.key, $0.value) })
  }
}
