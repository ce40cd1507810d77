import Foundation
import Logging
import ReadingLog
import ServiceLifecycle
import Synchronization

/// Takes what waits in the outbox for one destination, delivers it in order and in batches, and takes it out only once
/// it has been accepted: at least once, and known by its event ids. What is refused for good is put aside, visibly and
/// up to a limit; everything else is tried again for ever. The log never waits for it.
public final class Relay: Service {
  /// The name under which the outbox keeps what this destination has still to be told.
  public let outbox: String
  public let status = RelayStatus()
  private let store: LogStore
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
  /// row, and every delivery costs two commits more.
  static let gathering: Int64 = 20

  /// `source` of the events: the gateway's client id, `/`, and the log's UUID.
  public init(
    _ outbox: String, of store: LogStore, to destination: any Destination, source: String,
    asideLimit: PutAsideLimit = PutAsideLimit(), idle: Int64 = 1_000, logger: Logger = Logger(label: "relay"),
    now: @escaping @Sendable () -> Int64
  ) {
    self.outbox = outbox
    self.store = store
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

  /// Delivers until it is asked to stop. A delivery that is cut off is made again at the next start.
  public func run() async throws {
    await cancelWhenGracefulShutdown { await self.deliverAll() }
    await destination.close()
  }

  private func deliverAll() async {
    var backoff = Backoff()
    var generator = SystemRandomNumberGenerator()
    while !Task.isCancelled {
      // Before the look: what is queued after it is not to be waited for.
      let raises = store.outboxSignal.raises
      let wait: Int64
      switch await turn() {
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

  private enum Turn {
    case empty
    case delivered
    case failed(problem: String, asked: Int64?)
  }

  private func turn() async -> Turn {
    do throws(LogError) {
      if let id = again.withLock({ $0.first }) { return try await turn(putAside: id) }
      let waiting = try await disk.run { (_) throws(LogError) in try self.compose() }
      guard let (entries, batch) = waiting else { return .empty }
      guard batch.count > 0 else { return .delivered }
      switch await destination.deliver(batch) {
      case .accepted:
        try await disk.run { (_) throws(LogError) in try self.store.markSent(entries) }
        noteAccepted(batch.count)
        return .delivered
      case .unavailable(let problem, let after):
        return .failed(problem: problem, asked: after)
      case .refused(let problem):
        let isAside = try await disk.run { (_) throws(LogError) in
          try self.store.putAside(
            entries, of: self.outbox, body: batch.body, reason: problem, now: self.now(), limit: self.asideLimit)
        }
        guard isAside else {
          return .failed(problem: "\(problem); no more refused batches are put aside until some are resent", asked: nil)
        }
        noteRefused(batch.count, problem)
        return .delivered
      }
    } catch {
      // Accepted, but not noted: the same events come again, and the core knows them.
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

  /// The first of the waiting revisions, as many as a batch may have; nil: none waits.
  private func compose() throws(LogError) -> (entries: [OutboxEntry], batch: EventBatch)? {
    let waiting = try store.outboxBatch(for: outbox, limit: Relay.batchEvents)
    guard !waiting.isEmpty else { return nil }
    var entries: [OutboxEntry] = []
    var items: [AggregateItem] = []
    entries.reserveCapacity(waiting.count)
    items.reserveCapacity(waiting.count)
    for entry in waiting {
      do {
        items.append(try AggregateItem(entry.aggregate))
        entries.append(entry)
      } catch {
        // Written by a version that knew more: kept, so that somebody sees it.
        try store.putAside([entry], of: outbox, body: [], reason: "\(error)", now: now())
        noteRefused(1, "\(error)")
      }
    }
    guard destination.postsBodies else { return (entries, EventBatch(items, source: source)) }
    let batch = EventBatch(composing: items, source: source, limit: Relay.batchBytes)
    return (Array(entries.prefix(batch.count)), batch)
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
