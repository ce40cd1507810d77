#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A database of SQLite in WAL mode, closed cleanly, in a folder where this user can make no files. A reader, too,
/// makes files beside such a database, so that SQLite has to be told that this one stays as it is.
///
/// On media that nobody can write it does. Elsewhere whoever owns it may start at any time, and is not to wait for a
/// reader: what was read counts only while the file is the one that was opened. What is written meanwhile goes to the
/// write-ahead log first, which such a reader does not see.
public struct StillFile: Sendable {
  private struct Stamp: Equatable {
    var file: UInt
    var size, seconds, nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      file = UInt(status.st_ino)
      size = Int(status.st_size)
      #if canImport(Darwin)
        seconds = Int(status.st_mtimespec.tv_sec)
        nanoseconds = Int(status.st_mtimespec.tv_nsec)
      #else
        seconds = Int(status.st_mtim.tv_sec)
        nanoseconds = Int(status.st_mtim.tv_nsec)
      #endif
    }
  }

  private let path: String
  private let stamp: Stamp

  /// nil: this user can write beside the file, or there is a write-ahead log that must be read.
  public init?(_ path: String) {
    // Before the look at the log: an owner that starts in between is noticed afterwards.
    guard let stamp = Stamp(path), access(path + "-wal", F_OK) != 0 else { return nil }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard access(folder, W_OK) != 0, [EROFS, EACCES, EPERM].contains(errno) else { return nil }
    self.path = path
    self.stamp = stamp
  }

  /// What SQLite takes as the file's name, where it takes URIs.
  public var address: String {
    let escaped = path.replacing("%", with: "%25").replacing("?", with: "%3f").replacing("#", with: "%23")
    return "file:\(escaped)?immutable=1"
  }

  /// Whether the file is as it was when it was opened, and nobody writes beside it.
  public var isUnchanged: Bool { Stamp(path) == stamp && access(path + "-wal", F_OK) != 0 }
}
