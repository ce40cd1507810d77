extension Truth {
  /// What was reported of one category at one place.
  private struct Source: Hashable {
    var place: String
    var category: Int
  }

  private struct Reports {
    var opened = 0
    var closed = 0
    var devices: Set<String> = []
  }

  /// A category with this bit closes an incident of the category without it.
  private static let closing = 0x8000

  /// Incidents by place, category and day, and what is open on the log's own last day. How many were open on the day of
  /// a report that came late depends on the order in which reports came, which a ledger does not tell: not compared.
  func incidents() -> [Aggregate] {
    var reports: [Aggregate.Key: Reports] = [:]
    var sources: [Source: (all: Reports, since: Int64)] = [:]
    func key(_ source: Source, _ time: Int64) -> Aggregate.Key {
      Aggregate.Key(
        aggregate: "incident", scope: "place", id: "\(source.place)/\(source.category)", grain: "day",
        window: calendar.day(time))
    }
    for reading in readings where reading.kind == "incident" {
      guard let place = place(reading) else { continue }
      let source = Source(place: place, category: reading.category & ~Self.closing)
      let isClosing = reading.category & Self.closing != 0
      let received = reading.received ?? reading.time
      var (all, since) = sources[source] ?? (all: Reports(), since: received)
      var own = reports[key(source, reading.time)] ?? Reports()
      if isClosing { (all.closed, own.closed) = (all.closed + 1, own.closed + 1) }
      if !isClosing { (all.opened, own.opened) = (all.opened + 1, own.opened + 1) }
      own.devices.insert(reading.device)
      since = min(since, received)
      sources[source] = (all: all, since: since)
      reports[key(source, reading.time)] = own
    }
    var open: [Aggregate.Key: Int] = [:]
    for (source, known) in sources {
      // What is open is open on every day of the log from then on.
      var time = known.since
      while calendar.day(time).end <= logTime {
        reports[key(source, time), default: Reports()].opened += 0
        time = calendar.day(time).end
      }
      reports[key(source, logTime), default: Reports()].opened += 0
      open[key(source, logTime)] = max(0, known.all.opened - known.all.closed)
    }
    return reports.map { key, reports in
      var measures: [String: Aggregate.Measure] = ["opened": .count(reports.opened), "closed": .count(reports.closed)]
      if let open = open[key] { measures["open"] = .count(open) }
      let place = key.id.split(separator: "/").dropLast().joined(separator: "/")
      return Aggregate(
        key: key, measures: measures, devicesExpected: devicesBelow(place), devicesHeard: reports.devices.count)
    }
  }

  /// Devices at a place and at all that lies in it.
  private func devicesBelow(_ place: String) -> Int {
    campus.placeOfDevice.values.count { campus.placePath($0).contains(place) }
  }
}
