extension Truth {
  /// Frames of one boot in a window.
  private struct Boot {
    var first = Int.max
    var last = 0
    var frames = 0
  }

  private struct Health {
    var readings = 0
    var corrected = 0
    var isQualityKnown = true
    var battery: Int?
    var backlog: Int?
    var dropped: Int?
    /// By epoch. A frame belongs where its first reading happened.
    var boots: [Int: Boot] = [:]

    mutating func add(_ reading: StoredReading) {
      readings += 1
      if reading.quality == "corrected" { corrected += 1 }
      if reading.quality == nil { isQualityKnown = false }
      if let one = reading.battery { battery = min(battery ?? one, one) }
      if let one = reading.backlog { backlog = max(backlog ?? one, one) }
      if let one = reading.dropped { dropped = max(dropped ?? one, one) }
      guard reading.name.index == 0 else { return }
      var boot = boots[reading.name.epoch] ?? Boot()
      boot.first = min(boot.first, reading.name.seq)
      boot.last = max(boot.last, reading.name.seq)
      boot.frames += 1
      boots[reading.name.epoch] = boot
    }

    var missing: Int { boots.values.reduce(0) { $0 + $1.last - $1.first + 1 - $1.frames } }
  }

  /// What each device said in each hour and day. Of silent ones a row of zeros may be printed, which says nothing here.
  func devices() -> [Aggregate] {
    var health: [Aggregate.Key: Health] = [:]
    for reading in readings where place(reading) != nil {
      for (grain, window) in [("hour", calendar.hour(reading.time)), ("day", calendar.day(reading.time))] {
        let key = Aggregate.Key(
          aggregate: "device", scope: "device", id: reading.device, grain: grain, window: window)
        health[key, default: Health()].add(reading)
      }
    }
    return health.map { key, health in
      func measure(_ number: Int?) -> Aggregate.Measure { number.map { Aggregate.Measure.count($0) } ?? .fraction(nil) }
      var measures: [String: Aggregate.Measure] = [
        "frames": .count(health.boots.values.reduce(0) { $0 + $1.frames }), "readings": .count(health.readings),
        "battery_mv_min": measure(health.battery), "backlog_max": measure(health.backlog),
        "dropped": measure(health.dropped), "gaps_open": .count(health.missing),
      ]
      if health.isQualityKnown { measures["corrected"] = .count(health.corrected) }
      return Aggregate(key: key, measures: measures, devicesExpected: 1, devicesHeard: 1)
    }
  }
}
