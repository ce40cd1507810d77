import CLoad
import Foundation
import Glibc

/// The gateway as it is shipped, on a campus of benchmark devices.
final class GatewayRun {
  struct Status: Decodable {
    struct Running: Decodable {
      /// Unix milliseconds.
      var lastCommit: Int64
      var residentKib: Int64
      var receipts: Int64
      var publishToCommitP50Ms: Int64?
      var publishToCommitP99Ms: Int64?
    }
    /// What waits for one diagnosis core.
    struct Outbox: Decodable {
      var destination: String
      var waiting, finals, putAside: Int64
    }
    var totals: [String: Int64]
    var commits: Int64
    var gateway: Running?
    /// Rows of the log that each cursor has yet to pass.
    var lag: [String: Int64]
    var outbox: [Outbox]
  }

  let folder: String
  private let place: Workplace
  private let arguments: [String]
  /// Lines of the configuration beside broker, store and campus.
  private let settings: String
  private(set) var child: Child

  /// The same number of devices in one room, and nothing else known of the campus.
  convenience init(_ place: Workplace, devices: Int, port: Int, in folder: String) throws {
    try GatewayRun.makeCampus(devices, in: folder)
    try self.init(place, preparedIn: folder, port: port)
  }

  /// A whole campus.
  convenience init(
    _ place: Workplace, campus: BenchCampus, port: Int, in folder: String, settings: String = ""
  ) throws {
    try campus.write(to: folder)
    try self.init(place, preparedIn: folder, port: port, settings: settings)
  }

  /// Registers the devices of `folder`, imports their keys, starts and waits until it is online.
  private init(_ place: Workplace, preparedIn folder: String, port: Int, settings: String = "") throws {
    self.place = place
    self.folder = folder
    self.settings = settings
    arguments = ["--config", "\(folder)/gateway.yaml"]
    try GatewayRun.configure(port, in: folder, settings)
    try Child(
      place.program("campus-gateway"), ["keys", "import", "\(folder)/keys.csv"] + arguments, in: folder, named: "keys"
    ).finish()
    child = try GatewayRun.start(place, arguments, in: folder)
  }

  private static func makeCampus(_ devices: Int, in folder: String) throws {
    var campus = "site,device,place_id,model,auth,adapter\n"
    var keys = "site,device,key\n"
    for device in 0..<UInt32(devices) {
      let (name, key) = BenchCampus.device(device)
      campus += "\(LOAD_SITE),\(name),room-1,bench,mac,\n"
      keys += "\(LOAD_SITE),\(name),\(key)\n"
    }
    try FileManager.default.createDirectory(atPath: "\(folder)/campus", withIntermediateDirectories: true)
    try campus.write(toFile: "\(folder)/campus/devices.csv", atomically: false, encoding: .utf8)
    try keys.write(toFile: "\(folder)/keys.csv", atomically: false, encoding: .utf8)
  }

  private static func configure(_ port: Int, in folder: String, _ settings: String) throws {
    let text = """
      mqtt: {port: \(port)}
      store: {path: "\(folder)/data/gateway.sqlite"}
      campus: {directory: "\(folder)/campus", key_file: "\(folder)/data/master.key"}
      \(settings)
      http: {port: 0}

      """
    try text.write(toFile: "\(folder)/gateway.yaml", atomically: false, encoding: .utf8)
  }

  private static func start(_ place: Workplace, _ arguments: [String], in folder: String) throws -> Child {
    let child = try Child(place.program("campus-gateway"), ["run"] + arguments, in: folder)
    try child.wait("it was online", every: 1000) { child.log.contains(" online") }
    return child
  }

  /// Seconds from exec to the log lines `ready` and `online`.
  struct Start {
    var ready: Double
    var online: Double
  }

  /// Starts again on the same store, with another broker if need be; gives the seconds until it was online.
  func restart(port: Int) throws -> Double { try timedRestart(port: port).online }

  func timedRestart(port: Int) throws -> Start {
    try GatewayRun.configure(port, in: folder, settings)
    let start = load_monotonic_s()
    child = try Child(place.program("campus-gateway"), ["run"] + arguments, in: folder)
    try child.wait("it was ready", every: 1000) { child.log.contains(" ready") }
    let ready = load_monotonic_s() - start
    try child.wait("it was online", every: 1000) { child.log.contains(" online") }
    return Start(ready: ready, online: load_monotonic_s() - start)
  }

  /// Runs another command on the same configuration; gives what it printed.
  func command(_ words: String...) throws -> String {
    try Child(place.program("campus-gateway"), words + arguments, in: folder, named: words[0]).finish()
  }

  /// Waits until every row is folded and no revision waits to leave.
  @discardableResult
  func waitUntilSettled(limit: Double = 120) throws -> Status {
    var status = try status()
    try child.wait("everything was folded and delivered", limit: limit, every: 200_000) {
      if status.isSettled { return true }
      status = try self.status()
      return status.isSettled
    }
    return status
  }

  /// Waits until every row is folded.
  func waitUntilFolded(limit: Double = 120, every: UInt32 = 20_000) throws {
    try child.wait("everything was folded", limit: limit, every: every) {
      try status().lag.values.allSatisfy { $0 == 0 }
    }
  }

  /// Waits until at most so many rows are not folded: while more come, there are always some.
  func waitUntilFolded(allBut rows: Int64, limit: Double = 120) throws {
    try child.wait("all but \(rows) rows were folded", limit: limit, every: 100_000) {
      try status().lag.values.allSatisfy { $0 <= rows }
    }
  }

  func status() throws -> Status {
    let child = try Child(
      place.program("campus-gateway"), ["status", "--json"] + arguments, in: folder, named: "status")
    while child.isRunning { usleep(2000) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do { return try decoder.decode(Status.self, from: Data(child.output.utf8)) } catch {
      throw Failure("status says nothing: \(child.output)\(child.log)")
    }
  }

  /// Waits until `frames` were received, asking twice a second, and checks that each was stored.
  func wait(forReceived frames: Int) throws -> Status {
    var status = try status()
    try child.wait("\(frames) frames were received", every: 500_000) {
      if status.totals["received"] ?? 0 >= frames { return true }
      status = try self.status()
      return status.totals["received"] ?? 0 >= frames
    }
    guard status.totals["stored"] == Int64(frames) else {
      throw Failure("not every frame was stored: \(status.totals)")
    }
    return status
  }

  func stop() throws {
    child.kill(SIGTERM)
    try child.finish(limit: 60)
  }

  /// Bytes of the store's files whose names end with one of `endings`.
  func bytes(_ endings: [String]) -> Int {
    endings.reduce(0) { sum, ending in
      var info = stat()
      return stat("\(folder)/data/gateway.sqlite\(ending)", &info) == 0 ? sum + Int(info.st_size) : sum
    }
  }
}

extension GatewayRun.Status {
  var isSettled: Bool { lag.values.allSatisfy { $0 == 0 } && outbox.allSatisfy { $0.waiting == 0 } }
  var waiting: Int64 { outbox.reduce(0) { $0 + $1.waiting } }
}
