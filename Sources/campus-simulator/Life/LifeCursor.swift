/// Reads one lane's share of the campus's days, in order of time.
struct LifeCursor {
  private let days: Days
  private let lane: Int
  private let start: Int64
  private var day: LocalDay
  private var readings: [PlannedReading]
  private var position = 0

  init(days: Days, lane: Int, start: Int64) {
    self.days = days
    self.lane = lane
    self.start = start
    day = LocalDay(at: start, zone: days.zone)
    readings = days.readings(of: day, lane: lane)
    while position < readings.count, readings[position].time < start { position += 1 }
  }

  /// The next reading, if it happens before `time`.
  mutating func next(before time: Int64) -> PlannedReading? {
    while position == readings.count {
      let following = day.adding(1)
      guard following.start < time else { return nil }
      day = following
      readings = days.readings(of: day, lane: lane)
      position = 0
    }
    let reading = readings[position]
    return reading.time < time ? reading : nil
  }

  mutating func pass() { position += 1 }
}
