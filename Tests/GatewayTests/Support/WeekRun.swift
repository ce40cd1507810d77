import Foundation
import Glibc

/// A simulated week: campus, broker, gateway, simulator, and the program that computes the truth.
final class WeekRun {
  let folder: TemporaryFolder
  let broker: Broker
  let zone: String
  let monday: String
  /// Where a diagnosis core of its own listens; nil: the gateway embeds one.
  let corePort: UInt16?
  var core: ChildProcess?
  /// The campus as it was when it was first put in force, once another is.
  var firstCampus: String?
  /// What the simulator lives by.
  lazy var livedCampus = campus
  /// Settings over the file's.
  var environment: [String: String] = [:]
  private(set) var gateway: ChildProcess?
  private(set) var simulator: ChildProcess?
  private var starts = 0

  /// `monday`: the first day's midnight, in the past: what is wholly past is final at once. `hasCore`: the diagnosis
  /// core is a process of its own.
  init(zone: String, monday: String, students: Int = 120, seed: UInt64, hasCore: Bool = false) throws {
    folder = try TemporaryFolder()
    corePort = hasCore ? try Loopback.freePort() : nil
    broker = try Broker()
    self.zone = zone
    self.monday = monday
    try run(
      "campus-simulator", "generate", campus, "--seed", "\(seed)", "--students", "\(students)", "--days", "7",
      "--start", String(monday.prefix(10)), "--time-zone", zone, "--awkward")
    try run("campus-simulator", "keys", campus, "--seed", "\(seed)", "--output", "\(folder.path)/keys.csv")
    try folder.write(
      "gateway.yaml",
      """
      site_time_zone: \(zone)
      mqtt: {host: 127.0.0.1, port: \(broker.port)}
      store: {path: "\(try folder.folder("data"))/gateway.sqlite", retention_days: 36500}
      campus: {directory: "\(campus)", key_file: "\(folder.path)/data/master.key"}
      receipts: {minimum_interval_ms: 100}
      http: {port: 0}
      diagnosis: {\(corePort.map(WeekRun.remote) ?? "standards: \"\(WeekRun.standards)\"")}
      """)
    if hasCore { try writeCore() }
    try importKeys()
  }

  /// Makes the store, and puts the campus in force.
  func importKeys() throws {
    try run("campus-gateway", "keys", "import", "\(folder.path)/keys.csv", "--config", configuration)
  }

  deinit {
    simulator?.end()
    gateway?.end()
    core?.end()
  }

  private static let standards = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../config/standards.yaml").standardized.path

  var campus: String { "\(folder.path)/campus" }
  var configuration: String { "\(folder.path)/gateway.yaml" }
  private var ledger: String { "\(folder.path)/ledger.ndjson" }

  private static func program(_ name: String) -> String {
    (Deployment.executable as NSString).deletingLastPathComponent + "/" + name
  }

  func start(_ name: String, _ arguments: [String]) throws -> ChildProcess {
    starts += 1
    let output = "\(folder.path)/\(starts)-\(name)"
    let program = name == "campus-gateway" ? Deployment.executable : WeekRun.program(name)
    return try ChildProcess(
      program, arguments, environment: environment, output: "\(output).out", errors: "\(output).err")
  }

  private func finished(_ process: ChildProcess, _ arguments: [String]) throws -> CommandResult {
    let status = try process.wait(within: 100)
    return CommandResult(arguments: arguments, status: status, output: text(of: process.output), errors: process.log)
  }

  @discardableResult
  func run(_ name: String, _ arguments: String...) throws -> CommandResult {
    try finished(try start(name, arguments), [name] + arguments).expectGood()
  }

  // MARK: The week

  func startGateway(waits: Bool = true) throws {
    let process = try start("campus-gateway", ["run", "--config", configuration])
    gateway = process
    guard waits else { return }
    try eventually(within: 20, "the gateway online:\n\(process.log)") {
      guard process.isRunning else { throw TimedOut(description: "the gateway ended: \(process.log)") }
      return process.log.contains(" online")
    }
  }

  func killGateway() { gateway?.kill() }

  /// SIGTERM; gives the exit status.
  func stopGateway() throws -> Int32 {
    gateway?.signal(SIGTERM)
    return try gateway?.wait(within: 6) ?? -1
  }

  func startSimulator(seed: UInt64, speed: Int, scenario: String, _ more: String...) throws {
    let file = try folder.write("scenario.csv", "what,target,from,to,value\n" + scenario)
    simulator = try start(
      "campus-simulator",
      [
        "run", "--campus", livedCampus, "--keys", "\(folder.path)/keys.csv", "--port", "\(broker.port)",
        "--seed", "\(seed)", "--start", monday, "--time-zone", zone, "--days", "7", "--speed", "\(speed)",
        "--drain-seconds", "60", "--scenario", file, "--ledger", ledger, "--json",
      ] + more)
  }

  var isOnline: Bool { gateway?.log.contains(" online") ?? false }
  var isLiving: Bool { simulator?.isRunning ?? false }

  /// Waits until every frame has its receipt, and proves that the store holds exactly what was sent.
  func finishSimulator() throws {
    guard let simulator else { return }
    try finished(simulator, ["campus-simulator"]).expectGood()
    let export = try run("campus-gateway", "export", "--config", configuration)
    try folder.write("export.ndjson", export.output)
    try run("campus-simulator", "prove", "--ledger", ledger, "--export", "\(folder.path)/export.ndjson")
  }

  /// What the truth program says of the aggregates as they stand now.
  func truth() throws -> CommandResult {
    let printed = try run("campus-gateway", "aggregates", "--json", "--config", configuration)
    try folder.write("aggregates.json", printed.output)
    let campuses = firstCampus.map { ["--campus", $0, "--later", campus] } ?? ["--campus", campus]
    let arguments = campuses + [
      "--ledger", ledger, "--aggregates", "\(folder.path)/aggregates.json", "--export",
      "\(folder.path)/export.ndjson", "--time-zone", zone,
    ]
    return try finished(try start("campus-truth", arguments), arguments)
  }

  /// Waits for the fold to have caught up, which shows in that the aggregates are true.
  func waitForTruth(within limit: Double = 60) throws -> String {
    var last = try truth()
    do {
      try eventually(within: limit, every: 1, "the truth") {
        if last.status == 1 { last = try truth() }
        return last.status != 1
      }
    } catch is TimedOut {
      throw TimedOut(description: "not within \(limit) s:\n\(last.output)\(last.errors)\n\(gateway?.log ?? "")")
    }
    return try last.expectGood().output
  }
}
