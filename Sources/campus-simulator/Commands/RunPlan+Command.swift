import CPlatform
import Campus
import Foundation

extension RunPlan {
  /// Takes the command's options, gives what is to be done, refuses what cannot be.
  init(_ command: RunCommand) throws {
    let campus = try Campus.loaded(command.campus.directory)
    let seed = command.campus.seed ?? UInt64(platform_unix_ns() / 1_000_000)
    if command.campus.seed == nil { standardError("seed \(seed) (from the clock; give --seed to repeat this run)") }
    let cards = CardBook(campus, seed: seed)
    var devices = try Self.devices(campus, command, seed)
    Self.spoilClocks(&devices, command.misbehaviour.badClocks, seed)
    let zone = try CampusZone(command.campus.timeZone)
    let scenario = try command.campus.scenario.map { try Scenario(path: $0, campus, devices) } ?? Scenario()
    for (device, fault) in scenario.clocks { devices[Int(device)].clock = fault }

    let planner = DayPlanner(
      seed: seed, campus: campus, devices: devices, cards: cards, zone: zone, scenario: scenario)
    let clock = try Self.clock(command, planner)
    let connections = min(
      devices.count, max(1, command.broker.connections ?? (devices.count <= 64 ? devices.count : 4)))
    let lanes = min(4, connections)

    self.seed = seed
    self.devices = devices
    self.connections = connections
    self.lanes = lanes
    self.cards = cards
    self.clock = clock
    self.zone = zone
    self.scenario = scenario
    broker = try Self.broker(command.broker)
    drainMilliseconds = Int64(command.time.drainSeconds * 1_000)
    misbehaviour = command.misbehaviour.misbehaviour
    recordsTransmissions = command.output.ledgerTransmissions
    ledger = nil
    let perDevice = (command.load.rate ?? 0) / Double(devices.count)
    // A life in a hurry makes frames faster than a day's usual outbox holds them.
    let hurry = command.load.rate == nil ? min(50, command.time.speed / 2_000) : 0
    outbox = .suiting(
      devices: devices.count, framesPerSecond: max(perDevice, hurry),
      readingsPerFrame: command.load.readings ?? Self.readingsPerFrame)
    source = .load(Load(framesPerSecond: 1, frames: nil, readingsPerFrame: 1, people: 0))

    if let rate = command.load.rate {
      if perDevice > 250 {
        standardError(
          "\(Int(perDevice)) frames a second a device, and receipts come once a second: its window of "
            + "1,024 frames is the limit; use more devices")
      }
      let bySeconds = command.time.seconds.map { Int($0 * rate) }
      let people = campus.people.indices.allSatisfy(cards.hasCard) ? campus.people.count : 0
      source = .load(
        Load(
          framesPerSecond: rate, frames: [command.load.frames, bySeconds].compactMap { $0 }.min(),
          readingsPerFrame: command.load.readings ?? 1, people: people))
      rebootHaste = command.time.speed
    } else {
      endTime = command.time.seconds.map { clock.start + Int64($0 * 1_000 * clock.speed) }
      if let days = command.time.days { endTime = clock.start + Int64(days * Double(LocalDay.milliseconds)) }
      waitsForRoom = command.time.days != nil
      let laneOfDevice = devices.indices.map { $0 % connections % lanes }
      source = .life(Days(planner, lanes: lanes, laneOfDevice: laneOfDevice))
    }
    // Last, so that a run that cannot begin leaves an earlier ledger alone.
    ledger = try command.output.ledger.map { try LedgerFile(path: $0) }
  }

  private static func broker(_ options: BrokerOptions) throws -> BrokerAddress {
    let password = try options.passwordFile.map { path in
      let text = String(decoding: try Files.read(path), as: UTF8.self)
      return String(text.split(whereSeparator: \.isNewline).first ?? "")
    }
    return BrokerAddress(
      host: options.host, port: options.port, username: options.username, password: password)
  }

  private static func devices(
    _ campus: Campus, _ command: RunCommand, _ seed: UInt64
  ) throws -> [SimulatedDevice] {
    let keys = try Keys.read(command.campus.keys)
    let wanted = command.campus.devices ?? campus.devices.count
    var devices: [SimulatedDevice] = []
    for row in campus.devices.prefix(wanted) {
      let usesJSON = row.auth == .transport
      guard let key = usesJSON ? [UInt8](repeating: 0, count: 32) : keys[row.name] else {
        throw Failure.campus(
          "\(command.campus.keys): no key for \(row.name); `campus-simulator keys` makes them")
      }
      devices.append(
        SimulatedDevice(
          name: row.name, role: SimulatedDevice.role(model: row.model, place: campus.place(row.placeID)?.kind),
          usesJSON: usesJSON, key: key))
    }
    guard devices.count < wanted else { return devices }
    guard command.load.rate != nil else {
      throw Failure.usage("the campus has \(devices.count) devices; more than that only with --rate")
    }
    let site = campus.devices.first?.site ?? "main"
    for number in 1...(wanted - devices.count) {
      let name = Device.Name(site: site, device: "load-\(number)")
      // A key of the file wins, so that such devices can be registered.
      let key = keys[name] ?? Keys.derived(seed: seed, name: name)
      devices.append(SimulatedDevice(name: name, role: .terminal, usesJSON: false, key: key))
    }
    standardError(
      "\(wanted - campus.devices.count) devices beyond the directory (\(site)/load-1 and on), with keys of "
        + "seed \(seed) where \(command.campus.keys) has none: a gateway rejects those it does not know")
    return devices
  }

  private static func spoilClocks(_ devices: inout [SimulatedDevice], _ count: Int, _ seed: UInt64) {
    let order = devices.indices.sorted { left, right in
      var first = Dice(seed, .fault, left)
      var second = Dice(seed, .fault, right)
      return first.next() < second.next()
    }
    let faults: [ClockFault] = [.yearAhead, .in1970, .slow, .neverSet]
    for (number, device) in order.prefix(count).enumerated() {
      devices[device].clock = faults[number % faults.count]
    }
  }

  private static func clock(_ command: RunCommand, _ planner: DayPlanner) throws -> SimulatedClock {
    let now = platform_unix_ns() / 1_000_000
    // The devices come up before the campus does.
    let leadIn = 200 + Int64(planner.devices.count) / 10
    var start = now + leadIn
    if let text = command.time.start {
      do {
        start = try ISO8601.milliseconds(text)
      } catch {
        throw Failure.usage("\(text): not a time; write it as 2026-09-07T08:00:00+08:00")
      }
    } else if command.load.rate == nil {
      let first = planner.firstBusyDay
      start = (command.time.days == nil ? first.map(planner.morning) : first?.start) ?? now
    }
    let isLoad = command.load.rate != nil
    let seconds = command.time.days.map { $0 * 86_400 / command.time.speed } ?? command.time.seconds
    let clock = SimulatedClock(
      start: start, speed: isLoad ? 1 : command.time.speed, seconds: seconds, leadIn: leadIn)
    if clock.shift > 0 {
      standardError(
        "simulated time would reach the real future: all times are moved "
          + "\(clock.shift / LocalDay.weekMilliseconds) weeks into the past, to "
          + "\(LocalDay.isoText(start - clock.shift, zone: planner.zone)) at the beginning")
    }
    return clock
  }
}

extension Campus {
  /// The campus of a directory, or every fault in it.
  static func loaded(_ directory: String) throws -> Campus {
    let (campus, faults) = load(directory: directory)
    guard let campus else {
      throw Failure.campus(faults.map(\.description).joined(separator: "\n"))
    }
    guard !campus.devices.isEmpty else { throw Failure.campus("\(directory): no devices") }
    return campus
  }
}
