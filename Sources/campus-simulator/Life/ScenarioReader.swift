import Campus

extension Scenario {
  /// Takes a CSV file, gives the scenario, refuses it with every fault in it.
  init(path: String, _ campus: Campus, _ devices: [SimulatedDevice]) throws {
    try self.init(try Files.read(path), named: path, campus, devices)
  }

  init(_ bytes: [UInt8], named path: String, _ campus: Campus, _ devices: [SimulatedDevice]) throws {
    var reader = ScenarioReader(campus: campus, devices: devices)
    var table = CSVTable(bytes, required: ["what", "target"], optional: ["from", "to", "value"])
    var faults: [String] = []
    while table.next() {
      do throws(ScenarioReader.Fault) {
        try reader.take(table)
      } catch {
        faults.append("\(path):\(table.line): \(error.message)")
      }
    }
    faults += table.faults.map { "\(path):\($0.line): \($0.problem.message)" }
    guard faults.isEmpty else { throw Failure.campus(faults.joined(separator: "\n")) }
    self = reader.scenario
  }
}

/// Takes the rows of a scenario file, resolves their targets against the campus.
struct ScenarioReader {
  struct Fault: Error {
    var message: String
  }

  private typealias Row = Scenario.Row

  private static let clockWords: [String: ClockFault] = [
    "year-ahead": .yearAhead, "in-1970": .in1970, "slow": .slow, "never-set": .neverSet,
  ]

  let campus: Campus
  let devices: [SimulatedDevice]
  private(set) var scenario = Scenario()

  init(campus: Campus, devices: [SimulatedDevice]) {
    self.campus = campus
    self.devices = devices
  }

  mutating func take(_ table: CSVTable) throws(Fault) {
    let word = table.text(0)
    guard let what = Scenario.What(rawValue: word) else {
      throw Fault(message: "\(word): not one of " + Scenario.What.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let span = Scenario.Span(
      from: try Self.time(table.text(2)) ?? .min, until: try Self.time(table.text(3)) ?? .max)
    guard span.from < span.until else { throw Fault(message: "to is not after from") }
    let row = Row(line: table.line, what: what, target: table.text(1), span: span, value: table.text(4))
    switch what {
    case .absent: scenario.absences.append(try people(row, 0...1))
    case .late: scenario.delays.append(try people(row, 0...1_440))
    case .guests: scenario.visits.append(try place(row, 1...1_000))
    case .downhill: scenario.declines.append(try place(row, 0...1))
    case .dead: scenario.deaths.append(Scenario.DeviceRule(span: span, devices: try machines(row)))
    case .offline: scenario.silences.append(Scenario.DeviceRule(span: span, devices: try machines(row)))
    case .clock: try spoil(row)
    }
    scenario.rows.append(row)
  }

  private static func time(_ text: String) throws(Fault) -> Int64? {
    guard !text.isEmpty else { return nil }
    do {
      return try ISO8601.milliseconds(text)
    } catch {
      throw Fault(message: "\(text): not a time; write it as 2026-09-07T08:00:00+08:00")
    }
  }

  private func amount(_ row: Row, _ range: ClosedRange<Double>) throws(Fault) -> Double {
    guard let amount = Double(row.value), range.contains(amount) else {
      throw Fault(
        message: "\(row.value): the value of \(row.what.rawValue) is from \(range.lowerBound) to \(range.upperBound)")
    }
    return amount
  }

  // MARK: Targets

  private func people(_ row: Row, _ range: ClosedRange<Double>) throws(Fault) -> Scenario.PeopleRule {
    var rule = Scenario.PeopleRule(span: row.span, amount: try amount(row, range))
    if let person = campus.position(ofPerson: row.target) {
      rule.people = [person]
    } else if campus.unit(row.target) != nil {
      rule.people = Set(campus.people.indices.filter { lies($0, in: row.target) })
    } else if campus.course(row.target) != nil {
      rule.course = row.target
    } else if campus.enrolments.groups.contains(row.target) {
      rule.group = row.target
    } else {
      throw Fault(message: "\(row.target): no unit, group, course or person of the campus")
    }
    return rule
  }

  private func lies(_ person: Int, in unit: String) -> Bool {
    guard let own = campus.people[person].unitID else { return false }
    return campus.path(ofUnit: own).contains { $0.id == unit }
  }

  private func place(_ row: Row, _ range: ClosedRange<Double>) throws(Fault) -> Scenario.PlaceRule {
    let places = try places(row.target)
    return Scenario.PlaceRule(
      span: row.span, amount: try amount(row, range), places: places,
      names: Set(places.map { campus.places[$0].id }))
  }

  /// A place and what lies in it.
  private func places(_ target: String) throws(Fault) -> Set<Int> {
    guard campus.place(target) != nil else { throw Fault(message: "\(target): no place of the campus") }
    return Set(
      campus.places.indices.filter { position in
        campus.path(ofPlace: campus.places[position].id).contains { $0.id == target }
      })
  }

  private func machines(_ row: Row) throws(Fault) -> Set<Int32> {
    if let device = devices.firstIndex(where: { $0.name.description == row.target }) { return [Int32(device)] }
    guard campus.place(row.target) != nil else {
      throw Fault(message: "\(row.target): no device of this run, as site/device, and no place")
    }
    let names = Set(try places(row.target).map { campus.places[$0].id })
    let found = devices.indices.filter { index in
      let name = devices[index].name
      return campus.device(site: name.site, device: name.device).map { names.contains($0.placeID) } ?? false
    }
    return Set(found.map { Int32($0) })
  }

  private mutating func spoil(_ row: Row) throws(Fault) {
    guard row.span == Scenario.Span() else {
      throw Fault(message: "a clock is wrong all the time: leave out from and to")
    }
    guard let fault = Self.clockWords[row.value] else {
      throw Fault(message: "\(row.value): not one of " + Self.clockWords.keys.sorted().joined(separator: ", "))
    }
    for device in try machines(row) { scenario.clocks[device] = fault }
  }
}
