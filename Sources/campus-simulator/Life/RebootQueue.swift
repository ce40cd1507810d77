/// When which device reboots: exponential gaps of simulated time, from the seed.
struct RebootQueue {
  struct Reboot {
    var time: Int64
    var agent: DeviceAgent
    var keeps: Bool
  }

  /// Of ten reboots three lose what the RAM held.
  private static let keepShare = 0.7

  private let plan: RunPlan
  /// The earliest last.
  private var queue: [Reboot] = []

  init(plan: RunPlan, agents: [DeviceAgent]) {
    self.plan = plan
    guard plan.misbehaviour.reboots > 0 else { return }
    queue = agents.map { reboot($0, number: 1, after: plan.clock.start) }
    queue.sort { Self.precedes($1, $0) }
  }

  private static func precedes(_ left: Reboot, _ right: Reboot) -> Bool {
    (left.time, left.agent.index) < (right.time, right.agent.index)
  }

  private func reboot(_ agent: DeviceAgent, number: UInt32, after time: Int64) -> Reboot {
    var dice = Dice(
      plan.seed, .reboot, stableHash(agent.device.name.description), Int(number))
    // Hour by hour a die is thrown: the same as exponential, without a logarithm.
    var hours = dice.unit()
    while hours < 10_000, !dice.chance(plan.misbehaviour.reboots) { hours += 1 }
    return Reboot(
      time: time + Int64(hours * 3_600_000 / plan.rebootHaste), agent: agent, keeps: dice.chance(Self.keepShare))
  }

  func next(before time: Int64) -> Reboot? {
    guard let next = queue.last, next.time < time else { return nil }
    return next
  }

  /// Removes the next reboot and puts in the device's one after.
  mutating func pass() {
    guard let done = queue.popLast() else { return }
    let following = reboot(done.agent, number: done.agent.boot + 1, after: done.time)
    var low = 0
    var high = queue.count
    while low < high {
      let middle = (low + high) / 2
      if Self.precedes(queue[middle], following) { high = middle } else { low = middle + 1 }
    }
    queue.insert(following, at: low)
  }
}
