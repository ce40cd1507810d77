import DeviceProtocol
import Foundation
import Glibc
import ReadingLog

/// A broker, a campus, a store and the gateway between them, in a folder of their own.
final class Deployment {
  let folder: TemporaryFolder
  let broker: Broker
  let proxy: Proxy?
  /// Registered with `auth` = `mac`, their keys imported.
  let devices: [TestDevice]
  /// Registered with `auth` = `transport`.
  let kiosks: [TestDevice]
  let data: String
  /// Settings over the file's.
  var environment: [String: String] = [:]
  private(set) var process: ChildProcess?
  private var commands = 0

  init(
    devices: Int = 1, kiosks: Int = 0, broker: Broker? = nil, proxied: Bool = false, data: String? = nil,
    firstKey: [UInt8]? = nil
  ) throws {
    folder = try TemporaryFolder()
    self.broker = try broker ?? Broker()
    proxy = proxied ? try Proxy(to: self.broker.port) : nil
    self.devices = (0..<devices).map {
      TestDevice(String(format: "term-%04d", $0 + 1), key: $0 == 0 ? firstKey : nil)
    }
    self.kiosks = (0..<kiosks).map { TestDevice(String(format: "kiosk-%04d", $0 + 1)) }
    self.data = try data ?? folder.folder("data")
    try writeCampus()
    try folder.write(
      "gateway.yaml",
      """
      mqtt: {host: 127.0.0.1, port: \(proxy?.port ?? self.broker.port)}
      store: {path: "\(self.data)/gateway.sqlite"}
      http: {port: 0}
      campus: {directory: "\(try folder.folder("campus"))", key_file: "\(self.data)/master.key"}
      """)
    if devices > 0 { try importKeys(self.devices) }
  }

  deinit {
    process?.end()
    proxy?.stop()
  }

  var store: String { "\(data)/gateway.sqlite" }

  // MARK: Campus

  func writeCampus(adding devices: [TestDevice] = []) throws {
    _ = try folder.folder("campus")
    try folder.write("campus/places.csv", "place_id,parent_id,kind,name,unit_id\nroom-1,,room,Room 1,\n")
    var lines = ["site,device,place_id,model,auth,adapter"]
    for device in self.devices + devices { lines.append("\(device.site),\(device.name),room-1,t1,mac,") }
    for device in kiosks { lines.append("\(device.site),\(device.name),room-1,k1,transport,") }
    try folder.write("campus/devices.csv", lines.joined(separator: "\n") + "\n")
  }

  func importKeys(_ devices: [TestDevice]) throws {
    let lines = devices.map { "\($0.site),\($0.name),\(Hex.string($0.key))" }
    let file = try folder.write("keys.csv", (["site,device,key"] + lines).joined(separator: "\n") + "\n")
    try command("keys", "import", file).expectGood()
  }

  // MARK: The service

  /// Beside the test bundle stand the products of the same build.
  static let executable: String = {
    if let given = ProcessInfo.processInfo.environment["CAMPUS_GATEWAY_EXECUTABLE"] { return given }
    let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (bundle as NSString).deletingLastPathComponent + "/campus-gateway"
  }()

  var configuration: String { "\(folder.path)/gateway.yaml" }

  /// `log`: a file of the caller's for standard error; never read here.
  func start(waits: Bool = true, log: String? = nil) throws {
    commands += 1
    process = try ChildProcess(
      Deployment.executable, ["run", "--config", configuration], environment: environment,
      output: "\(folder.path)/run-\(commands).out", errors: log ?? "\(folder.path)/run-\(commands).log")
    if waits { try waitForLog(" online") }
  }

  func waitForLog(_ text: String, within limit: Double = 20) throws {
    try eventually(within: limit, "“\(text)” in the log:\n\(process?.log ?? "")") {
      guard let process else { return false }
      if process.log.contains(text) { return true }
      if process.isRunning { return false }
      throw TimedOut(description: "the gateway ended (\(process.status ?? -1)): \(process.log)")
    }
  }

  /// SIGTERM; gives the exit status.
  @discardableResult
  func stop(within limit: Double = 6) throws -> Int32 {
    process?.signal(SIGTERM)
    return try process?.wait(within: limit) ?? -1
  }

  func kill() { process?.kill() }

  func client(_ id: String = "device") throws -> MQTTClient { try MQTTClient(port: broker.port, id: id) }

  // MARK: Commands

  @discardableResult
  func command(_ arguments: String..., configuration file: String? = nil) throws -> CommandResult {
    commands += 1
    let name = "\(folder.path)/command-\(commands)"
    let process = try ChildProcess(
      Deployment.executable, arguments + ["--config", file ?? configuration], environment: environment,
      output: "\(name).out", errors: "\(name).err")
    let status = try process.wait(within: 60)
    let result = CommandResult(
      arguments: arguments, status: status, output: text(of: process.output), errors: process.log)
    unlink(process.output)
    unlink(process.errors)
    return result
  }

  func audit() throws -> AuditNumbers { try command("audit", "--json").decoded() }

  /// The ledger read in this process: cheap enough to poll.
  func ledger() throws -> Ledger { try LogStore.openReadOnly(store).summary().ledger }

  func waitForMessages(_ count: Int, within limit: Double = 20) throws {
    var last: Int64 = -1
    do {
      try eventually(within: limit, every: 0.02, "\(count) messages received") {
        last = try ledger().received
        return last >= count
      }
    } catch let error as TimedOut {
      throw TimedOut(description: "\(error.description); there are \(last)\n\(process?.log ?? "")")
    }
  }

  func export(_ arguments: String...) throws -> [ExportedLine] {
    commands += 1
    let result = try ChildProcess(
      Deployment.executable, ["export", "--config", configuration] + arguments, environment: environment,
      output: "\(folder.path)/export.out", errors: "\(folder.path)/export.err")
    guard try result.wait(within: 60) == 0 else { throw TimedOut(description: result.log) }
    let decoder = JSONDecoder.snakeCase()
    let data = FileManager.default.contents(atPath: result.output) ?? Data()
    return try data.split(separator: UInt8(ascii: "\n")).map { try decoder.decode(ExportedLine.self, from: Data($0)) }
  }
}
