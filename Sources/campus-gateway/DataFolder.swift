import CPlatform
import Foundation

/// The exclusive lock on the data folder: one process writes the store. Released when the process ends, however.
struct DataFolder: ~Copyable {
  private let file: Int32

  /// Makes the folder where needed. Refuses where another process holds it.
  init(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    } catch {
      throw Refusal.cannotRun("cannot make the data folder \(path): \(error.localizedDescription); check store.path and its owner")
    }
    let lock = open("\(path)/gateway.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard lock >= 0 else {
      throw Refusal.cannotRun("cannot open \(path)/gateway.lock: \(String(cString: strerror(errno))); check the folder's owner and mode")
    }
    guard platform_lock(lock) else {
      close(lock)
      throw Refusal.cannotRun("another gateway runs on \(path): stop it first, or give this one another store.path")
    }
    file = lock
  }

  deinit { close(file) }
}
