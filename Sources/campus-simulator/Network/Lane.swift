import Foundation

/// One thread: generates the readings of its devices, drives their connections, writes their lines of the ledger.
///
/// Everything it touches belongs to it alone; the board and the ledger are locked once a turn.
final class Lane {
  enum Phase {
    case generating
    case draining(until: Int64)
    case closing(until: Int64)
  }

  private static let connectMilliseconds: Int64 = 15_000
  private static let closeMilliseconds: Int64 = 2_000

  let number: Int
  let plan: RunPlan
  let work: LaneWork
  /// By position among all devices of the run; `nil` for those of other lanes.
  private var connectionOf: [Int32: Connection] = [:]
  private var connections: [Connection] = []
  private var source: ReadingSource
  private var polled: [pollfd] = []
  private var phase = Phase.generating
  private var nextCut: Int64 = 0
  private var dice: Dice
  private let board: RunBoard

  init(number: Int, plan: RunPlan, board: RunBoard) throws {
    self.number = number
    self.plan = plan
    self.board = board
    work = LaneWork(plan: plan)
    dice = Dice(plan.seed, .network, -1 - number)
    let now = SimulatedClock.monotonic
    var agents: [DeviceAgent] = []
    for connection in 0..<plan.connections where plan.lane(ofConnection: connection) == number {
      let indices = stride(from: connection, to: plan.devices.count, by: plan.connections)
      let mine = indices.map { DeviceAgent(plan.devices[$0], index: Int32($0), plan: plan) }
      let made = try Connection(number: connection, agents: mine, work: work)
      for agent in mine {
        agent.start(keeps: false, now: now, work)
        connectionOf[agent.index] = made
      }
      agents += mine
      connections.append(made)
    }
    source = ReadingSource(
      plan: plan, lane: number, agents: agents.sorted { $0.index < $1.index })
  }

  /// Runs to the end: generate, drain, close.
  func run() {
    while true {
      let now = SimulatedClock.monotonic
      advance(now)
      turnWheel(now)
      for connection in connections { connection.turn(now) }
      cutNowAndThen(now)
      let otherFailed = flush()
      if otherFailed || isFinished(now) { break }
      wait()
    }
    for connection in connections { connection.disconnect() }
    _ = flush()
    board.finish(work.latency)
  }

  private func advance(_ now: Int64) {
    let stops = stopRequests.load(ordering: .relaxed)
    if stops > 1 { phase = .closing(until: now) }
    switch phase {
    case .generating:
      checkConnections(now)
      if stops > 0 {
        source.finish(now, work)
      } else {
        source.advance(to: now, work)
      }
      for agent in source.takeTouched() { connectionOf[agent.index]?.list(agent) }
      if source.isFinished { phase = .draining(until: now + plan.drainMilliseconds) }
    case .draining(let until):
      checkConnections(now)
      let isDrained = work.counts.waiting == 0 && connections.allSatisfy(\.isQuiet)
      if isDrained || now >= until { close(now) }
    case .closing: break
    }
  }

  /// A broker that refuses us, or that never answered, ends the run; one that went away is waited for.
  private func checkConnections(_ now: Int64) {
    for connection in connections {
      if let refusal = connection.refusal {
        board.fail(.cannotRun("\(plan.broker.host):\(plan.broker.port) refused us: \(refusal)"))
      } else if !connection.wasUp, now - plan.clock.beganAt > Self.connectMilliseconds {
        board.fail(
          .cannotRun("\(plan.broker.host):\(plan.broker.port) does not answer as a broker"))
      }
    }
  }

  private func close(_ now: Int64) {
    for connection in connections where connection.state == .up {
      connection.publishState("offline")
    }
    phase = .closing(until: now + Self.closeMilliseconds)
  }

  private func isFinished(_ now: Int64) -> Bool {
    guard case .closing(let until) = phase else { return false }
    return now >= until || connections.allSatisfy { $0.state != .up || $0.isQuiet }
  }

  private func turnWheel(_ now: Int64) {
    var due: [Int32] = []
    work.wheel.turn(to: now) { due.append($0) }
    for index in due {
      guard let connection = connectionOf[index], let agent = connection.agent(index) else {
        continue
      }
      connection.list(agent)
    }
  }

  private func cutNowAndThen(_ now: Int64) {
    guard plan.misbehaviour.dropConnection > 0, now >= nextCut else { return }
    nextCut = now + 1_000
    for connection in connections where dice.chance(plan.misbehaviour.dropConnection) {
      connection.cut()
    }
  }

  /// Hands over this turn's lines and counts; true if another lane has failed.
  private func flush() -> Bool {
    if !work.ledger.isEmpty {
      plan.ledger?.append(work.ledger.bytes)
      work.ledger.removeAll()
    }
    return board.post(work.counts, lane: number)
  }

  private func wait() {
    polled.removeAll(keepingCapacity: true)
    var isBusy = false
    for connection in connections {
      let events = connection.wantsToWrite ? POLLIN | POLLOUT : POLLIN
      polled.append(pollfd(fd: connection.socket, events: Int16(events), revents: 0))
      if connection.hasReady { isBusy = true }
    }
    let timeout: Int32 = isBusy ? 0 : plan.isLoad ? 2 : 10
    guard poll(&polled, nfds_t(polled.count), timeout) > 0 else { return }
    let now = SimulatedClock.monotonic
    let readable = Int16(POLLIN | POLLERR | POLLHUP)
    for (index, entry) in polled.enumerated() where entry.revents & readable != 0 {
      connections[index].read(now)
    }
  }
}
