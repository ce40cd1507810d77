/// The even load: frame n belongs to device n modulo the devices, and comes n / rate seconds after the beginning.
struct LoadCursor {
  struct Next {
    var agent: DeviceAgent
    var number: Int
    var time: Int64
    /// Room it needs in the outbox.
    var bytes: Int
  }

  private let load: Load
  private let seed: UInt64
  private let start: Int64
  private let devices: Int
  private let limit: Int
  private let agents: [DeviceAgent]
  private var round = 0
  private var position = 0

  init(_ load: Load, plan: RunPlan, agents: [DeviceAgent]) {
    self.load = load
    self.agents = agents
    seed = plan.seed
    start = plan.clock.start
    devices = plan.devices.count
    limit = load.frames ?? .max
  }

  private var number: Int { round * devices + Int(agents[position].index) }

  var isFinished: Bool { agents.isEmpty || round * devices + Int(agents[0].index) >= limit && position == 0 }

  /// The next frame of this lane, if it is due before `time`.
  mutating func next(before time: Int64) -> Next? {
    guard !agents.isEmpty else { return nil }
    if number >= limit {
      // The round is cut short: the devices behind have no frame in it.
      if position > 0 { endRound() }
      return nil
    }
    let due = start + Int64(Double(number) * 1_000 / load.framesPerSecond)
    guard due < time else { return nil }
    return Next(agent: agents[position], number: number, time: due, bytes: load.frameBytes)
  }

  /// Gives the device the readings of the frame.
  mutating func fill(_ next: Next) {
    for index in 0..<load.readingsPerFrame { next.agent.open.append(reading(next, index)) }
    position += 1
    if position == agents.count { endRound() }
  }

  private mutating func endRound() {
    position = 0
    round += 1
  }

  private func reading(_ next: Next, _ index: Int) -> PlannedReading {
    var dice = Dice(seed, .load, next.number, index)
    var reading = PlannedReading(time: next.time, device: next.agent.index, kind: .checkin)
    reading.person = load.people > 0 ? Int32(dice.below(load.people)) : -1 - Int32(dice.below(100_000))
    switch next.agent.device.role {
    case .terminal: break
    case .reader:
      reading.kind = .passage
      reading.detail = UInt8(dice.below(2))
    case .kiosk:
      reading.kind = .response
      reading.item = UInt32(1 + dice.below(4))
      reading.score = Int32(1 + dice.below(5))
      reading.ballot = dice.next()
    }
    return reading
  }
}
