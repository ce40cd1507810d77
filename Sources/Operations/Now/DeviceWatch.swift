import Aggregation
import Campus
import Dispatch
import Ingest
import ReadingLog
import Synchronization

/// Makes the device book every few seconds, from what costs little: when a device was last heard is told by the
/// intake's memory; for the time before the start by the log's last rows, read once; and for still earlier times by
/// when its newest boot was first heard.
///
/// Used by one thread.
final class DeviceWatch {
  /// Rows of the log read once, after the start.
  static let rowsAtStart: Int64 = 1_000_000
  /// Milliseconds between looks at what status readings said.
  static let healthInterval: Int64 = 60_000
  /// Milliseconds for which what a status reading said counts.
  static let healthAge: Int64 = 7_200_000

  /// What the log's last rows say, once they are read.
  private final class BeforeStart: Sendable {
    let times = Mutex<[Int64: Int64]>([:])
  }

  private let parts: GatewayParts
  private let beforeStart = BeforeStart()
  private var hasAskedLog = false
  /// By the store's id; outlives what the intake forgets after a commit that failed.
  private var heard: [Int64] = []
  private var whereabouts: [String: DeviceBook.Whereabouts] = [:]
  private var campusVersion = 0
  private var health: [String: (battery: Int64?, backlog: Int64?)] = [:]
  private var healthTakenAt = Int64.min / 2

  init(_ parts: GatewayParts) { self.parts = parts }

  func look(now: Int64) throws -> DeviceBook {
    readLogOnce()
    let (campus, version) = parts.campus.current
    if version != campusVersion {
      whereabouts = DeviceWatch.whereabouts(campus)
      campusVersion = version
    }
    if now - healthTakenAt >= DeviceWatch.healthInterval {
      health = try readHealth(now)
      healthTakenAt = now
    }
    let moments = parts.intake.deviceMoments()
    remember(moments)
    var facts: [Device.Name: DeviceFacts] = [:]
    for fact in try parts.store.deviceFacts() { facts[Device.Name(site: fact.site, device: fact.device)] = fact }
    let earlier = beforeStart.times.withLock { $0 }
    var book = DeviceBook()
    book.entries.reserveCapacity(campus.devices.count)
    for device in campus.devices { book.entries.append(entry(device, facts[device.name], moments, earlier, now)) }
    book.entries.sort { $0.name < $1.name }
    return book
  }

  /// Beside everything else: it takes a second where the log is long.
  private func readLogOnce() {
    guard !hasAskedLog else { return }
    hasAskedLog = true
    let store = parts.store
    let beforeStart = self.beforeStart
    DispatchQueue.global(qos: .utility).async {
      do {
        let times = try store.lastReceived(rows: DeviceWatch.rowsAtStart)
        beforeStart.times.withLock { $0 = times }
      } catch {
        // The newest boots still tell roughly.
      }
    }
  }

  private func remember(_ moments: [DeviceMoment]) {
    while heard.count < moments.count { heard.append(0) }
    for (index, moment) in moments.enumerated() where moment.heard > heard[index] { heard[index] = moment.heard }
  }

  private func entry(
    _ device: Device, _ facts: DeviceFacts?, _ moments: [DeviceMoment], _ earlier: [Int64: Int64], _ now: Int64
  ) -> DeviceBook.Entry {
    var entry = DeviceBook.Entry(
      site: device.site, device: device.device,
      place: whereabouts[device.placeID] ?? DeviceBook.Whereabouts(placeID: device.placeID),
      model: device.model, auth: device.auth.rawValue)
    if let facts {
      entry.keys = facts.keys
      entry.boots = facts.boots
      entry.missing = facts.missing
      entry.isOnline = facts.isOnline
      entry.presenceTime = facts.presenceTime
      let id = Int(facts.id)
      let isHeard = id < heard.count && heard[id] > 0
      entry.heard = isHeard ? heard[id] : earlier[facts.id] ?? facts.bootHeard
      if id < moments.count, moments[id].heard > 0 { entry.clockOffset = moments[id].clockOffset }
    }
    if let said = health["\(device.site)/\(device.device)"] {
      entry.batteryPercent = said.battery.map { DeviceBook.percent(millivolts: $0) }
      entry.backlog = said.backlog
    }
    entry.judge(now: now)
    return entry
  }

  /// From the hourly aggregates of the devices, the newest hour that says anything.
  private func readHealth(_ now: Int64) throws -> [String: (battery: Int64?, backlog: Int64?)] {
    var filter = AggregateFilter()
    filter.kind = AggregateKind.device.rawValue
    filter.scope = AggregateScope.device.rawValue
    filter.grain = AggregateGrain.hour.rawValue
    filter.from = now - DeviceWatch.healthAge
    var health: [String: (battery: Int64?, backlog: Int64?)] = [:]
    try parts.store.aggregates(filter) { page in
      for stored in page {
        let measures = try AggregateItem(stored).measures
        let battery = measures.integer("battery_mv_min")
        let backlog = measures.integer("backlog_max")
        guard battery != nil || backlog != nil else { continue }
        let before = health[stored.name]
        health[stored.name] = (battery: battery ?? before?.battery, backlog: backlog ?? before?.backlog)
      }
    }
    return health
  }

  private static func whereabouts(_ campus: Campus) -> [String: DeviceBook.Whereabouts] {
    var whereabouts: [String: DeviceBook.Whereabouts] = [:]
    for place in campus.places {
      let path = campus.path(ofPlace: place.id)
      var known = DeviceBook.Whereabouts(placeID: place.id)
      known.placeName = place.name
      known.kind = place.kind.rawValue
      if let building = path.first(where: { [.building, .dormitory, .canteen].contains($0.kind) }) {
        known.buildingID = building.id
        known.buildingName = building.name
      }
      known.unitName = path.lazy.compactMap(\.unitID).first.flatMap { campus.unit($0)?.name }
      whereabouts[place.id] = known
    }
    return whereabouts
  }
}

extension Measures {
  /// The value of a whole number; nil: there is none.
  func integer(_ name: String) -> Int64? {
    guard case .integer(let value)? = self[name] else { return nil }
    return value
  }
}
