/// Takes the plan of the campus or of the load, gives each device its readings as their time comes, commits frames.
///
/// Which reading is in which frame depends on simulated time alone, however late this thread runs.
struct ReadingSource {
  private let plan: RunPlan
  private let agents: [DeviceAgent]
  private let byIndex: [Int32: DeviceAgent]
  private var life: LifeCursor?
  private var load: LoadCursor?
  private var reboots: RebootQueue
  /// Devices with an open frame, in the order the frames were begun.
  private var open: [(agent: DeviceAgent, since: Int64)] = []
  private var openHead = 0
  /// Devices whose outbox got something since the last `takeTouched`.
  private var touched: [DeviceAgent] = []
  private(set) var isFinished = false
  /// More than the largest frame of a life takes in an outbox.
  private static let frameBytes = 1_024

  init(plan: RunPlan, lane: Int, agents: [DeviceAgent]) {
    self.plan = plan
    self.agents = agents
    byIndex = Dictionary(uniqueKeysWithValues: agents.map { ($0.index, $0) })
    reboots = RebootQueue(plan: plan, agents: agents)
    switch plan.source {
    case .life(let days): life = LifeCursor(days: days, lane: lane, start: plan.clock.start)
    case .load(let load): self.load = LoadCursor(load, plan: plan, agents: agents)
    }
  }

  mutating func takeTouched() -> [DeviceAgent] {
    defer { touched.removeAll(keepingCapacity: true) }
    return touched
  }

  /// Lets happen what happens up to now.
  mutating func advance(to now: Int64, _ work: LaneWork) {
    let time = plan.clock.time(at: now)
    guard load == nil else { return advanceLoad(time, now, work) }
    let isDone = advanceLife(min(time, plan.endTime ?? .max), now, work)
    if let end = plan.endTime, time >= end, isDone { finish(now, work) }
  }

  /// Nothing happens any more: what was collected is committed.
  mutating func finish(_ now: Int64, _ work: LaneWork) {
    while openHead < open.count {
      commit(open[openHead].agent, now, work)
      openHead += 1
    }
    open.removeAll()
    isFinished = true
  }

  /// False where an outbox is full and the rest of what happens before `time` waits for it.
  private mutating func advanceLife(_ time: Int64, _ now: Int64, _ work: LaneWork) -> Bool {
    while true {
      let event = life?.next(before: time)
      let reboot = reboots.next(before: min(time, event?.time ?? .max))
      let instant = reboot?.time ?? event?.time ?? time
      closeFrames(before: instant, now, work)
      if let reboot {
        restart(reboot, now, work)
      } else if let event {
        guard hasRoom(for: event) else {
          work.counts.stalls += 1
          return false
        }
        collect(event, now, work)
        life?.pass()
      } else {
        return true
      }
    }
  }

  private func hasRoom(for event: PlannedReading) -> Bool {
    guard plan.waitsForRoom, let agent = byIndex[event.device] else { return true }
    return agent.hasRoom(Self.frameBytes)
  }

  private mutating func restart(_ reboot: RebootQueue.Reboot, _ now: Int64, _ work: LaneWork) {
    reboots.pass()
    reboot.agent.reboot(keeps: reboot.keeps, now: now, work)
    touched.append(reboot.agent)
  }

  private mutating func collect(_ reading: PlannedReading, _ now: Int64, _ work: LaneWork) {
    guard let agent = byIndex[reading.device] else { return }
    if agent.open.isEmpty {
      agent.openSince = reading.time
      open.append((agent, reading.time))
    }
    agent.open.append(reading)
    if agent.open.count >= RunPlan.readingsPerFrame { commit(agent, now, work) }
  }

  private mutating func closeFrames(before time: Int64, _ now: Int64, _ work: LaneWork) {
    while openHead < open.count, open[openHead].since + plan.frameWindow <= time {
      let (agent, since) = open[openHead]
      // Committed in the meantime because it was full, perhaps begun again.
      if !agent.open.isEmpty, agent.openSince == since { commit(agent, now, work) }
      openHead += 1
    }
    if openHead > 64, openHead * 2 > open.count {
      open.removeFirst(openHead)
      openHead = 0
    }
  }

  private mutating func commit(_ agent: DeviceAgent, _ now: Int64, _ work: LaneWork) {
    guard !agent.open.isEmpty else { return }
    agent.commit(now, work)
    touched.append(agent)
  }

  private mutating func advanceLoad(_ time: Int64, _ now: Int64, _ work: LaneWork) {
    // A turn commits no more than this, so that connections are served in between.
    var left = 2_000
    while left > 0, let next = load?.next(before: time) {
      while let reboot = reboots.next(before: next.time) { restart(reboot, now, work) }
      guard next.agent.hasRoom(next.bytes) else {
        work.counts.stalls += 1
        return
      }
      load?.fill(next)
      commit(next.agent, now, work)
      left -= 1
    }
    if load?.isFinished == true { finish(now, work) }
  }
}
