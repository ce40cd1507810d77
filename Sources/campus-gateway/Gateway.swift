import Aggregation
import Campus
import Foundation
import Glibc
import Ingest
import Logging
import Operations
import ReadingLog
import Synchronization

/// The parts of a gateway, wired: store, registry, intake. Changes come through `handle`, from the control
/// socket of a running gateway or from a command that holds the lock itself.
final class Gateway: Sendable {
  let configuration: Configuration
  let store: LogStore
  let masterKey: MasterKey
  let registry: RegistryBox
  let intake: Intake
  let logger: Logger
  /// The last campus without faults.
  let campus: CampusBox
  /// nil: the gateway does not run, a command holds the lock.
  let downstream = Mutex<Downstream?>(nil)
  private let lock = NSLock()
  /// Of the last campus without faults.
  nonisolated(unsafe) private var devicesInForce: RegisteredDevices

  private typealias RegisteredDevices = (devices: [Device], ids: [Int64])

  init(_ configuration: Configuration, logger: Logger) throws {
    self.configuration = configuration
    self.logger = logger
    let path = configuration.store.path
    var info = stat()
    let isThere = stat(path, &info) == 0
    if !isThere || info.st_size == 0, access(configuration.campus.keyFile, F_OK) == 0 {
      // Who has a master key has had a store, as a rule.
      logger.warning(
        "a new store is begun at \(path), which is \(isThere ? "an empty file" : "not there"), with the master key that was there before: if there are earlier readings, stop, correct store.path or restore the backup")
    }
    masterKey = try MasterKey.load(configuration.campus.keyFile, create: !isThere)
    store = try LogStore.open(configuration.store.path, masterKey: masterKey, now: unixNow())
    let loaded = try Gateway.load(configuration, store, masterKey)
    devicesInForce = loaded.devices
    campus = CampusBox(loaded.campus)
    registry = RegistryBox(loaded.registry)
    var limits = IntakeLimits()
    limits.clockTolerance = Int64(configuration.clock.toleranceMilliseconds)
    limits.frameBytes = configuration.limits.frameBytes
    limits.batchReadings = configuration.limits.batchReadings
    limits.commitInterval = Int64(configuration.limits.commitIntervalMilliseconds)
    limits.receiptInterval = Int64(configuration.receipts.minimumIntervalMilliseconds)
    limits.deviceFramesPerSecond = Int64(configuration.limits.deviceFramesPerSecond)
    intake = try Intake(store: store, registry: registry, masterKey: masterKey, limits: limits)
  }

  /// Reads campus directory and keys, and commits what differs from the newest campus version as a new one: what is
  /// folded from the log goes by it from the next row on. Every fault of the campus, where there is one.
  private static func load(
    _ configuration: Configuration, _ store: LogStore, _ masterKey: MasterKey
  ) throws -> (campus: Campus, devices: RegisteredDevices, registry: DeviceRegistry) {
    let (campus, files, faults) = Campus.loadWithFiles(directory: configuration.campus.directory)
    guard let campus else { throw CampusFaults(faults: faults) }
    let ids = try store.register(campus.devices.map { ($0.site, $0.device, $0.placeID) })
    let registry = try Gateway.registry((campus.devices, ids), store, masterKey)
    // Last of what may fail: the fold must not go by a campus that intake does not know.
    try store.commitCampus(
      CampusFile.allCases.compactMap { file in files[file].map { (file.rawValue, $0) } }, readAs: campus,
      timeZone: configuration.siteTimeZone, settings: configuration.aggregationRules.json, now: unixNow())
    return (campus, (campus.devices, ids), registry)
  }

  private static func registry(
    _ known: RegisteredDevices, _ store: LogStore, _ masterKey: MasterKey
  ) throws -> DeviceRegistry {
    let keys = try store.liveKeys(SecretBox(masterKey, purpose: "device keys v1"))
    return DeviceRegistry(devices: known.devices, ids: known.ids, keys: keys)
  }

  /// Reads campus and keys anew. With a fault in them the old ones stay in force.
  func reload() throws {
    try lock.withLock {
      let loaded = try Gateway.load(configuration, store, masterKey)
      registry.replace(with: loaded.registry)
      devicesInForce = loaded.devices
      campus.replace(with: loaded.campus)
    }
  }

  /// Puts a change of keys in force at once, also where the campus cannot be reloaded: a key that was made must be
  /// shown, and one that was revoked must not stay.
  func reloadKeys() throws {
    try lock.withLock { registry.replace(with: try Gateway.registry(devicesInForce, store, masterKey)) }
    // A key may be of a device that is new in the campus directory.
    do { try reload() } catch {
      logger.warning("the keys are in force; the campus is not reloaded, the old one stays in force:\n\(error)")
    }
  }

  var brokerOptions: BrokerOptions {
    get throws { try configuration.brokerOptions() }
  }
}

extension Gateway {
  /// The lanes of the configuration, and one for each session that an earlier configuration has left at the broker: it
  /// keeps its share of all messages, and nobody would come for them.
  func laneOptions() throws -> [BrokerOptions] {
    let options = try brokerOptions
    let count = configuration.mqtt.lanes
    var lanes = (0..<count).map { options.lane($0, of: count) }
    for session in try store.useSessions(lanes.map { $0.session(of: options.clientID) }) {
      if session.gateway == options.clientID {
        lanes.append(options.leaving(session))
      } else {
        // Perhaps another gateway's by now, where the store is a copy.
        logger.warning(
          "mqtt.client_id was \(session.gateway) before: the broker keeps messages for \(session.clientID) until its session expires; run with the old name once more, and with the new one after that")
      }
    }
    return lanes
  }
}

struct CampusFaults: Error, CustomStringConvertible {
  var faults: [CampusFault]
  /// Faults printed before the rest is only counted.
  static let shown = 100

  var description: String {
    var lines = faults.prefix(CampusFaults.shown).map { fault in
      Console.isChinese ? "\(fault)\n    \(fault.messageZh)" : fault.description
    }
    if faults.count > CampusFaults.shown { lines.append("… and \(faults.count - CampusFaults.shown) more") }
    lines.append("\(faults.count) fault\(faults.count == 1 ? "" : "s") in the campus directory")
    return lines.joined(separator: "\n")
  }
}
