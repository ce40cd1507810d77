import Foundation
import GRDB

/// A message in quarantine, without its content.
public struct HeldMessage: Sendable {
  public var id: Int64
  public var receivedTime: Int64
  public var topic: String
  public var device: Int64
  public var boot: Int64?
  public var epoch: Int64?
  public var seq: Int64?
  public var digest: Int64?
  public var reason: String
  public var reading: Int64
  public var bytes: Int64
  public var state: String
  public var key: Int64
  public var arrivedTime: Int64
}

extension LogStore {
  public func quarantine(id: Int64? = nil, limit: Int = .max) throws(LogError) -> [HeldMessage] {
    try read("listing the quarantine") { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT q.id, q.received_at, q.topic, q.device, q.boot, q.seq, q.digest, q.reason, q.reading, q.bytes, q.state,
            q.key, q.arrived_at, b.epoch
          FROM quarantine q LEFT JOIN boot b ON b.id = q.boot
          WHERE (?1 IS NULL OR q.id = ?1) ORDER BY q.id LIMIT ?2
          """, arguments: [id, limit]
      ).map {
        HeldMessage(
          id: $0["id"], receivedTime: $0["received_at"], topic: $0["topic"], device: $0["device"],
          boot: $0["boot"], epoch: $0["epoch"], seq: $0["seq"], digest: $0["digest"], reason: $0["reason"],
          reading: $0["reading"], bytes: $0["bytes"], state: $0["state"], key: $0["key"], arrivedTime: $0["arrived_at"])
      }
    }
  }

  /// The message as it was received; nil where it was replayed, discarded or removed by retention.
  public func content(ofHeld id: Int64, box: SecretBox) throws(LogError) -> [UInt8]? {
    let sealed = try read("reading the quarantine") { db in
      try Data.fetchOne(db, sql: "SELECT sealed FROM quarantine WHERE id = ?", arguments: [id])
    }
    guard let sealed else { return nil }
    return try box.open(Array(sealed), what: "quarantined message \(id)")
  }

  /// Gives up the content of held messages; they stay counted as quarantined. Returns how many.
  public func discardHeld(_ ids: [Int64], now: Int64) throws(LogError) -> Int {
    var count = 0
    for id in ids {
      count += try write("discarding from the quarantine") { db in
        try db.execute(
          sql: "UPDATE quarantine SET state = 'discarded', sealed = NULL, changed_at = ? WHERE id = ? AND state = 'held'",
          arguments: [now, id])
        return db.changesCount
      }
    }
    return count
  }
}
