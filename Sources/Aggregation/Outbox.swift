import ReadingLog

/// Makes revisions the latest and queues them for every destination, within a bound.
///
/// At the bound, running revisions are put back: they stay the latest in the store and are queued when there is room.
/// Finals push running ones out; where only finals are left, `isFull` stops the fold.
final class Outbox {
  private let log: FoldLog
  private let limit: Int
  private let destinations: [Int64]
  /// When the log was begun: of windows before it in which no device was heard, nobody is told.
  private let beginning: Int64
  /// Rows waiting, an upper estimate: the relay takes rows out without telling.
  private var rows: Int
  private var hasUnqueued: Bool

  init(_ log: FoldLog, settings: AggregationSettings) throws(LogError) {
    self.log = log
    limit = max(settings.outboxRows, 2 * settings.writesPerTransaction * max(1, settings.destinations.count))
    destinations = try log.open(destinations: settings.destinations)
    beginning = try log.beginning()
    while try log.dropForgotten(limit: 1_000) > 0 {}
    rows = try log.outboxRows()
    hasUnqueued = try !log.unqueued(limit: 1).isEmpty
  }

  /// Only finals wait, as many as may.
  private(set) var isFull = false
  /// The open transaction has queued something.
  private var hasQueued = false

  /// Before a transaction that queues at most `count` revisions: makes room where there is none.
  func makeRoom(for count: Int) throws(LogError) {
    let wanted = count * max(1, destinations.count)
    isFull = false
    guard rows + wanted > limit else { return }
    rows = try log.outboxRows()
    while rows + wanted > limit {
      let dropped = try log.dropRunning(limit: 500)
      if dropped == 0 {
        isFull = true
        return
      }
      hasUnqueued = true
      rows -= dropped
    }
  }

  /// Makes a revision the latest of its aggregate, and adds the aggregate where its number is 0. `through`: the log's
  /// row up to which rows are in it. Gives the aggregate's number.
  @discardableResult
  func make(
    _ revision: StoredAggregate, through: Int64, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) -> Int64 {
    var revision = revision
    if revision.number == 0 {
      revision.number = try writer.aggregates.add(revision, through: through)
    } else {
      try writer.aggregates.revise(
        revision.number, revision: revision.revision, isFinal: revision.isFinal, watermark: revision.watermark,
        through: through, sums: revision.sums)
    }
    budget -= 1
    guard !destinations.isEmpty else { return revision.number }
    if revision.end <= beginning, revision.sums[SumsLayout.devicesHeard] == 0 { return revision.number }
    // Above this mark running revisions wait, so that finals need not push out what was just queued.
    if !revision.isFinal, rows >= limit / 10 * 9 {
      try writer.aggregates.flag(revision.number, isUnqueued: true)
      hasUnqueued = true
      return revision.number
    }
    try queue(revision, writer, &budget)
    return revision.number
  }

  private func queue(
    _ revision: StoredAggregate, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) {
    // Of every device or student there is one, thousands at once: it must not stand in the way of the others.
    let isBulk =
      revision.kind == AggregateKind.device.rawValue || revision.scope == AggregateScope.student.rawValue
    hasQueued = true
    for destination in destinations {
      rows += try writer.aggregates.queue(
        revision.number, revision: revision.revision, isFinal: revision.isFinal, watermark: revision.watermark,
        sums: revision.sums, destination: destination, isBulk: isBulk)
      budget -= 1
    }
    if hasUnqueued { try writer.aggregates.flag(revision.number, isUnqueued: false) }
  }

  /// Wakes the relays, after a transaction that may have queued something.
  func wakeRelays() {
    guard hasQueued else { return }
    hasQueued = false
    log.store.outboxSignal.raise()
  }

  /// Queues what found no room before, once there is some again.
  func catchUp(_ limitRows: Int) throws(LogError) {
    guard hasUnqueued else { return }
    if rows >= limit / 4 * 3 { rows = try log.outboxRows() }
    guard rows < limit / 4 * 3 else { return }
    let waiting = try log.unqueued(limit: limitRows)
    defer { hasUnqueued = waiting.count == limitRows }
    guard !waiting.isEmpty else { return }
    try log.transaction { (writer) throws(LogError) in
      var budget = 0
      for state in waiting { try queue(state.aggregate, writer, &budget) }
    }
    wakeRelays()
  }
}
