import ReadingLog

/// Makes revisions the latest and queues them for every destination: finals in the store, in the transaction that makes
/// them and within a bound; running ones in memory, once that transaction has been committed.
///
/// At the bound of finals `isFull` stops the fold. Running ones have no more than a place an aggregate.
final class Outbox {
  private let log: FoldLog
  private let limit: Int
  private let destinations: [Int64]
  /// Running revisions that wait, of each destination.
  private let queues: [RunningQueue]
  /// When the log was begun: of windows before it in which no device was heard, nobody is told.
  private let beginning: Int64
  /// Finals waiting, an upper estimate: the relay takes them out without telling.
  private var rows: Int

  /// Only finals wait in the store, and as many as may.
  private(set) var isFull = false
  /// The open transaction has made a revision that somebody is to be told of.
  private var hasQueued = false
  /// Aggregates of which the open transaction has made a running revision, and its log time.
  private var running: [Int64] = []
  private var bulk: [Int64] = []
  private var finals: [Int64] = []
  private var watermark: Int64 = 0

  /// Queues again what the store does not know to be told.
  init(_ log: FoldLog, settings: AggregationSettings) throws(LogError) {
    self.log = log
    limit = max(settings.outboxRows, 2 * settings.writesPerTransaction * max(1, settings.destinations.count))
    queues = settings.destinations.map { log.store.runningQueue(for: $0) }
    let logTime = try log.cursor().logTime
    // Before the marks in the store are read: a relay may be about to move them.
    for queue in queues { queue.goBack() }
    let opened = try log.open(destinations: settings.destinations, at: logTime)
    destinations = opened.map(\.number)
    beginning = try log.beginning()
    while try log.dropForgotten(limit: 1_000) > 0 {}
    rows = try log.outboxRows()
    try queueAgain(opened.map { $0.toldThrough ?? .min }, from: logTime)
  }

  /// `marks`: log times; what was made before them has been told.
  private func queueAgain(_ marks: [Int64], from logTime: Int64) throws(LogError) {
    guard let first = marks.min() else { return }
    let open = try log.openRevisions(since: first, beginning: beginning)
    for (queue, mark) in zip(queues, marks) {
      var plain: [Int64] = []
      var bulk: [Int64] = []
      for revision in open where revision.watermark >= mark {
        if let sums = revision.earlySums, isUnheard(sums) { continue }
        if Outbox.isBulk(revision.kind, revision.scope) {
          bulk.append(revision.number)
        } else {
          plain.append(revision.number)
        }
      }
      queue.add(plain, bulk: bulk, reached: logTime)
    }
    if !open.isEmpty { log.store.outboxSignal.raise() }
  }

  /// Of every device or student there is one, thousands at once: it must not stand in the way of the others.
  static func isBulk(_ kind: UInt8, _ scope: UInt8) -> Bool {
    kind == AggregateKind.device.rawValue || scope == AggregateScope.student.rawValue
  }

  private func isUnheard(_ sums: [Int64]) -> Bool { sums[SumsLayout.devicesHeard] == 0 }

  /// Before a transaction that queues at most `count` finals: looks whether there is room for them.
  func makeRoom(for count: Int) throws(LogError) {
    // Of a transaction that was not committed nobody is told.
    forgetMade()
    let wanted = count * max(1, destinations.count)
    isFull = false
    guard rows + wanted > limit else { return }
    rows = try log.outboxRows()
    isFull = rows + wanted > limit
  }

  /// Makes a revision the latest of its aggregate, and adds the aggregate where its number is 0. `through`: the log's
  /// row up to which rows are in it. `mayTurn`: whether it may be running after a final one, too. Gives the
  /// aggregate's number.
  @discardableResult
  func make(
    _ revision: StoredAggregate, through: Int64, mayTurn: Bool = false, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) -> Int64 {
    var revision = revision
    if revision.number == 0 {
      revision.number = try writer.aggregates.add(revision, through: through)
    } else {
      try writer.aggregates.revise(revision, through: through, mayTurn: mayTurn || revision.isFinal)
    }
    budget -= 1
    guard !destinations.isEmpty else { return revision.number }
    if revision.end <= beginning, isUnheard(revision.sums) { return revision.number }
    hasQueued = true
    watermark = revision.watermark
    let isBulk = Outbox.isBulk(revision.kind, revision.scope)
    if revision.isFinal {
      finals.append(revision.number)
      try queue(revision, isBulk: isBulk, writer, &budget)
    } else if isBulk {
      bulk.append(revision.number)
    } else {
      running.append(revision.number)
    }
    return revision.number
  }

  private func queue(
    _ final: StoredAggregate, isBulk: Bool, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) {
    for destination in destinations {
      try writer.aggregates.queue(
        final: final.number, revision: final.revision, watermark: final.watermark, sums: final.sums,
        destination: destination, isBulk: isBulk)
      rows += 1
      budget -= 1
    }
  }

  /// Queues the running revisions of a transaction that has been committed, and wakes the relays where it has made
  /// anything.
  func wakeRelays() {
    guard hasQueued else { return }
    for queue in queues { queue.add(running, bulk: bulk, finals: finals, reached: watermark) }
    forgetMade()
    log.store.outboxSignal.raise()
  }

  private func forgetMade() {
    hasQueued = false
    running.removeAll(keepingCapacity: true)
    bulk.removeAll(keepingCapacity: true)
    finals.removeAll(keepingCapacity: true)
  }
}
