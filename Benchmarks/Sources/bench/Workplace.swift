import Dispatch
import Foundation
import Glibc
import Synchronization

/// Where a benchmark happens: the programs, a folder that goes when it is over, and the processes to end.
final class Workplace {
  private static let running = Mutex<Set<pid_t>>([])
  private static let folders = Mutex<Set<String>>([])

  let programs: String
  let folder: String
  private var count = 0
  private let signals: [any DispatchSourceSignal]

  init(programs: String, under parent: String) throws {
    self.programs = programs
    var template = Array("\(parent)/bench.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure("no folder under \(parent) can be made") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let made = folder
    Workplace.folders.withLock { _ = $0.insert(made) }
    signals = [SIGINT, SIGTERM, SIGHUP].map { number in
      Glibc.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        Workplace.clear()
        exit(128 + number)
      }
      source.resume()
      return source
    }
  }

  static func started(_ id: pid_t) { running.withLock { _ = $0.insert(id) } }
  static func ended(_ id: pid_t) { running.withLock { _ = $0.remove(id) } }

  /// Ends what still runs, by its id, and removes the folders.
  private static func clear() {
    for id in running.withLock({ $0 }) { kill(id, SIGKILL) }
    for folder in folders.withLock({ $0 }) {
      do { try FileManager.default.removeItem(atPath: folder) } catch { continue }
    }
  }

  func leave() {
    for source in signals { source.cancel() }
    Workplace.clear()
  }

  func program(_ name: String) -> String { "\(programs)/\(name)" }

  /// An empty folder for one run.
  func fresh() throws -> String {
    count += 1
    let path = "\(folder)/\(count)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  func discard(_ path: String) throws { try FileManager.default.removeItem(atPath: path) }

  /// Runs a program to its end and reads the JSON object it printed last.
  func run<Value: Decodable>(_ name: String, _ arguments: [String], in folder: String) throws -> Value {
    try Workplace.decode(Child(program(name), arguments, in: folder).finish())
  }

  static func decode<Value: Decodable>(_ output: String) throws -> Value {
    guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("{") }) else {
      throw Failure("nothing was measured: \(output)")
    }
    return try JSONDecoder().decode(Value.self, from: Data(line.utf8))
  }
}

/// What each program prints: how many, from when to when (Unix seconds), and its own CPU seconds.
struct Measured: Decodable {
  var count: Double
  var began: Double
  var ended: Double
  var cpu: Double

  var perSecond: Double { count / (ended - began) }
  var cpuMicroseconds: Double { cpu / count * 1e6 }
}
