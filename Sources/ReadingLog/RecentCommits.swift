import Foundation
import Synchronization

/// The newest commits of the log, kept in memory: a fold that follows closely need not read their rows from the store
/// again. It holds what is committed only, without gaps; whoever lies further behind reads the store.
final class RecentCommits: @unchecked Sendable {
  /// One commit and its rows; never changed once it is made.
  final class Commit: Sendable {
    let batch: Int64
    /// Unix milliseconds.
    let time: Int64
    let firstRow: Int64
    let rows: ContiguousArray<PendingRows.Row>
    let texts: ContiguousArray<UInt8>

    init(
      batch: Int64, time: Int64, firstRow: Int64, rows: ContiguousArray<PendingRows.Row>, texts: ContiguousArray<UInt8>
    ) {
      self.batch = batch
      self.time = time
      self.firstRow = firstRow
      self.rows = rows
      self.texts = texts
    }

    var lastRow: Int64 { firstRow + Int64(rows.count) - 1 }
    var bytes: Int { rows.count * MemoryLayout<PendingRows.Row>.stride + texts.count }
  }

  /// Bytes kept, of rows and their texts: some 40,000 rows without text. And commits. The newest one is always kept.
  static let byteLimit = 4 << 20
  private static let commitLimit = 4_096

  // Sendable by confinement: everything below is touched under the lock only.
  private let lock = NSLock()
  /// By the commit's number, which grows by one.
  private var ring = ContiguousArray<Commit?>(repeating: nil, count: commitLimit)
  private var oldest: Int64 = 1
  private var newest: Int64 = 0
  private(set) var bytes = 0

  private let followed = Atomic<Bool>(false)

  /// Whether anybody reads the log closely: for nobody nothing is kept.
  var isFollowed: Bool { followed.load(ordering: .relaxed) }

  func follow() { followed.store(true, ordering: .relaxed) }

  private func place(_ batch: Int64) -> Int { Int(batch % Int64(RecentCommits.commitLimit)) }

  /// Adds the commit that follows; after another one, everything before is forgotten.
  func add(_ commit: Commit) {
    lock.lock()
    defer { lock.unlock() }
    if newest < oldest || commit.batch != newest + 1 || commit.firstRow != ring[place(newest)].map({ $0.lastRow + 1 }) {
      forgetAll()
      oldest = commit.batch
    }
    newest = commit.batch
    while newest - oldest >= Int64(RecentCommits.commitLimit) { forgetOldest() }
    ring[place(newest)] = commit
    bytes += commit.bytes
    while bytes > RecentCommits.byteLimit, oldest < newest { forgetOldest() }
  }

  func removeAll() {
    lock.lock()
    defer { lock.unlock() }
    forgetAll()
  }

  private func forgetAll() {
    while oldest <= newest { forgetOldest() }
  }

  private func forgetOldest() {
    bytes -= ring[place(oldest)]?.bytes ?? 0
    ring[place(oldest)] = nil
    oldest += 1
  }

  /// The commits after a cursor, in their order, up to the one with which they have more than `limit` rows; nil: not
  /// all of them are kept. Gives the log's last row besides.
  func commits(after cursor: FoldCursor, limit: Int) -> (commits: [Commit], lastRow: Int64)? {
    lock.lock()
    defer { lock.unlock() }
    guard oldest <= newest, let last = ring[place(newest)], cursor.batch < newest, cursor.batch + 1 >= oldest,
      let first = ring[place(cursor.batch + 1)], first.firstRow <= cursor.row + 1
    else { return nil }
    var commits: [Commit] = []
    var batch = cursor.batch + 1
    while batch <= newest, commits.count < FoldLog.commitsPerChunk {
      guard let commit = ring[place(batch)] else { return nil }
      commits.append(commit)
      if commit.lastRow > cursor.row + Int64(limit) { break }
      batch += 1
    }
    return (commits, last.lastRow)
  }
}

/// A commit that is being made, as `RecentCommits` will keep it.
struct OpenCommit {
  private var firstRow: Int64 = 0
  private var rows: ContiguousArray<PendingRows.Row> = []
  private var texts: ContiguousArray<UInt8> = []
  private var ledger: (batch: Int64, time: Int64)?
  private let isKept: Bool

  /// `isKept`: not where nobody is to read it.
  init(isKept: Bool = false) { self.isKept = isKept }

  /// Copies rows that are being written. `lastRow`: the number of the last of them.
  mutating func take(_ pending: borrowing PendingRows, lastRow: Int64) {
    guard isKept else { return }
    if rows.isEmpty { firstRow = lastRow - Int64(pending.count) + 1 }
    let before = rows.count
    rows.append(contentsOf: UnsafeBufferPointer(start: pending.rows, count: pending.count))
    let kept = pending.keptTexts
    guard !kept.isEmpty else { return }
    if !texts.isEmpty {
      for row in before..<rows.count where rows[row].detailBytes >= 0 { rows[row].detail += Int64(texts.count) }
    }
    texts.append(contentsOf: kept)
  }

  mutating func note(batch: Int64, time: Int64, lastRow: Int64) {
    ledger = (batch, time)
    if rows.isEmpty { firstRow = lastRow + 1 }
  }

  /// Hands the commit over, now that it is durable, and is empty again.
  mutating func publish(to recent: RecentCommits) {
    guard isKept else { return }
    if let ledger {
      recent.add(
        RecentCommits.Commit(
          batch: ledger.batch, time: ledger.time, firstRow: firstRow, rows: rows, texts: texts))
    } else if !rows.isEmpty {
      // Rows that no commit of the ledger tells of: they are read from the store, with the next one.
      recent.removeAll()
    }
    self = OpenCommit()
  }
}
