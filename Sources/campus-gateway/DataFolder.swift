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
  }

  private let file: Int32

  /// Makes the folder where needed. Refuses where another process holds the lock.
  init(_ path: String, lock name: Lock = .gateway) throws {
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
    guard platform_lock(lock) else {
      close(lock)
      throw Refusal.cannotRun("another \(name.holder) runs on \(path): stop it first, or give this one another store.path")
    }
    file = lock
  }

  deinit { close(file) }
}
