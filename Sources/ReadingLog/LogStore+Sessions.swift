import Foundation
import GRDB

/// A session that the broker keeps for a lane, and with it every message that matches its subscriptions.
public struct KeptSession: Codable, Equatable, Sendable {
  public var clientID: String
  /// The gateway's own `mqtt.client_id`.
  public var gateway: String
  public var subscriptions: [String]

  public init(clientID: String, gateway: String, subscriptions: [String]) {
    self.clientID = clientID
    self.gateway = gateway
    self.subscriptions = subscriptions
  }
}

extension LogStore {
  /// Remembers the sessions that lanes are about to use. Gives those that were used before and are not any more: the
  /// broker goes on dealing messages to them. Those of the same gateway stay remembered until they are forgotten.
  public func useSessions(_ used: [KeptSession]) throws(LogError) -> [KeptSession] {
    try write("remembering the broker's sessions") { db in
      let known = try LogStore.sessions(db)
      let left = known.filter { session in !used.contains { $0.clientID == session.clientID } }
      let kept = used + left.filter { session in used.contains { $0.gateway == session.gateway } }
      // A start on a full disk writes nothing that is there already.
      if kept != known { try LogStore.keep(kept, db) }
      return left
    }
  }

  /// For a session that the broker has ended.
  public func forgetSession(_ clientID: String) throws(LogError) {
    try write("forgetting a session of the broker") { db in
      try LogStore.keep(try LogStore.sessions(db).filter { $0.clientID != clientID }, db)
    }
  }

  private static func sessions(_ db: Database) throws -> [KeptSession] {
    let text = try String.fetchOne(db, sql: "SELECT value FROM log_state WHERE name = 'broker_sessions'")
    return try text.map { try JSONDecoder().decode([KeptSession].self, from: Data($0.utf8)) } ?? []
  }

  private static func keep(_ sessions: [KeptSession], _ db: Database) throws {
    try db.execute(
      sql: "INSERT OR REPLACE INTO log_state (name, value) VALUES ('broker_sessions', ?)",
      arguments: [String(decoding: try JSONEncoder().encode(sessions), as: UTF8.self)])
  }
}
