/// Which devices to ask again when: 256 spokes of 64 ms. A device may stand in it more than once.
struct TimerWheel {
  private static let spokeMilliseconds: Int64 = 64
  private static let spokes = 256

  private var wheel = [[Int32]](repeating: [], count: spokes)
  private var turned: Int64

  init(now: Int64) { turned = now / Self.spokeMilliseconds }

  /// Later than the wheel reaches, the device is asked in vain once and put back.
  mutating func add(_ device: Int32, at time: Int64) {
    let spoke = min(
      max(time / Self.spokeMilliseconds + 1, turned + 1), turned + Int64(Self.spokes) - 1)
    wheel[Int(spoke % Int64(Self.spokes))].append(device)
  }

  /// Turns the wheel to `now`; `body` gets each device that is due.
  mutating func turn(to now: Int64, _ body: (Int32) -> Void) {
    let target = now / Self.spokeMilliseconds
    while turned < target {
      turned += 1
      let spoke = Int(turned % Int64(Self.spokes))
      guard !wheel[spoke].isEmpty else { continue }
      for device in wheel[spoke] { body(device) }
      wheel[spoke].removeAll(keepingCapacity: true)
    }
  }
}
