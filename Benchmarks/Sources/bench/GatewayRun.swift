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
    var totals: [String: Int64]
    var commits: Int64
    var gateway: Running?
  }

  let folder: String
  private let place: Workplace
  private let arguments: [String]
  private(set) var child: Child

  /// Registers the devices, imports their keys, starts and waits until it is online.
  init(_ place: Workplace, devices: Int, port: Int, in folder: String) throws {
    self.place = place
    self.folder = folder
    arguments = ["--config", "\(folder)/gateway.yaml"]
    try GatewayRun.makeCampus(devices, in: folder)
    try GatewayRun.configure(port, in: folder)
    try Child(
      place.program("campus-gateway"), ["keys", "import", "\(folder)/keys.csv"] + arguments, in: folder, named: "keys"
    ).finish()
    child = try GatewayRun.start(place, arguments, in: folder)
  }

  private static func makeCampus(_ devices: Int, in folder: String) throws {
    var campus = "site,device,place_id,model,auth,adapter\n"
    var keys = "site,device,key\n"
    for device in 0..<UInt32(devices) {
      var name = [CChar](repeating: 0, count: Int(LOAD_NAME_SIZE))
      load_device_name(device, &name)
      let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      var key = [UInt8](repeating: 0, count: 32)
      load_device_key(device, &key)
      campus += "\(LOAD_SITE),\(text),room-1,bench,mac,\n"
      keys += "\(LOAD_SITE),\(text),\(key.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())\n"
    }
    try FileManager.default.createDirectory(atPath: "\(folder)/campus", withIntermediateDirectories: true)
    try campus.write(toFile: "\(folder)/campus/devices.csv", atomically: false, encoding: .utf8)
    try keys.write(toFile: "\(folder)/keys.csv", atomically: false, encoding: .utf8)
  }

  private static func configure(_ port: Int, in folder: String) throws {
    let text = """
      mqtt: {port: \(port)}
      store: {path: "\(folder)/data/gateway.sqlite"}
      campus: {directory: "\(folder)/campus", key_file: "\(folder)/data/master.key"}
      http: {port: 0}

      """
    try text.write(toFile: "\(folder)/gateway.yaml", atomically: false, encoding: .utf8)
  }

  private static func start(_ place: Workplace, _ arguments: [String], in folder: String) throws -> Child {
    let child = try Child(place.program("campus-gateway"), ["run"] + arguments, in: folder)
    try child.wait("it was online", every: 1000) { child.log.contains(" online") }
    return child
  }

  /// Starts again on the same store, with another broker if need be; gives the seconds until it was online.
  func restart(port: Int) throws -> Double {
    try GatewayRun.configure(port, in: folder)
    let start = load_monotonic_s()
    child = try GatewayRun.start(place, arguments, in: folder)
    return load_monotonic_s() - start
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
