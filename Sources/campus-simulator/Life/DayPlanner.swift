import Campus

/// Takes a campus and a seed, gives all readings of a day in order of time.
struct DayPlanner: Sendable {
  let seed: UInt64
  let campus: Campus
  let devices: [SimulatedDevice]
  let cards: CardBook
  let zone: CampusZone
  let scenario: Scenario
  let map: DeviceMap
  let habits: [Habits]
  /// Positions in `campus.sessions` by the day they start on, in order of start.
  let sessions: [Int: [Int]]

  init(
    seed: UInt64, campus: Campus, devices: [SimulatedDevice], cards: CardBook, zone: CampusZone = .china,
    scenario: Scenario = Scenario()
  ) {
    self.seed = seed
    self.campus = campus
    self.devices = devices
    self.cards = cards
    self.zone = zone
    self.scenario = scenario
    map = DeviceMap(campus, devices)
    habits = campus.people.indices.map { Habits(seed: seed, person: $0) }
    var sessions: [Int: [Int]] = [:]
    for (index, session) in campus.sessions.enumerated() {
      sessions[LocalDay(at: session.start, zone: zone).number, default: []].append(index)
    }
    self.sessions = sessions.mapValues { indices in
      indices.sorted { (campus.sessions[$0].start, $0) < (campus.sessions[$1].start, $1) }
    }
  }

  func readings(of day: LocalDay) -> [PlannedReading] {
    var plan = DayPlan(day: day, people: campus.people.count)
    planLessons(&plan)
    planDormitories(&plan)
    planGates(&plan)
    planVotes(&plan)
    planOperations(&plan)
    let alive = plan.readings.filter { !scenario.isDead($0.device, at: $0.time) }
    return alive.sorted(by: PlannedReading.precedes)
  }

  /// The first day with a full timetable: at least half the meetings of a usual day.
  var firstBusyDay: LocalDay? {
    let counts = sessions.values.map(\.count).sorted()
    guard let usual = counts.isEmpty ? nil : counts[counts.count / 2] else { return nil }
    return sessions.filter { $1.count * 2 >= usual }.keys.min().map { LocalDay(number: $0, zone: zone) }
  }

  /// Twenty minutes before the first meeting of a day; half past six without one.
  func morning(of day: LocalDay) -> Int64 {
    guard let first = sessions[day.number]?.first else { return day.time(6.5 * 60) }
    return campus.sessions[first].start - 20 * 60_000
  }
}

/// A day under construction.
struct DayPlan {
  let day: LocalDay
  var readings: [PlannedReading] = []
  /// By person: when they are first and last in a lesson; 0 without lessons.
  var firstLesson: [Int64]
  var lastLesson: [Int64]

  init(day: LocalDay, people: Int) {
    self.day = day
    firstLesson = Array(repeating: 0, count: people)
    lastLesson = Array(repeating: 0, count: people)
  }
}
