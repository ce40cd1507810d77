import Foundation
import Logging
import ReadingLog
import ServiceLifecycle
import Synchronization

/// Takes what waits for one destination, finals in the outbox and running revisions in memory, delivers it in order and
/// in batches, and takes it out only once it has been accepted: at least once, and known by its event ids. What is
/// refused for good is put aside, visibly and up to a limit; everything else is tried again for ever. The log never
/// waits for it.
public final class Relay: Service {
  /// The name under which the outbox keeps what this destination has still to be told.
  public let outbox: String
  public let status = RelayStatus()
  private let store: LogStore
  private let queue: RunningQueue
  private let destination: any Destination
  private let source: String
  private let asideLimit: PutAsideLimit
  /// Milliseconds between looks at an empty outbox, should nobody say that something was queued.
  private let idle: Int64
  private let logger: Logger
  /// Unix milliseconds.
  private let now: @Sendable () -> Int64
  /// Batches put aside that are to be delivered once more.
  private let again = Mutex<[Int64]>([])
  private let disk = DiskWork("relay")

  /// Events of a batch, at most.
  static let batchEvents = 500
  /// Bytes of a body, at most, unless a single event has more: what a web server in between takes by default.
  static let batchBytes = 900_000
  /// Milliseconds from the first revision queued in an empty outbox to the look: a fold commits several times in a
  /// row, and every delivery of finals costs a commit more.
  static let gathering: Int64 = 20
  /// Milliseconds between notes in the store of how far the destination has been told, at least.
  static let keeping: Int64 = 10_000

  /// `source` of the events: the gateway's client id, `/`, and the log's UUID.
  public init(
    _ outbox: String, of store: LogStore, to destination: any Destination, source: String,
    asideLimit: PutAsideLimit = PutAsideLimit(), idle: Int64 = 1_000, logger: Logger = Logger(label: "relay"),
    now: @escaping @Sendable () -> Int64
  ) {
    self.outbox = outbox
    self.store = store
    queue = store.runningQueue(for: outbox)
    self.destination = destination
    self.source = source
    self.asideLimit = asideLimit
    self.idle = idle
    self.logger = logger
    self.now = now
  }

  /// Delivers a batch that was put aside once more, before what waits.
  public func resend(_ id: Int64) {
    again.withLock { $0.append(id) }
    store.outboxSignal.raise()
  }

  /// For people: where it delivers to.
  public var destinationName: String { destination.name }

  /// Running revisions that wait, those of a delivery under way among them.
  public var runningWaiting: Int { queue.count }

  /// Delivers until it is asked to stop. A delivery that is cut off is made again at the next start.
  public func run() async throws {
    await cancelWhenGracefulShutdown { await self.deliverAll() }
    await destination.close()
  }

  private func deliverAll() async {
    var backoff = Backoff()
    var generator = SystemRandomNumberGenerator()
    var kept = Kept()
    // What a run before this one was cut off with.
    queue.giveBack()
    while !Task.isCancelled {
      // Before the look: what is queued after it is not to be waited for.
      let raises = store.outboxSignal.raises
      let wait: Int64
      switch await turn(&kept) {
      case .delivered:
        backoff.succeed()
        continue
      case .empty:
        wait = await store.outboxSignal.wait(after: raises, atMost: idle) ? Relay.gathering : 0
      case .failed(let problem, let asked):
        guard !Task.isCancelled else { return }
        wait = backoff.fail(asked: asked, using: &generator)
        report(problem, failures: backoff.failures)
      }
      do { try await Task.sleep(for: .milliseconds(wait)) } catch { return }
    }
  }

  /// What the store has been told last of how far the destination is.
  private struct Kept {
    /// Log time, Unix milliseconds.
    var toldThrough: Int64?
    /// Unix milliseconds.
    var time: Int64?
  }

  private enum Turn {
    case empty
    case delivered
    case failed(problem: String, asked: Int64?)
  }

  private func turn(_ kept: inout Kept) async -> Turn {
    do throws(LogError) {
      if let id = again.withLock({ $0.first }) { return try await turn(putAside: id) }
      let waiting = try await disk.run { (_) throws(LogError) in try self.compose() }
      guard let (entries, batch) = waiting else {
        try await keepToldThrough(&kept)
        return .empty
      }
      guard batch.count > 0 else {
        queue.finish()
        return .delivered
      }
      switch await destination.deliver(batch) {
      case .accepted:
        queue.finish()
        let finals = entries.filter { $0.id > 0 }
        if !finals.isEmpty { try await disk.run { (_) throws(LogError) in try self.store.markSent(finals) } }
        noteAccepted(batch.count)
        return .delivered
      case .unavailable(let problem, let after):
        queue.giveBack()
        return .failed(problem: problem, asked: after)
      case .refused(let problem):
        let isAside = try await disk.run { (_) throws(LogError) in
          try self.store.putAside(
            entries, of: self.outbox, body: batch.body, reason: problem, now: self.now(), limit: self.asideLimit)
        }
        guard isAside else {
          queue.giveBack()
          return .failed(problem: "\(problem); no more refused batches are put aside until some are resent", asked: nil)
        }
        queue.finish()
        noteRefused(batch.count, problem)
        return .delivered
      }
    } catch {
      // Accepted, but not noted: the same events come again, and the core knows them.
      queue.giveBack()
      return .failed(problem: error.description, asked: nil)
    }
  }

  /// The same for a batch that was put aside. Revisions in it that are old by now change nothing at the other end.
  private func turn(putAside id: Int64) async throws(LogError) -> Turn {
    let aside = try await disk.run { (_) throws(LogError) in try self.store.batchPutAside(id) }
    if let aside, !aside.body.isEmpty {
      let batch = EventBatch(body: aside.body, count: Int(aside.events))
      switch await destination.deliver(batch) {
      case .accepted:
        try await disk.run { (_) throws(LogError) -> Void in _ = try self.store.forgetPutAside([id]) }
        noteAccepted(batch.count)
      case .unavailable(let problem, let after):
        return .failed(problem: problem, asked: after)
      case .refused(let problem):
        noteRefused(batch.count, problem)
      }
    }
    again.withLock { _ = $0.removeFirst() }
    return .delivered
  }

  /// Notes how far the destination has been told, now and then, so that a start need not tell it all again.
  private func keepToldThrough(_ kept: inout Kept) async throws(LogError) {
    let time = now()
    // A clock that was put back waits no longer than that.
    if let last = kept.time, time >= last, time < last + Relay.keeping { return }
    guard let mark = queue.toldThrough, mark != kept.toldThrough else { return }
    kept.toldThrough = try await disk.run { (_) throws(LogError) in try self.store.keepToldThrough(of: self.outbox) }
    kept.time = time
  }

  /// The first of the waiting revisions, as many as a batch may have; nil: none waits.
  private func compose() throws(LogError) -> (entries: [OutboxEntry], batch: EventBatch)? {
    guard let waiting = try takeFirst() else { return nil }
    var entries: [OutboxEntry] = []
    var items: [AggregateItem] = []
    entries.reserveCapacity(waiting.count)
    items.reserveCapacity(waiting.count)
    for entry in waiting {
      do {
        items.append(try AggregateItem(entry.aggregate))
        entries.append(entry)
      } catch {
        // Written by a version that knew more: kept, so that somebody sees it. A running one stays in its aggregate.
        if entry.id > 0 { try store.putAside([entry], of: outbox, body: [], reason: "\(error)", now: now()) }
        noteRefused(1, "\(error)")
      }
    }
    guard destination.postsBodies else { return (entries, EventBatch(items, source: source)) }
    let batch = EventBatch(composing: items, source: source, limit: Relay.batchBytes)
    let next = entries.dropFirst(batch.count)
    queue.giveBack(next.filter { $0.id == 0 }.map(\.aggregate.number))
    return (Array(entries.prefix(batch.count)), batch)
  }

  /// The first of the finals and of the running revisions, those of single devices and students after all others. Where
  /// both wait each has half of the batch, so that neither stands in the other's way. nil: none waits.
  private func takeFirst() throws(LogError) -> [OutboxEntry]? {
    let finals = try store.outboxBatch(for: outbox, limit: Relay.batchEvents)
    var entries: [OutboxEntry] = []
    var room = Relay.batchEvents
    for isBulk in [false, true] {
      let own = finals.filter { Outbox.isBulk($0.aggregate.kind, $0.aggregate.scope) == isBulk }
      let running = queue.take(room - min(own.count, room / 2), isBulk: isBulk)
      let first = own.prefix(room - running.count)
      // Read after they were taken: what is revised meanwhile is queued anew.
      entries += first
      entries += try store.runningRevisions(running)
      room -= first.count + running.count
    }
    return room < Relay.batchEvents ? entries : nil
  }

  // MARK: What people see

  private func noteAccepted(_ count: Int) {
    let before = status.current
    if before.problem != nil {
      logger.notice("aggregates are taken again", metadata: ["destination": "\(destination.name)"])
    }
    let time = now()
    status.update {
      $0.batches += 1
      $0.events += Int64(count)
      $0.failures = 0
      $0.problem = nil
      $0.lastAccepted = time
    }
  }

  private func noteRefused(_ count: Int, _ problem: String) {
    logger.error(
      "aggregates were refused and are put aside: \(problem)",
      metadata: ["destination": "\(destination.name)", "events": "\(count)"])
    status.update {
      $0.refused += Int64(count)
      $0.failures = 0
      $0.problem = problem
    }
  }

  private func report(_ problem: String, failures: Int) {
    let isNews = status.current.problem != problem
    status.update {
      $0.failures = failures
      $0.problem = problem
    }
    if isNews {
      logger.warning(
        "aggregates wait, intake goes on: \(problem); trying again", metadata: ["destination": "\(destination.name)"])
    }
  }
}
