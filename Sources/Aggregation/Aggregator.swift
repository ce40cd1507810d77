import CPlatform
import DeviceProtocol
import Foundation
import Logging
import ReadingLog
import ServiceLifecycle
import Synchronization

/// Folds committed rows of the log into aggregates. Takes rows after its durable cursor and the campus versions,
/// gives aggregates and outbox rows, refuses nothing: what a reading cannot be attributed to is counted by reason.
///
/// A deterministic fold: of rows, campus versions and commit times, never of the wall clock.
public final class Aggregator: Service, @unchecked Sendable {
  /// How far a step came.
  public struct Progress: Sendable, Equatable {
    /// Rows of the log not folded yet.
    public var rowsLeft: Int64 = 0
    /// Rows folded by this step.
    public var rowsFolded = 0
    /// Nothing was left to fold.
    public var isCaughtUp = false
    /// Finals fill the outbox: the fold waits until the relay has made room.
    public var isBlocked = false
    /// There is no campus version yet to fold under.
    public var isWithoutCampus = false
  }

  // Sendable by confinement: everything below is touched under the lock only.
  private let lock = NSLock()
  let log: FoldLog
  private let subjects: SubjectKey
  private let settings: AggregationSettings
  /// nil: to be read from the store.
  private var fold: Fold?

  let logger: Logger
  /// When it was asked to stop.
  let stopping = Mutex<ContinuousClock.Instant?>(nil)
  let stopEvent = platform_event_make()

  public init(
    store: LogStore, subjects: SubjectKey, settings: AggregationSettings = AggregationSettings(),
    logger: Logger = Logger(label: "aggregation")
  ) {
    log = FoldLog(store)
    self.subjects = subjects
    self.settings = settings
    self.logger = logger
    // Before anything else runs, because retention goes by the cursor. What cannot be read now is read, and said, by
    // the first step: intake must not wait for it.
    do throws(LogError) { fold = try readFold() } catch { fold = nil }
  }

  private func readFold() throws(LogError) -> Fold? {
    let fold = try Fold(log, subjects: subjects, settings: settings)
    fold?.isStopped = { [unowned self] in self.isAskedToStop }
    fold?.isOutOfTime = { [unowned self] in self.isOutOfTime }
    return fold
  }

  /// Folds one bounded chunk of the log and writes what came of it. After an error nothing is lost: the next step
  /// begins anew from the store.
  @discardableResult
  public func step() throws -> Progress {
    try lock.withLock {
      try attempt { (fold) throws(LogError) in try step(fold) } ?? Progress(isCaughtUp: true, isWithoutCampus: true)
    }
  }

  /// Writes the revisions that wait for their interval, for when the log has been silent for a while: log time stands
  /// still then. false: the outbox is full of finals.
  @discardableResult
  public func publishPending() throws -> Bool {
    try lock.withLock { try attempt { (fold) throws(LogError) in try fold.writeAll() } ?? true }
  }

  /// Steps until nothing is left and everything is written, running revisions before their interval too. Stops early
  /// where the outbox is full.
  @discardableResult
  public func settle() throws -> Progress {
    while true {
      var progress = try step()
      if progress.isBlocked || progress.isWithoutCampus { return progress }
      if progress.isCaughtUp {
        progress.isBlocked = try !publishPending()
        return progress
      }
    }
  }

  /// Is done with meetings that began more than so many days ago, by the log's time and by `now` (Unix milliseconds):
  /// their aggregates stay, but late readings change them no more, and `LogStore.removeRetiredMeetings` may remove who
  /// was there.
  public func retireMeetings(olderThanDays days: Int, now: Int64) throws {
    try lock.withLock { _ = try attempt { (fold) throws(LogError) in try fold.retire(days: days, now: now) } }
  }

  deinit { close(stopEvent) }

  /// Lets go of the store; after the last step, before the store is closed.
  public func finish() {
    lock.withLock {
      fold = nil
      log.finish()
    }
  }

  /// Whether what is folded is in memory.
  var hasFold: Bool { lock.withLock { fold != nil } }

  /// Revisions made in memory that wait for their interval.
  public var pending: Int { lock.withLock { fold?.pending ?? 0 } }

  /// Readings since the start that no aggregate could take.
  public var unattributed: Unattributed { lock.withLock { fold?.unattributed ?? Unattributed() } }

  /// Aggregates in memory, without those of meetings and their days.
  var aggregatesInMemory: Int { lock.withLock { fold?.table.count ?? 0 } }

  private func attempt<Value>(_ body: (Fold) throws(LogError) -> Value) throws(LogError) -> Value? {
    if fold == nil { fold = try readFold() }
    guard let fold else { return nil }
    do throws(LogError) { return try body(fold) } catch {
      // Memory may be ahead of the store, or behind it.
      self.fold = nil
      throw error
    }
  }

  private func step(_ fold: Fold) throws(LogError) -> Progress {
    var progress = Progress()
    if fold.outbox.isFull {
      guard try fold.write(all: false) else {
        progress.rowsLeft = fold.rowsLeft
        progress.isBlocked = true
        return progress
      }
    }
    // What the last step could not end, for want of room, or what a new campus version has brought.
    guard try fold.endAll() else {
      progress.rowsLeft = fold.rowsLeft
      progress.isBlocked = true
      return progress
    }
    if try fold.foldChunk() {
      progress.rowsFolded = fold.rowsFolded
    } else if let next = fold.next {
      progress.isBlocked = try !fold.switchCampus(to: next)
      progress.rowsLeft = fold.rowsLeft
      return progress
    } else {
      progress.isCaughtUp = true
    }
    progress.rowsLeft = fold.rowsLeft
    guard try fold.endAll() else {
      progress.isBlocked = true
      return progress
    }
    fold.beginCycle(isForced: false)
    progress.isBlocked = try !fold.write(all: false)
    return progress
  }
}
