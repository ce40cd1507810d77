import CMosquitto
import CPlatform
import Foundation
import Logging
import ReadingLog
import ServiceLifecycle

/// The hot path: one connection, one thread, run to completion. Takes what the socket has, commits it, and only
/// then lets the PUBACKs and receipts leave. No queue, no hop between threads a message; while it commits, the
/// kernel's buffer fills, so batches grow with load by themselves and the broker sees back-pressure.
public final class Lane: Service, @unchecked Sendable {
  private let options: BrokerOptions
  private let intake: Intake
  private let logger: Logger
  private let event: Int32
  private let lock = NSLock()
  private var isStopping = false
  private var isConnecting = false
  private var continuation: CheckedContinuation<Void, any Error>?
  /// Whether the thread turns; for a watchdog.
  public let pulse = Pulse()

  public init(_ options: BrokerOptions, intake: Intake, logger: Logger) {
    self.options = options
    self.intake = intake
    self.logger = logger
    event = platform_event_make()
  }

  deinit { Glibc.close(event) }

  public func run() async throws {
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await withCheckedThrowingContinuation { continuation in
        lock.withLock { self.continuation = continuation }
        let thread = Thread { [self] in
          // Foundation's name does not reach the system, where profilers look for it.
          platform_name_thread("lane")
          if var body = LaneBody(self) {
            finish(body.run())
          } else {
            finish("libmosquitto could not make a client")
          }
        }
        thread.start()
      }
    } onCancelOrGracefulShutdown: {
      self.stop()
    }
  }

  public func stop() {
    let isBlocked = lock.withLock {
      isStopping = true
      return isConnecting
    }
    platform_event_raise(event)
    // A thread inside the system's connect holds no batch: it need not be waited for.
    if isBlocked { finish(nil) }
  }

  private func finish(_ problem: String?) {
    let waiting = lock.withLock {
      defer { continuation = nil }
      return continuation
    }
    if let problem {
      waiting?.resume(throwing: LaneError(problem: problem))
    } else {
      waiting?.resume()
    }
  }

  /// The thread's own state.
  private struct LaneBody {
    let lane: Lane
    let session: BrokerSession
    let batch: IntakeBatch
    let feed: Feed
    var schedule: ReceiptSchedule
    var lastCommit: Int64 = 0
    var lastTick: Int64 = 0
    var lastRelease: Int64 = 0
    var connectedAt: Int64 = 0
    /// Frames wait for their device's rate.
    var hasWaiting = true
    /// Messages and answers of the broker when it was last listened for, when one last came, and when it was asked.
    var heard = 0
    var heardAt: Int64 = 0
    var askedAt: Int64 = 0
    /// Connections tried since one carried a commit or the subscriptions were granted.
    var attempts = 0
    /// The subscriptions of this connection are granted.
    var isOnline = false
    var isSuspended = false
    /// Additions to the registry of which the retained presence was asked for.
    var additions = 0

    /// Nanoseconds that messages gather in the socket at most, however long a batch stays open.
    static let gatherLimit: Int64 = 1_000_000
    /// Nanoseconds between looks at the frames that wait for their device's rate.
    static let releaseInterval: Int64 = 50_000_000
    /// Nanoseconds without a sign of a backlog after which there is none.
    static let backlogQuiet: Int64 = 5_000_000_000
    /// Nanoseconds without a word of the broker after which it is asked for one.
    static let askInterval: Int64 = 3_000_000_000
    /// Nanoseconds the broker has to accept connection and subscriptions.
    static let answerLimit: Int64 = 10_000_000_000
    /// Nanoseconds without a message after which a session that is left holds none.
    static let leavingQuiet: Int64 = 2_000_000_000

    init?(_ lane: Lane) {
      self.lane = lane
      let intake = lane.intake
      batch = IntakeBatch(
        registry: intake.registry.current, subjects: intake.subjects,
        maximumFrameBytes: intake.limits.frameBytes)
      let feed = Feed(batch)
      self.feed = feed
      guard let session = BrokerSession(lane.options, onMessage: { feed.take($0) }) else { return nil }
      self.session = session
      schedule = ReceiptSchedule(interval: intake.limits.receiptInterval)
    }

    /// nil: stopped as asked.
    mutating func run() -> String? {
      if let problem = session.configureTLS() { return "mqtt.tls: \(problem)" }
      while !lane.isAskedToStop {
        if isSuspended, !resume() { continue }
        if session.socket < 0 {
          connect()
          continue
        }
        turn()
        if lane.options.isLeaving { leaveIfDry() }
      }
      if !batch.isEmpty { commit() }
      if session.socket >= 0, !isSuspended {
        let end = platform_monotonic_ns() + 1_000_000_000
        while session.wantsWrite, session.flush(), session.wantsWrite, platform_monotonic_ns() < end {
          _ = platform_wait(session.socket, true, -1, 10_000_000)
        }
        session.close(limit: 1_000_000_000)
      }
      return nil
    }

    // MARK: One turn

    private mutating func turn() {
      let open = !batch.isEmpty
      // While a batch is open nothing may be written: every packet shares one queue with the PUBACKs. What could not
      // be written leaves before anything more is read.
      let mayWrite = !open && session.wantsWrite
      // An open batch was read until the socket was empty. What comes until its commit is due gathers there: waking
      // for each message would cost more than the message.
      var ready =
        open
        ? platform_wait(-1, false, lane.event, min(patience(open), LaneBody.gatherLimit))
        : platform_wait(session.socket, mayWrite, lane.event, patience(open))
      if open { ready |= Int32(PLATFORM_READABLE.rawValue) }
      lane.pulse.beat()
      if ready & Int32(PLATFORM_RAISED.rawValue) != 0 { platform_event_clear(lane.event) }
      if mayWrite, ready & Int32(PLATFORM_WRITABLE.rawValue) != 0 {
        if !session.flush() { return lost() }
      }
      var isDrained = true
      if ready & Int32(PLATFORM_READABLE.rawValue) != 0, open || !session.wantsWrite {
        if !open { begin() }
        feed.now = platform_unix_ns() / 1_000_000
        var before = session.messages
        repeat {
          before = session.messages
          guard session.readOne() else {
            if !batch.isEmpty { commit() }
            // A commit that failed has said so, and has let go of the connection itself.
            if !isSuspended { lost() }
            return
          }
          if session.messages & 63 == 0 { feed.now = platform_unix_ns() / 1_000_000 }
        } while session.messages > before && !batch.isFull(readings: lane.intake.limits.batchReadings)
        isDrained = session.messages == before
      }
      // A broker that says good-bye closes the connection without a fault.
      if session.problem != nil || session.socket < 0 { return lost() }
      let now = platform_monotonic_ns()
      if !batch.isEmpty {
        let isFull = batch.isFull(readings: lane.intake.limits.batchReadings)
        if isFull || (isDrained && now - lastCommit >= lane.intake.limits.commitInterval * 1_000_000) {
          commit()
        }
      } else {
        sendDueReceipts()
      }
      // Also where there is always something to read: while a frame waits, all that follows of its device waits too.
      if batch.isEmpty, !isSuspended, now - lastRelease >= LaneBody.releaseInterval { admitWaiting(now) }
      if isSuspended { return }
      // The broker sends its backlog before anything new. It is believed to be behind us when the socket runs
      // dry some time after the connection and after the last message that had waited.
      if isDrained, isOnline, !feed.caughtUp {
        feed.caughtUp =
          now - connectedAt >= LaneBody.backlogQuiet && feed.now - batch.lastWait >= LaneBody.backlogQuiet / 1_000_000
      }
      if !isOnline, session.state == .online { noteOnline() }
      if now - lastTick >= 1_000_000_000 {
        lastTick = now
        session.tick()
        if session.socket < 0 { return lost() }
        listen(now)
        learnPresence()
        // A kept session sends its backlog before it grants: what is committed is an answer too.
        if !isOnline, now - max(connectedAt, lastCommit) >= LaneBody.answerLimit {
          lost("the broker at \(lane.options.host):\(lane.options.port) does not answer; check that it is an MQTT 5.0 broker and not overloaded")
        }
      }
    }

    /// Notes that the broker is there. One that is connected and says nothing is asked something, long before
    /// keepalive would give it up: people are to learn of it within seconds.
    private mutating func listen(_ now: Int64) {
      let count = session.messages + session.answers
      if count != heard {
        heard = count
        heardAt = now
        let time = platform_unix_ns() / 1_000_000
        lane.intake.status.update { $0.lastHeard = time }
      } else if isOnline, batch.isEmpty, now - max(heardAt, askedAt) >= LaneBody.askInterval {
        askedAt = now
        session.ask()
      }
    }

    /// What a device said of its presence before it was registered was dropped, and is retained at the broker. Asks for
    /// it once a reload, however many devices that brought. The next batch goes by a registry at least as new.
    private mutating func learnPresence() {
      guard isOnline, !lane.options.isLeaving else { return }
      let count = lane.intake.registry.additions
      guard count != additions else { return }
      additions = count
      session.renewPresence()
    }

    /// How long to wait for the socket, nanoseconds.
    private func patience(_ open: Bool) -> Int64 {
      let now = platform_monotonic_ns()
      if open { return max(0, lastCommit + lane.intake.limits.commitInterval * 1_000_000 - now) }
      let tick = max(0, lastTick + 1_000_000_000 - now)
      if hasWaiting { return min(tick, LaneBody.releaseInterval) }
      guard let receipt = schedule.wait(now: now / 1_000_000) else { return tick }
      return min(tick, (receipt + 1) * 1_000_000)
    }

    /// Gives waiting frames their turn, between batches.
    private mutating func admitWaiting(_ now: Int64) {
      lastRelease = now
      let intake = lane.intake
      guard intake.limits.deviceFramesPerSecond > 0 || hasWaiting else { return }
      do throws(LogError) {
        let committed = try intake.admitWaiting(
          batch, schedule: &schedule, now: platform_unix_ns() / 1_000_000, monotonic: now / 1_000_000)
        hasWaiting = committed != nil || intake.limits.deviceFramesPerSecond > 0
        if let (ledger, receipts) = committed { finish(ledger, receipts, begin: now) }
      } catch {
        suspend(error)
      }
    }

    /// Waits for a stop, at most so many nanoseconds. Waiting frames go on having their turn: they need no broker.
    private mutating func pause(_ limit: Int64) {
      let end = platform_monotonic_ns() + limit
      while !lane.isAskedToStop, !isSuspended {
        let now = platform_monotonic_ns()
        guard now < end else { return }
        lane.pulse.beat(within: end - now + Pulse.turn)
        _ = platform_wait(-1, false, lane.event, hasWaiting ? min(end - now, LaneBody.releaseInterval) : end - now)
        platform_event_clear(lane.event)
        admitWaiting(platform_monotonic_ns())
      }
    }

    private func begin() {
      batch.registry = lane.intake.registry.current
    }

    private mutating func commit() {
      let now = platform_unix_ns() / 1_000_000
      lane.intake.status.update { $0.oldestUnacknowledged = batch.firstReceived }
      let begin = platform_monotonic_ns()
      do throws(LogError) {
        let (ledger, receipts) = try lane.intake.commit(
          batch, schedule: &schedule, now: now, monotonic: begin / 1_000_000)
        attempts = 0
        finish(ledger, receipts, begin: begin)
      } catch {
        suspend(error)
      }
    }

    /// After the commit: what it holds may be acknowledged.
    private mutating func finish(_ ledger: Ledger, _ receipts: [Intake.Outgoing], begin: Int64) {
      let committed = platform_unix_ns() / 1_000_000
      let microseconds = (platform_monotonic_ns() - begin) / 1_000
      lane.intake.status.update { status in
        status.sinceStart += ledger
        status.commits += 1
        status.readings += Int64(batch.readings)
        status.lastCommit = committed
        status.receipts += Int64(receipts.count)
        status.oldestUnacknowledged = nil
        batch.addLatency(committed: committed, to: &status.latency)
        status.kinds += batch.kinds
        for (index, count) in batch.rejections.enumerated() where count > 0 { status.rejections[index] += count }
        status.commitTimes.add(microseconds)
        status.batchMessages.add(Int64(batch.messages))
      }
      batch.removeAll()
      if session.socket >= 0 { write(receipts) }
      lastCommit = platform_monotonic_ns()
    }

    /// Everything queued leaves in as few segments as it fits in.
    private mutating func write(_ receipts: [Intake.Outgoing]) {
      platform_cork(session.socket, true)
      for receipt in receipts { session.publish(receipt.topic, receipt.payload) }
      let isAlive = session.wantsWrite ? session.flush() : true
      if session.socket >= 0 { platform_cork(session.socket, false) }
      if !isAlive { lost() }
    }

    private mutating func sendDueReceipts() {
      guard let wait = schedule.wait(now: platform_monotonic_ns() / 1_000_000), wait == 0 else { return }
      do throws(LogError) {
        let receipts = try lane.intake.dueReceipts(
          &schedule, now: platform_unix_ns() / 1_000_000, monotonic: platform_monotonic_ns() / 1_000_000)
        lane.intake.status.update { $0.receipts += Int64(receipts.count) }
        if session.socket >= 0, !receipts.isEmpty { write(receipts) }
      } catch {
        suspend(error)
      }
    }

    // MARK: Connection

    private mutating func connect() {
      if attempts > 0 {
        // Full jitter: a campus of gateways must not come back in one instant.
        let ceiling = min(30.0, 0.25 * Double(1 << min(attempts, 7)))
        let wait = Double.random(in: ceiling / 2...ceiling)
        pause(Int64(wait * 1e9))
        if lane.isAskedToStop || isSuspended { return }
      }
      attempts += 1
      guard lane.enterConnect() else { return }
      // A broker that swallows packets keeps the system's connect for minutes: no fault of this thread.
      lane.pulse.rest()
      let problem = session.connect()
      lane.pulse.beat()
      lane.leaveConnect()
      if let problem {
        report("cannot reach the broker at \(lane.options.host):\(lane.options.port): \(problem); check that it runs, mqtt.host and mqtt.port")
        return
      }
      feed.caughtUp = false
      connectedAt = platform_monotonic_ns()
      lastTick = connectedAt
    }

    /// Ends a session that no lane uses any more once it has given everything it held; then there is only a stop to
    /// wait for.
    private func leaveIfDry() {
      guard isOnline, batch.isEmpty, !session.wantsWrite,
        platform_monotonic_ns() - max(connectedAt, lastCommit) >= LaneBody.leavingQuiet
      else { return }
      session.end()
      do throws(LogError) { try lane.intake.store.forgetSession(lane.options.clientID) } catch {
        lane.logger.warning("the session \(lane.options.clientID) is looked for once more at the next start: \(error)")
      }
      lane.logger.notice("the broker's session \(lane.options.clientID), which no lane uses, has given what it held and is ended")
      lane.pulse.rest()
      while !lane.isAskedToStop { _ = platform_wait(-1, false, lane.event, 3_600_000_000_000) }
    }

    private mutating func noteOnline() {
      attempts = 0
      isOnline = true
      if lane.options.isLeaving { return }
      lane.logger.info(
        "online", metadata: [
          "broker": "\(lane.options.host):\(lane.options.port)",
          "session": "\(session.isSessionPresent ? "kept by the broker" : "new")",
        ])
      let time = platform_unix_ns() / 1_000_000
      lane.intake.status.update {
        $0.isOnline = true
        $0.problem = nil
        $0.lastHeard = time
      }
    }

    private mutating func lost(_ reason: String? = nil) {
      let problem = session.problem ?? reason ?? "the broker closed the connection"
      session.abandon()
      batch.removeAll()
      isOnline = false
      if !lane.isAskedToStop { report(problem) }
      lane.intake.status.update { $0.reconnects += 1 }
      attempts = max(attempts, 1)
    }

    private func report(_ problem: String) {
      if lane.options.isLeaving {
        if attempts <= 1 { lane.logger.warning("session \(lane.options.clientID): \(problem); trying again") }
        return
      }
      let isNews = lane.intake.status.current.problem != problem
      lane.intake.status.update {
        $0.isOnline = false
        $0.problem = problem
      }
      if isNews { lane.logger.warning("\(problem); trying again") }
    }

    // MARK: A commit that failed

    private mutating func suspend(_ error: LogError) {
      session.abandon()
      batch.removeAll()
      isOnline = false
      schedule.removeAll()
      isSuspended = true
      lane.intake.status.update {
        $0.isSuspended = true
        $0.isDiskFull = error.isFull
        $0.isOnline = false
        $0.problem = error.description
        // Nothing waits any more: the broker sends it again.
        $0.oldestUnacknowledged = nil
      }
      lane.logger.error("intake stands still, nothing is acknowledged: \(error)")
    }

    /// true: a trial commit succeeded, and memory is what the store holds.
    private mutating func resume() -> Bool {
      lane.pulse.beat()
      _ = platform_wait(-1, false, lane.event, 1_000_000_000)
      platform_event_clear(lane.event)
      if lane.isAskedToStop { return false }
      do throws(LogError) {
        try lane.intake.store.tryWriting(now: platform_unix_ns() / 1_000_000)
        try lane.intake.writer.recover()
      } catch {
        lane.intake.status.update {
          $0.isDiskFull = error.isFull
          $0.problem = error.description
        }
        return false
      }
      isSuspended = false
      attempts = 0
      lane.intake.status.update {
        $0.isSuspended = false
        $0.isDiskFull = false
        $0.problem = nil
        $0.oldestUnacknowledged = nil
      }
      lane.logger.notice("the store takes commits again: intake goes on")
      return true
    }
  }

  private var isAskedToStop: Bool { lock.withLock { isStopping } }

  private func enterConnect() -> Bool {
    lock.withLock {
      isConnecting = !isStopping
      return isConnecting
    }
  }

  private func leaveConnect() { lock.withLock { isConnecting = false } }
}

/// Joins the session's callback to the batch.
final class Feed {
  private let batch: IntakeBatch
  /// Unix milliseconds, refreshed every few messages.
  var now: Int64 = 0
  /// The socket was empty once since the connection: the broker's backlog is behind us.
  var caughtUp = false

  init(_ batch: IntakeBatch) { self.batch = batch }

  @inline(__always)
  func take(_ message: BrokerSession.Message) {
    batch.take(
      topic: message.topic, payload: message.payload, expiryLeft: message.expiryLeft, caughtUp: caughtUp,
      isRetained: message.isRetained, now: now)
  }
}

public struct LaneError: Error, CustomStringConvertible {
  public var problem: String
  public var description: String { problem }
}
