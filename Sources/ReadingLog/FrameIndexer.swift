import Foundation
import GRDB

/// A closed run of rows, ready to be indexed. Immutable, so that it can be worked on beside the lane.
public struct ClosedSegment: Sendable {
  let firstRow: Int64
  let lastRow: Int64
  let tail: FrameTail
  let minimumTime: Int64
  let maximumTime: Int64
  let maximumReceived: Int64
}

extension LogStore {
  /// Boots and frames of a segment written in one transaction: under 5 ms beside the lane.
  private static let boundOfTransaction = (boots: 1_000, frames: 16_384)

  /// Takes a closed segment, writes its index and its boots' highs, and moves `indexed_through`. Safe to
  /// repeat: after a crash in the middle the same rows are indexed again.
  public func index(_ segment: ClosedSegment) throws(LogError) {
    var entries = segment.tail.entries.filter { $0.frame != 0 }
    entries.sort { $0.frame < $1.frame }
    var start = entries.startIndex
    var offsets: [UInt8] = []
    while start < entries.endIndex {
      start = try write("indexing frames") { db in
        guard let connection = db.sqliteConnection else { throw LogError.other("the store is closed") }
        let insert = try Statement(
          connection,
          "INSERT OR REPLACE INTO frame_index (segment, boot, first_seq, last_seq, offsets) VALUES (?1, ?2, ?3, ?4, ?5)")
        let raise = try Statement(
          connection,
          """
          UPDATE boot SET high = last_seq FROM frame_index
          WHERE segment = ?1 AND boot BETWEEN ?2 AND ?3 AND boot.id = boot AND high < last_seq
          """)
        insert.bind(1, segment.firstRow)
        raise.bind(1, segment.firstRow)
        raise.bind(2, Int64(entries[start].frame >> 32))
        var end = start
        var boots = 0
        while end < entries.endIndex, boots < LogStore.boundOfTransaction.boots,
          end - start < LogStore.boundOfTransaction.frames
        {
          let boot = entries[end].frame >> 32
          offsets.removeAll(keepingCapacity: true)
          var first: UInt64?
          var last: UInt64 = 0
          while end < entries.endIndex, entries[end].frame >> 32 == boot {
            let entry = entries[end]
            end += 1
            guard entry.row > 0 else { continue }
            last = entry.frame & 0xffff_ffff
            first = first ?? last
            let offset = entry.row - segment.firstRow
            // Three bytes: a tail this long has failed to be indexed for a very long time.
            guard offset < 1 << 24 else { continue }
            offsets.append(UInt8(truncatingIfNeeded: offset))
            offsets.append(UInt8(truncatingIfNeeded: offset >> 8))
            offsets.append(UInt8(truncatingIfNeeded: offset >> 16))
          }
          boots += 1
          guard let first else { continue }
          insert.bind(2, Int64(boot))
          insert.bind(3, Int64(first))
          insert.bind(4, Int64(last))
          try offsets.withUnsafeBytes { bytes in
            insert.bindBlob(5, bytes.baseAddress, bytes.count)
            try insert.run("indexing frames")
          }
        }
        raise.bind(3, Int64(entries[end - 1].frame >> 32))
        try raise.run("indexing frames")
        return end
      }
    }
    try write("closing a segment") { db in
      try db.execute(
        sql: """
          INSERT OR REPLACE INTO segment (id, last_row, frames, min_time, max_time, max_received)
          VALUES (?, ?, ?, ?, ?, ?);
          UPDATE log_state SET value = ? WHERE name = 'indexed_through';
          """,
        arguments: [
          segment.firstRow, segment.lastRow, entries.count, segment.minimumTime, segment.maximumTime,
          segment.maximumReceived, segment.lastRow,
        ])
    }
  }

  /// Ledger rows kept one by one; older ones are summed.
  static let batchesKept = 10_000

  private static let batchesPerTransaction: Int64 = 2_000

  /// Sums the ledger rows that are not kept one by one into the oldest of them, some thousands at a time.
  public func sumOldBatches(isCancelled: () -> Bool = { false }) throws(LogError) {
    var isDone = false
    while !isDone, !isCancelled() {
      isDone = try write("summing old ledger rows") { db in
        let newest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM batch") ?? 0
        let oldest = try Int64.fetchOne(db, sql: "SELECT min(id) FROM batch") ?? 0
        let second = try Int64.fetchOne(db, sql: "SELECT min(id) FROM batch WHERE id > ?", arguments: [oldest]) ?? newest
        // A fold of the log goes by the time of each commit: none is summed before it is folded.
        let folded = try Int64.fetchOne(
          db,
          sql: """
            SELECT coalesce((SELECT value FROM log_state WHERE name = 'fold_batch'), 0)
            WHERE EXISTS (SELECT 1 FROM campus_version)
            """) ?? .max
        let limit = min(newest - Int64(LogStore.batchesKept), second + LogStore.batchesPerTransaction, folded)
        let sum = try Row.fetchOne(
          db,
          sql: """
            SELECT max(id) AS id, max(committed_at) AS at, sum(commits) AS n, sum(received) AS r, sum(stored) AS s,
              sum(duplicate) AS d, sum(quarantined) AS q, sum(rejected) AS x, max(last_row) AS l, count(*) AS rows
            FROM batch WHERE id <= ?
            """, arguments: [limit])
        guard let sum, sum["rows"] as Int64 > 1 else { return true }
        try db.execute(sql: "DELETE FROM batch WHERE id <= ?", arguments: [limit])
        try db.execute(
          sql: """
            INSERT INTO batch (id, committed_at, commits, received, stored, duplicate, quarantined, rejected, last_row)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            sum["id"], sum["at"], sum["n"], sum["r"], sum["s"], sum["d"], sum["q"], sum["x"], sum["l"],
          ])
        return false
      }
    }
  }
}
