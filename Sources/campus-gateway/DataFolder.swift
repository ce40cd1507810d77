import CPlatform
import Foundation

/// An exclusive lock in the data folder: one process writes a store. Released when the process ends, however.
struct DataFolder: ~Copyable, Sendable {
  /// Which store of the folder: the readings', or the diagnosis core's.
  enum Lock: String {
    case gateway = "gateway.lock"
    case diagnosis = "diagnosis.lock"

    var holder: String {
      switch self {
      case .gateway: "gateway"
      case .diagnosis: "diagnosis core"
      }
    }

    /// Where its holder answers, once it does.
    var socket: String {
      switch self {
      case .gateway: ControlSocket.name
      case .diagnosis: LocalCore.socket
      }
    }
  }

  /// Another process holds the lock.
  struct Held: Error, CustomStringConvertible {
    var path: String
    var lock: Lock
    /// It answers commands.
    var isRunning: Bool

    var description: String {
      isRunning
        ? "another \(lock.holder) runs on \(path): stop it first, or give this one another store.path"
        : "another \(lock.holder) or command holds \(path)/\(lock.rawValue): wait until it has ended, or stop it, or give this one another store.path"
    }
  }

  /// Seconds what is to run waits for a command, or for a predecessor that answers no more.
  static let patience: Int64 = 10
  /// Seconds a command waits for another, or for a gateway that is about to answer.
  private static let commandPatience: Int64 = 5
  /// Microseconds between two attempts.
  private static let interval: UInt32 = 50_000

  private let file: Int32

  /// Makes the folder where needed. Where another process holds the lock and answers no commands, waits for it as many
  /// seconds as `patience` says; then it is `Held`.
  init(_ path: String, lock name: Lock = .gateway, patience: Int64 = 0) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw Refusal.cannotRun("cannot make the data folder \(path): \(error.localizedDescription); check store.path and its owner")
    }
    let lock = open("\(path)/\(name.rawValue)", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard lock >= 0 else {
      throw Refusal.cannotRun("cannot open \(path)/\(name.rawValue): \(String(cString: strerror(errno))); check the folder's owner and mode")
    }
    let end = platform_monotonic_ns() + patience * 1_000_000_000
    while !platform_lock(lock) {
      let isRunning = ControlSocket.isListening(in: path, name.socket)
      guard !isRunning, platform_monotonic_ns() < end else {
        close(lock)
        throw Held(path: path, lock: name, isRunning: isRunning)
      }
      usleep(DataFolder.interval)
    }
    file = lock
  }

  deinit { close(file) }

  /// Makes a command's attempt again and again while the lock is held: it asks whoever runs, and takes the lock where
  /// nobody does. Between the two another command may hold the lock, or a gateway that does not answer yet.
  static func retrying(_ attempt: () throws -> Void) throws {
    let end = platform_monotonic_ns() + commandPatience * 1_000_000_000
    while true {
      do {
        return try attempt()
      } catch let held as Held {
        guard platform_monotonic_ns() < end else { throw held }
      }
      usleep(interval)
    }
  }

  /// Whether another process holds the lock; also where this user may not look. Whoever starts at this very moment
  /// has the patience to try once more.
  static func isHeld(_ path: String, lock name: Lock = .gateway) -> Bool {
    let lock = open("\(path)/\(name.rawValue)", O_RDONLY | O_CLOEXEC)
    guard lock >= 0 else { return errno != ENOENT }
    defer { close(lock) }
    return !platform_share_lock(lock)
  }
}
