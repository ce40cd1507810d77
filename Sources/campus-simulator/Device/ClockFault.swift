import CampusDevice

/// What is wrong with a device's clock. A faulty one stays so: it is set right by no receipt.
enum ClockFault: Int, CaseIterable, Sendable {
  case yearAhead, in1970, slow, neverSet, none

  /// What the clock shows more than it should, milliseconds.
  func error(start: Int64) -> Int64 {
    switch self {
    case .none: 0
    case .yearAhead: 365 * LocalDay.milliseconds
    case .slow: -20 * 60_000
    // The second day after its zero at the beginning of the simulation.
    case .in1970, .neverSet: LocalDay.milliseconds - start
    }
  }

  func clock(unix: Int64, error: Int64, now: UInt64) -> campus_clock {
    let shown = UInt64(max(0, unix + error))
    let kind =
      switch self {
      case .none: CAMPUS_CLOCK_NETWORK
      case .yearAhead, .in1970, .slow: CAMPUS_CLOCK_BATTERY
      case .neverSet: CAMPUS_CLOCK_UPTIME
      }
    return campus_clock_set(kind, shown, now)
  }
}
