import Foundation
import Glibc

/// A mosquitto of its own on a free loopback port.
final class Broker {
  private let folder: TemporaryFolder
  private let isPersistent: Bool
  private let settings: [String]
  /// The whole configuration, of the port and the broker's own folder; nil: what most tests want.
  private let compose: ((_ port: UInt16, _ folder: String) -> String)?
  /// Holds files that the configuration names.
  private let kept: TemporaryFolder?
  private(set) var port: UInt16
  private(set) var process: ChildProcess?

  /// `persistent`: keeps sessions and queues over a clean stop.
  init(persistent: Bool = false, settings: [String] = [], start: Bool = true) throws {
    folder = try TemporaryFolder()
    isPersistent = persistent
    self.settings = settings
    (compose, kept) = (nil, nil)
    port = try Loopback.freePort()
    if start { try self.start() }
  }

  /// With this configuration and no other.
  init(file: @escaping (_ port: UInt16, _ folder: String) -> String, keeping kept: TemporaryFolder? = nil) throws {
    folder = try TemporaryFolder()
    isPersistent = false
    settings = []
    compose = file
    self.kept = kept
    port = try Loopback.freePort()
    try start()
  }

  func start() throws {
    // Somebody else may have taken the port since it was free.
    for _ in 0..<5 {
      try startOnce()
      do {
        try eventually(within: 10, "mosquitto on port \(port)") {
          guard let process, process.isRunning else { throw TimedOut(description: "mosquitto ended") }
          guard let probe = Loopback.connect(port) else { return false }
          close(probe)
          return true
        }
        return
      } catch {
        process?.kill()
        if process?.log.contains("in use") != true { throw error }
        port = try Loopback.freePort()
      }
    }
  }

  private func startOnce() throws {
    let lines =
      [
        "listener \(port) 127.0.0.1", "allow_anonymous true", "user root", "set_tcp_nodelay true",
        "max_queued_messages 0", "max_inflight_messages 0", "persistence \(isPersistent)",
        "persistence_location \(folder.path)/", "log_dest stderr", "log_type error", "log_type warning",
      ] + settings
    let text = compose?(port, folder.path) ?? lines.joined(separator: "\n") + "\n"
    let file = try folder.write("mosquitto.conf", text)
    let executable = access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto"
    process = try ChildProcess(
      executable, ["-c", file], output: "\(folder.path)/out", errors: "\(folder.path)/log")
  }

  func stop() { process?.end() }
  func kill() { process?.kill() }
  func saveNow() { process?.signal(SIGUSR1) }
}
