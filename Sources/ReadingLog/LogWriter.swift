import Dispatch
import Foundation
import GRDB

/// Who gives the log its rows: state in memory that must never be ahead of, or behind, the committed rows.
public protocol LogFold: AnyObject {
  /// Forgets everything: the store is the truth.
  func reset()
  /// A row found beyond the frame index, at start or after a failed commit.
  func fold(boot: Int64, seq: UInt32)
  /// All rows are folded; what else the fold keeps can be read now.
  func recovered(_ log: Appender) throws(LogError)
}

/// The log's single writer. Takes a unit of work, gives its result once it is committed and synced, and after
/// a failure rebuilds the fold from the store, so that memory never holds what the disk does not.
public final class LogWriter: @unchecked Sendable {
  // Sendable by confinement: everything below is touched on the store's writing queue only.
  private let store: LogStore
  private let fold: any LogFold
  private var appender: Appender?
  private let indexing = DispatchQueue(label: "log.index", qos: .utility)
  private let segmentRows: Int64
  /// The segment that is being indexed, or must be tried again from a row on.
  private var closed: ClosedSegment?
  private var isIndexing = false
  private var retryAfterRow = Int64.max

  public init(
    _ store: LogStore, fold: any LogFold, segmentRows: Int64 = Appender.segmentRows
  ) throws(LogError) {
    self.store = store
    self.fold = fold
    self.segmentRows = segmentRows
    try recover()
  }

  /// Rebuilds from the store what a failed commit left in doubt.
  public func recover() throws(LogError) {
    try store.wrap("reading the log's tail") {
      try store.pool.writeWithoutTransaction { db in
        appender = nil
        closed = nil
        fold.reset()
        // A commit that failed may be in the store all the same.
        store.recent.removeAll()
        let appender = try Appender(db, recent: store.recent) { fold.fold(boot: $0, seq: $1) }
        try fold.recovered(appender)
        self.appender = appender
      }
    }
  }

  /// Runs `body` in one transaction. When this returns, what it wrote survives a power cut.
  public func commit<Value>(_ body: (Appender) throws(LogError) -> Value) throws(LogError) -> Value {
    try store.wrap("committing") {
      try store.pool.writeWithoutTransaction { _ in
        guard let appender else { throw LogError.other("the log is being recovered") }
        do {
          try appender.beginTransaction()
          let value = try body(appender)
          try appender.commitTransaction()
          store.noteChange()
          closeSegmentIfDue(appender, rows: segmentRows)
          return value
        } catch {
          appender.abandonTransaction()
          self.appender = nil
          throw error
        }
      }
    }
  }

  /// The same for work beside the lanes: a failure is mended at once, so that they do not notice.
  public func commitOrRecover<Value>(
    _ body: (Appender) throws(LogError) -> Value
  ) throws(LogError) -> Value {
    do throws(LogError) {
      return try commit(body)
    } catch {
      try recover()
      throw error
    }
  }

  /// Runs `body` between commits; it writes nothing.
  public func read<Value>(_ body: (Appender) throws(LogError) -> Value) throws(LogError) -> Value {
    try store.wrap("reading the log") {
      try store.pool.writeWithoutTransaction { _ in
        guard let appender else { throw LogError.other("the log is being recovered") }
        return try body(appender)
      }
    }
  }

  /// Reads the fold between commits.
  public func inspect<Value>(_ body: () -> Value) -> Value {
    store.pool.unsafeReentrantWrite { _ in body() }
  }

  /// Closes the open segment, however short, if its first row was received before `time`, Unix milliseconds: retention
  /// removes whole segments, and at a few hundred readings a day one takes a year to fill. It is indexed beside the
  /// lanes; one that could not be indexed is tried again.
  public func closeSegment(receivedBefore time: Int64) throws(LogError) {
    try store.wrap("closing an old segment") {
      try store.pool.writeWithoutTransaction { db in
        guard let appender else { return }
        let first = try Int64.fetchOne(
          db, sql: "SELECT event_time + delay FROM reading WHERE id >= ? ORDER BY id LIMIT 1",
          arguments: [appender.segmentFirst])
        if closed != nil { retryAfterRow = 0 }
        closeSegmentIfDue(appender, rows: first.map { $0 < time } == true ? 1 : segmentRows)
      }
    }
  }

  private func closeSegmentIfDue(_ appender: Appender, rows: Int64) {
    if let segment = appender.closeSegment(rows: rows) {
      closed = segment
    } else if appender.lastRow < retryAfterRow {
      return
    }
    guard let segment = closed, !isIndexing else { return }
    isIndexing = true
    indexing.async { [self] in
      var isDone = true
      // On failure the rows are safe and their frames stay in memory: again after some more rows.
      do throws(LogError) { try store.index(segment) } catch { isDone = false }
      store.pool.unsafeReentrantWrite { _ in
        isIndexing = false
        // Recovery has read the tail anew, with this segment in it: then there is nothing to forget.
        guard let current = closed else { return }
        guard current.firstRow == segment.firstRow, current.lastRow == segment.lastRow else {
          retryAfterRow = 0
          return
        }
        if isDone {
          closed = nil
          retryAfterRow = .max
          self.appender?.forgetClosedSegment()
        } else {
          retryAfterRow = segment.lastRow + segmentRows / 8
        }
      }
    }
  }

  /// Waits until a segment that is being indexed is done.
  public func waitForIndex() { indexing.sync {} }

  /// The same, and lets go of the store; for a clean stop.
  public func finish() {
    waitForIndex()
    store.pool.unsafeReentrantWrite { _ in appender = nil }
  }
}
