import CampusDevice

/// The values of a status reading.
///
/// Battery, signal and temperature are planned. Backlog and losses are what the device really has, and stand in a
/// status only where they are worth reporting: a healthy run depends on its seed alone.
struct StatusValues {
  static let firmware = "1.4.2"
  /// Frames from which a backlog is reported.
  static let backlogWorthReporting = 256

  var battery: UInt32
  var signal: Int32
  var temperature: Int32
  var backlog: UInt32?
  var dropped: UInt32?

  init(_ reading: PlannedReading, _ agent: DeviceAgent) {
    battery = reading.item
    signal = reading.score
    temperature = Int32(truncatingIfNeeded: reading.ballot)
    let counts = agent.countsAtCommit
    if counts.frames_held >= Self.backlogWorthReporting { backlog = counts.frames_held }
    if counts.readings_dropped > 0 { dropped = counts.readings_dropped }
  }

  func status(firmware: UnsafePointer<CChar>?) -> campus_status {
    var present =
      CAMPUS_STATUS_BATTERY.rawValue | CAMPUS_STATUS_SIGNAL.rawValue
      | CAMPUS_STATUS_TEMPERATURE.rawValue | CAMPUS_STATUS_FIRMWARE.rawValue
    if backlog != nil { present |= CAMPUS_STATUS_BACKLOG.rawValue }
    if dropped != nil { present |= CAMPUS_STATUS_DROPPED.rawValue }
    return campus_status(
      present: present, battery_mv: battery, signal_dbm: signal, backlog: backlog ?? 0,
      temperature_dc: temperature, firmware: firmware, dropped: dropped ?? 0)
  }
}
