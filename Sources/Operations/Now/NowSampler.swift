import Aggregation
import Dispatch
import Ingest
import Logging
import ReadingLog
import ServiceLifecycle
import Synchronization

/// Looks at the gateway once a second, and publishes what it sees: to whoever asks, to the event streams, and to the
/// metrics. However many look on, the gateway is looked at once.
final class NowSampler: Service, @unchecked Sendable {
  /// Milliseconds between device books.
  static let bookInterval: Int64 = 10_000
  /// Milliseconds between counts of what is open, unless counting takes long.
  static let figuresInterval: Int64 = 2_000
  /// A count may take this part of the time.
  static let costShare: Int64 = 200
  /// Milliseconds after which a snapshot says that nothing can be seen any more.
  static let staleAfter: Int64 = 6_000

  private struct Latest {
    var snapshot: Snapshot?
    /// nil: nobody has asked for it yet.
    var json: ContiguousArray<UInt8>?
  }

  private let parts: GatewayParts
  private let hub: EventHub
  private let metrics: GatewayMetrics
  private let logger: Logger
  private let queue = DispatchQueue(label: "operations.sample")
  private let latest = Mutex(Latest())
  private let latestBook = Mutex(DeviceBook())
  let startedAt: Int64

  // Sendable by confinement: everything below is touched on the queue only.
  private let watch: DeviceWatch
  private let changes: ChangeWatch
  private var readiness = Readiness()
  private var pulse = LogStore.Pulse()
  private var totals: (ledger: Ledger, rejections: [(reason: String, count: Int64)]) = (Ledger(), [])
  private var totalsTakenAt = Int64.min / 2
  private var countedCommits: Int64 = -1
  private var figures = Snapshot.Figures()
  private var figuresDueAt = Int64.min / 2
  private var bookDueAt = Int64.min / 2
  private var devices = Snapshot.DeviceCounts()
  private var last = IntakeStatus.Values()
  private var history: [Sample] = []
  private var latencies: [LatencyHistogram] = []
  private var seconds = 0
  private var problem: String?
  private var problemSince: Int64 = 0
  private var warningsDueAt = Int64.min / 2
  private var changesProblem: String?

  init(_ parts: GatewayParts, hub: EventHub, metrics: GatewayMetrics, logger: Logger) {
    self.parts = parts
    self.hub = hub
    self.metrics = metrics
    self.logger = logger
    watch = DeviceWatch(parts)
    changes = ChangeWatch(parts)
    startedAt = parts.now()
  }

  /// The last look; nil: there was none yet.
  var current: Snapshot? { latest.withLock { $0.snapshot } }

  /// The Now object with its history: composed once a look, for all who ask until the next.
  var currentJSON: ContiguousArray<UInt8>? {
    latest.withLock { latest -> ContiguousArray<UInt8>? in
      if latest.json == nil { latest.json = latest.snapshot?.json(withHistory: true).bytes }
      return latest.json
    }
  }

  var book: DeviceBook { latestBook.withLock { $0 } }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        await self.look()
        do { try await Task.sleep(for: .milliseconds(1_000 - self.parts.now() % 1_000)) } catch { return }
      }
    }
  }

  private func look() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      queue.async {
        self.lookNow()
        continuation.resume()
      }
    }
  }

  private func lookNow() {
    let now = parts.now()
    let intake = parts.intake.status.current
    do {
      try lookAtStore(now, intake)
      if problem != nil { logger.notice("the page sees the store again") }
      problem = nil
    } catch {
      let text = "\(error)"
      if text != problem { logger.warning("the page shows what it saw last: \(text)") }
      if problem == nil { problemSince = now }
      problem = text
    }
    // The diagnosis core's store is another: while it cannot be read, everything else is seen as ever.
    do {
      try lookAtChanges(now)
      changesProblem = nil
    } catch {
      let text = "\(error)"
      if text != changesProblem { logger.warning("the page does not see what changes: \(text)") }
      changesProblem = text
    }
    note(intake, now)
    let snapshot = makeSnapshot(intake, now)
    latest.withLock { $0 = Latest(snapshot: snapshot) }
    metrics.publish(snapshot, streams: hub.count, startedAt: startedAt)
    publish(snapshot)
  }

  // MARK: What is seen

  private func lookAtStore(_ now: Int64, _ intake: IntakeStatus.Values) throws {
    pulse = try parts.store.pulse()
    // Replays change the ledger without a batch: they show within ten seconds.
    if intake.commits != countedCommits || now - totalsTakenAt >= NowSampler.bookInterval {
      totals = try parts.store.totals()
      totalsTakenAt = now
      countedCommits = intake.commits
    }
    if now >= figuresDueAt {
      let begin = parts.now()
      try count()
      let cost = max(0, parts.now() - begin)
      figuresDueAt = now + max(NowSampler.figuresInterval, min(60_000, cost * NowSampler.costShare))
    }
    if now >= bookDueAt {
      let begin = parts.now()
      let book = try watch.look(now: now)
      devices = book.counts
      latestBook.withLock { $0 = book }
      let cost = max(0, parts.now() - begin)
      bookDueAt = now + max(NowSampler.bookInterval, min(60_000, cost * NowSampler.costShare))
    }
  }

  private func count() throws {
    let open = try parts.store.openFigures()
    figures.held = open.held
    figures.missing = open.missing
    figures.outbox = try parts.store.outboxStatus()
  }

  private func lookAtChanges(_ now: Int64) throws {
    let hasChanges = try changes.look(now: now, withMeetings: hub.count > 0)
    guard hasChanges || now >= warningsDueAt else { return }
    let begin = parts.now()
    if let core = parts.core { figures.warnings = try core.openCounts() }
    let cost = max(0, parts.now() - begin)
    warningsDueAt = now + max(NowSampler.figuresInterval, min(60_000, cost * NowSampler.costShare))
  }

  private func note(_ intake: IntakeStatus.Values, _ now: Int64) {
    var sample = Sample(time: now)
    sample.ledger = intake.sinceStart.less(last.sinceStart)
    sample.readings = intake.readings - last.readings
    last = intake
    history.append(sample)
    if history.count > Snapshot.historySeconds { history.removeFirst() }
    latencies.append(intake.latency)
    if latencies.count > Snapshot.historySeconds { latencies.removeFirst() }
  }

  private func makeSnapshot(_ intake: IntakeStatus.Values, _ now: Int64) -> Snapshot {
    let relays = parts.relays.map { (name: $0.outbox, status: $0.status.current) }
    var seen = Readiness.Seen(now: now)
    seen.isSuspended = intake.isSuspended
    seen.isDiskFull = intake.isDiskFull
    seen.problem = intake.problem
    seen.unreadable = problem.map { (problem: $0, since: problemSince) }
    seen.isOnline = intake.isOnline
    seen.lastHeard = intake.lastHeard
    seen.oldestUnacknowledged = intake.oldestUnacknowledged
    seen.cursors = pulse.cursors.map { (name: $0.name, row: $0.row, lag: max(0, pulse.lastRow - $0.row)) }
    seen.relays = relays.map { relay in
      let finals = figures.outbox.first { $0.destination == relay.name }?.finals ?? 0
      return (name: relay.name, finals: finals, problem: relay.status.problem)
    }
    let path = parts.store.path
    return Snapshot(
      time: now, version: parts.version, uptimeSeconds: max(0, now - startedAt) / 1_000, intake: intake,
      lanes: parts.lanes, pulse: pulse, ledger: totals.ledger, rejections: totals.rejections, figures: figures,
      devices: devices, relays: relays, history: history,
      latency: intake.latency.since(latencies.first ?? LatencyHistogram()), usage: ProcessUsage.current(),
      storeBytes: ProcessUsage.bytes(ofStore: path), diskFreeBytes: ProcessUsage.bytesFree(at: path),
      reasons: readiness.judge(seen))
  }

  // MARK: Who is told

  private func publish(_ snapshot: Snapshot) {
    seconds += 1
    let (warnings, hasMeetings) = changes.take()
    guard hub.count > 0 else { return }
    // Who joined before the first look has not been given any history.
    let isFirst = snapshot.history.count == 1
    hub.publish(ServerEvent.encode("now", snapshot.json(withHistory: isFirst).bytes))
    if !warnings.isEmpty {
      let data = JSON.object([("changed", .array(warnings.map { JSON.integer($0) }))])
      hub.publish(ServerEvent.encode("warnings", data.bytes))
    }
    if hasMeetings { hub.publish(ServerEvent.encode("meetings", JSON.object([("changed", .bool(true))]).bytes)) }
    if seconds % 15 == 0 { hub.publish(ServerEvent.heartbeat) }
  }
}

extension Ledger {
  fileprivate func less(_ other: Ledger) -> Ledger {
    var rest = self
    rest.received -= other.received
    rest.stored -= other.stored
    rest.duplicate -= other.duplicate
    rest.quarantined -= other.quarantined
    rest.rejected -= other.rejected
    return rest
  }
}
