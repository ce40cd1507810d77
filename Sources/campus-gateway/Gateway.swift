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
    masterKey = try MasterKey.load(
      configuration.campus.keyFile, create: access(configuration.store.path, F_OK) != 0)
    store = try LogStore.open(configuration.store.path, masterKey: masterKey, now: unixNow())
    let (campus, devices) = try Gateway.devices(configuration, store)
    self.campus = CampusBox(campus)
    devicesInForce = devices
    registry = RegistryBox(try Gateway.registry(devices, store, masterKey))
    var limits = IntakeLimits()
    limits.clockTolerance = Int64(configuration.clock.toleranceMilliseconds)
    limits.frameBytes = configuration.limits.frameBytes
    limits.batchReadings = configuration.limits.batchReadings
    limits.commitInterval = Int64(configuration.limits.commitIntervalMilliseconds)
    limits.receiptInterval = Int64(configuration.receipts.minimumIntervalMilliseconds)
    limits.deviceFramesPerSecond = Int64(configuration.limits.deviceFramesPerSecond)
    intake = try Intake(store: store, registry: registry, masterKey: masterKey, limits: limits)
  }

  /// Reads the campus directory, and commits what differs from the newest campus version as a new one: what is
  /// folded from the log goes by it from the next row on. Every fault of the campus, where there is one.
  private static func devices(
    _ configuration: Configuration, _ store: LogStore
  ) throws -> (Campus, RegisteredDevices) {
    let (campus, files, faults) = Campus.loadWithFiles(directory: configuration.campus.directory)
    guard let campus else { throw CampusFaults(faults: faults) }
    let ids = try store.register(campus.devices.map { ($0.site, $0.device, $0.placeID) })
    try store.commitCampus(
      CampusFile.allCases.compactMap { file in files[file].map { (file.rawValue, $0) } },
      timeZone: configuration.siteTimeZone, settings: configuration.aggregationRules.json, now: unixNow())
    return (campus, (campus.devices, ids))
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
      let (campus, devices) = try Gateway.devices(configuration, store)
      registry.replace(with: try Gateway.registry(devices, store, masterKey))
      devicesInForce = devices
      self.campus.replace(with: campus)
    }
  }

  /// Puts a change of keys in force at once, also while the campus directory has faults: a key that was made
  /// must be shown, and one that was revoked must not stay.
  func reloadKeys() throws {
    do { try reload() } catch let faults as CampusFaults {
      logger.warning("the keys are in force; the campus is not reloaded, the old one stays in force:\n\(faults)")
      try lock.withLock { registry.replace(with: try Gateway.registry(devicesInForce, store, masterKey)) }
    }
  }

  var brokerOptions: BrokerOptions {
    get throws {
      var options = BrokerOptions()
      let mqtt = configuration.mqtt
      options.host = mqtt.host
      options.port = Int32(mqtt.port)
      options.clientID = mqtt.clientID
      options.username = mqtt.username
      options.tlsCA = mqtt.tls.ca
      options.tlsCertificate = mqtt.tls.certificate
      options.tlsKey = mqtt.tls.key
      options.subscriptions = mqtt.subscriptions
      if let file = mqtt.passwordFile {
        do {
          options.password = try String(contentsOfFile: file, encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        } catch {
          throw Refusal.cannotRun("mqtt.password_file \(file) cannot be read: \(error.localizedDescription)")
        }
      }
      return options
    }
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
