import DeviceProtocol
import Foundation
import GRDB

/// What is noted of a meeting: the cards checked in at its place in its time, each with the check-in that decides what
/// it counts for (Unix milliseconds), and the store's numbers of the devices heard.
public struct MeetingFacts: Sendable {
  public var cards: [(token: Token, time: Int64)] = []
  public var devices: [Int32] = []
  public init() {}
}

extension FoldLog {
  /// What is noted of a meeting.
  public func facts(ofMeeting number: Int64) throws(LogError) -> MeetingFacts {
    try store.read("reading a meeting's facts") { db in
      try MeetingFacts.fetch(db, "meeting = ?", [number])[number] ?? MeetingFacts()
    }
  }

  /// What is noted of the meetings that begin from `start` on and before `end`, by the store's number.
  public func facts(ofMeetingsFrom start: Int64, to end: Int64) throws(LogError) -> [Int64: MeetingFacts] {
    try store.read("reading the facts of a day's meetings") { db in
      let meetings = "meeting IN (SELECT id FROM meeting WHERE starts_at >= ? AND starts_at < ?)"
      return try MeetingFacts.fetch(db, meetings, [start, end])
    }
  }
}

extension MeetingFacts {
  /// The facts of the meetings that a condition lets through.
  fileprivate static func fetch(
    _ db: Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> [Int64: MeetingFacts] {
    var facts: [Int64: MeetingFacts] = [:]
    let cards = try Row.fetchCursor(
      db, sql: "SELECT meeting, token, checked_in FROM attendance_card WHERE \(condition)", arguments: arguments)
    while let row = try cards.next() {
      let meeting: Int64 = row[0]
      facts[meeting, default: MeetingFacts()].cards.append((Token(row[1] as Data), row[2] as Int64))
    }
    let devices = try Row.fetchCursor(
      db, sql: "SELECT meeting, device FROM attendance_device WHERE \(condition)", arguments: arguments)
    while let row = try devices.next() {
      let meeting: Int64 = row[0]
      facts[meeting, default: MeetingFacts()].devices.append(row[1] as Int32)
    }
    return facts
  }
}
