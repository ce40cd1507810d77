import Foundation
import GRDB

/// A rejected message that was sampled, without its first bytes. One a second and reason is, and the newest are kept.
public struct RejectionSample: Sendable {
  public var id: Int64
  public var receivedTime: Int64
  public var reason: String
  public var topic: String
  public var bytes: Int64
}

extension LogStore {
  /// The samples that are kept, the oldest first.
  public func rejectionSamples(id: Int64? = nil) throws(LogError) -> [RejectionSample] {
    try read("listing rejected messages") { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, received_at, reason, topic, bytes FROM rejection_sample WHERE ?1 IS NULL OR id = ?1 ORDER BY id
          """, arguments: [id]
      ).map {
        RejectionSample(
          id: $0["id"], receivedTime: $0["received_at"], reason: $0["reason"], topic: $0["topic"], bytes: $0["bytes"])
      }
    }
  }

  /// The first bytes of a sampled message; nil: there is no such sample any more.
  public func head(ofSample id: Int64, box: SecretBox) throws(LogError) -> [UInt8]? {
    let sealed = try read("reading a rejected message") { db in
      try Data.fetchOne(db, sql: "SELECT head FROM rejection_sample WHERE id = ?", arguments: [id])
    }
    guard let sealed else { return nil }
    return try box.open(Array(sealed), what: "rejected message \(id)")
  }
}
