import Foundation
import Glibc

/// A process whose output goes to files. Ends with its owner at the latest.
final class ChildProcess {
  struct CannotStart: Error { var executable: String, code: Int32 }

  let pid: pid_t
  let output: String
  let errors: String
  /// Exit status; 128 + signal for one that was killed; nil: it runs.
  private(set) var status: Int32?

  /// `descriptor`: is 3 and 4 in the child.
  init(
    _ executable: String, _ arguments: [String], environment: [String: String] = [:], output: String,
    errors: String, descriptor: Int32? = nil
  ) throws {
    self.output = output
    self.errors = errors
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if let descriptor {
      // Out of the way first: it may be 3 or 4 itself.
      posix_spawn_file_actions_adddup2(&actions, descriptor, 9)
      posix_spawn_file_actions_adddup2(&actions, 9, 3)
      posix_spawn_file_actions_adddup2(&actions, 9, 4)
      posix_spawn_file_actions_addclose(&actions, 9)
    }
    // Threads of dispatch queues block signals, and a child would inherit that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("CAMPUS_GATEWAY_") }
      .merging(["LC_ALL": "C"]) { $1 }.merging(environment) { $1 }
    let argv = ([executable] + arguments).map { strdup($0) } + [nil]
    let envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var pid: pid_t = 0
    let code = posix_spawnp(&pid, executable, &actions, &attributes, argv, envp)
    guard code == 0 else { throw CannotStart(executable: executable, code: code) }
    self.pid = pid
  }

  deinit { end() }

  var isRunning: Bool {
    if status == nil {
      var code: Int32 = 0
      if waitpid(pid, &code, WNOHANG) == pid {
        status = code & 0x7f == 0 ? (code >> 8) & 0xff : 128 + (code & 0x7f)
      }
    }
    return status == nil
  }

  func signal(_ number: Int32) {
    if isRunning { Glibc.kill(pid, number) }
  }

  @discardableResult
  func wait(within limit: Double = 10) throws -> Int32 {
    try eventually(within: limit, every: 0.002, "the end of process \(pid)") { !isRunning }
    return status ?? -1
  }

  func kill() {
    signal(SIGKILL)
    _ = try? wait()
  }

  /// SIGTERM, and after 6 seconds SIGKILL.
  func end() {
    signal(SIGTERM)
    do { try wait(within: 6) } catch { kill() }
  }

  var log: String { text(of: errors) }

  var residentKiB: Int {
    let line = text(of: "/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}
