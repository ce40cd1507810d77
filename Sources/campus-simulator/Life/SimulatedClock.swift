import CPlatform

/// Simulated time: runs `speed` times as fast as real time, and never ahead of it.
struct SimulatedClock: Sendable {
  /// Simulated time at the beginning, as the timetable has it.
  let start: Int64
  /// What is taken off the timetable's times so that nothing happens in the real future: whole weeks.
  let shift: Int64
  let speed: Double
  /// Monotonic milliseconds at the beginning, a moment after the connections are opened.
  let beganAt: Int64
  /// Unix milliseconds at the beginning.
  let unixAtBegin: Int64

  init(start: Int64, speed: Double, seconds: Double?, leadIn: Int64) {
    let unix = platform_unix_ns() / 1_000_000 + leadIn
    let needed = Int64((seconds ?? 0) * 1_000 * (speed - 1))
    let ahead = start + max(0, needed) - unix
    let weeks = ahead > 0 ? (ahead + LocalDay.weekMilliseconds - 1) / LocalDay.weekMilliseconds : 0
    self.start = start
    shift = weeks * LocalDay.weekMilliseconds
    self.speed = speed
    beganAt = Self.monotonic + leadIn
    unixAtBegin = unix
  }

  static var monotonic: Int64 { platform_monotonic_ns() / 1_000_000 }

  /// The timetable's time at a monotonic instant.
  func time(at now: Int64) -> Int64 {
    let elapsed = now - beganAt
    return min(start + Int64(Double(elapsed) * speed), unixAtBegin + elapsed + shift)
  }

  /// The monotonic instant before which the timetable's time is not that late; half a minute at most from `now`.
  func monotonic(at time: Int64, now: Int64) -> Int64 {
    let wait = Double(max(0, time - self.time(at: now))) / speed
    return now + 1 + Int64(min(wait, 30_000))
  }

  /// Real (Unix) milliseconds at a monotonic instant.
  func unix(at now: Int64) -> Int64 { unixAtBegin + (now - beganAt) }
}
