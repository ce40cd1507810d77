import Foundation
import GRDB

extension LogStore {
  /// A batch that was put aside, with what was sent; nil: there is none of this number.
  public func batchPutAside(_ id: Int64) throws(LogError) -> PutAside? {
    try read("reading a batch put aside") { db in
      try Row.fetchOne(db, sql: "SELECT * FROM put_aside WHERE id = ?", arguments: [id]).map {
        PutAside(
          id: $0["id"], destination: $0["destination"], time: $0["at"], reason: $0["reason"], events: $0["events"],
          body: [UInt8]($0["body"] as Data))
      }
    }
  }

  /// Forgets batches that were put aside: delivered after all, or given up. Returns how many there were.
  @discardableResult
  public func forgetPutAside(_ ids: [Int64]) throws(LogError) -> Int {
    try write("forgetting batches put aside") { db in
      try ids.reduce(0) { count, id in
        try db.execute(sql: "DELETE FROM put_aside WHERE id = ?", arguments: [id])
        return count + db.changesCount
      }
    }
  }
}
