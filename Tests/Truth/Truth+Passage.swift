extension Truth {
  func passage() -> [Aggregate] { gates() + dormitories() }

  /// Flow through each gate.
  private func gates() -> [Aggregate] {
    var flows: [Aggregate.Key: [String: Int]] = [:]
    for reading in readings where reading.kind == "passage" {
      guard let place = place(reading), campus.places[place]?.kind == "gate" else { continue }
      for (grain, window) in [
        ("5min", calendar.fiveMinutes(reading.time)), ("hour", calendar.hour(reading.time)),
        ("day", calendar.day(reading.time)),
      ] {
        let key = Aggregate.Key(aggregate: "passage", scope: "gate", id: place, grain: grain, window: window)
        flows[key, default: [:]]["count", default: 0] += 1
        flows[key, default: [:]][reading.isGranted ? reading.direction : "refused", default: 0] += 1
      }
    }
    return flows.map { key, counts in
      var measures: [String: Aggregate.Measure] = [:]
      for name in ["in", "out", "unknown", "refused", "count"] { measures[name] = .count(counts[name] ?? 0) }
      return Aggregate(key: key, measures: measures)
    }
  }

  /// Who came home after the doors had closed, from noon to noon.
  private func dormitories() -> [Aggregate] {
    var returns: [Aggregate.Key: [String]] = [:]
    for reading in readings where reading.kind == "passage" && reading.direction == "in" && reading.isGranted {
      guard let place = place(reading),
        let dormitory = campus.placePath(place).first(where: { campus.places[$0]?.kind == "dormitory" })
      else { continue }
      let night = calendar.night(reading.time)
      let evening = rules.curfew >= 12 * 60
      let closing = calendar.instant(
        rules.curfew / 60, rules.curfew % 60, of: night.start, addingDays: evening ? 0 : 1)
      let opening = calendar.instant(5, of: night.start, addingDays: 1)
      guard closing <= reading.time, reading.time < opening else { continue }
      let key = Aggregate.Key(aggregate: "passage", scope: "dormitory", id: dormitory, grain: "day", window: night)
      // A card of nobody stands for a person of its own.
      returns[key, default: []].append(campus.personOfCard[reading.card] ?? "card \(reading.card)")
    }
    return returns.map { key, people in
      Aggregate(
        key: key, measures: ["late_returns": .count(people.count), "people_late": .count(Set(people).count)])
    }
  }
}
