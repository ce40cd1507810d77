import Foundation
import Glibc

/// A process that was started here, and ends by its id.
final class Child {
  let id: pid_t
  let name: String
  let outputPath: String
  let logPath: String
  private var status: Int32?

  /// Starts `path`; its standard output and its log go to files in `folder`.
  init(_ path: String, _ arguments: [String], in folder: String, named name: String? = nil) throws {
    self.name = name ?? (path as NSString).lastPathComponent
    outputPath = "\(folder)/\(self.name).out"
    logPath = "\(folder)/\(self.name).log"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, logPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Not in the terminal's group: Ctrl-C reaches the workplace, which ends its children in order.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var id: pid_t = 0
    let code = posix_spawnp(&id, path, &actions, &attributes, &words, environ)
    guard code == 0 else { throw Failure("\(path): \(String(cString: strerror(code)))") }
    self.id = id
    Workplace.started(id)
  }

  var isRunning: Bool {
    if status != nil { return false }
    var status: Int32 = 0
    guard waitpid(id, &status, WNOHANG) == id else { return true }
    self.status = status
    Workplace.ended(id)
    return false
  }

  var output: String { text(of: outputPath) }
  var log: String { text(of: logPath) }

  /// User and system time so far, seconds (proc(5), fields 14 and 15).
  var cpu: Double {
    let fields = text(of: "/proc/\(id)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// CPU seconds so far of the threads that run, by name; those of one name together.
  var threads: [String: Double] {
    let folder = "/proc/\(id)/task"
    var seconds: [String: Double] = [:]
    let tasks: [String]
    do { tasks = try FileManager.default.contentsOfDirectory(atPath: folder) } catch { return [:] }
    for task in tasks {
      let name = text(of: "\(folder)/\(task)/comm").trimmingCharacters(in: .newlines)
      // Nanoseconds on a processor, then waiting for one.
      guard let spent = text(of: "\(folder)/\(task)/schedstat").split(separator: " ").first.flatMap({ Double($0) })
      else { continue }
      seconds[name, default: 0] += spent / 1e9
    }
    return seconds
  }

  /// Resident memory, MiB.
  var residentMebibytes: Double {
    let line = text(of: "/proc/\(id)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return (line.flatMap { Double($0.filter(\.isNumber)) } ?? 0) / 1024
  }

  /// Waits until `isTrue`; fails after `limit` seconds, or when the process has ended before.
  func wait(_ what: String, limit: Double = 120, every: UInt32 = 2000, until isTrue: () throws -> Bool) throws {
    let end = Date().addingTimeInterval(limit)
    while try !isTrue() {
      guard isRunning else { throw Failure("\(name) ended before \(what):\n\(output)\(log)") }
      guard Date() < end else { throw Failure("\(name): \(what) did not come in \(Int(limit)) seconds:\n\(log)") }
      usleep(every)
    }
  }

  /// Waits for the end; gives what was printed, and fails where the exit code is not 0.
  @discardableResult
  func finish(limit: Double = 600) throws -> String {
    let end = Date().addingTimeInterval(limit)
    while isRunning {
      guard Date() < end else {
        kill(SIGKILL)
        throw Failure("\(name) did not end in \(Int(limit)) seconds")
      }
      usleep(2000)
    }
    guard status == 0 else { throw Failure("\(name) failed:\n\(output)\(log)") }
    return output
  }

  func kill(_ signal: Int32) {
    if isRunning { Glibc.kill(id, signal) }
    while signal == SIGKILL, isRunning { usleep(1000) }
  }

  private func text(of path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}

struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
