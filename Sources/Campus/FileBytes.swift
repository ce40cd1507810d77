#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads whole files, up to a limit.
enum FileBytes {
  enum Refusal: Error, Equatable {
    case missing
    case unreadable(reason: String)
    case tooLarge
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  static func contents(of path: String, limitBytes: Int) throws(Refusal) -> [UInt8] {
    // Non-blocking, so that a pipe in the place of a file is refused and not waited for.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .missing : .unreadable(reason: lastError())
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(reason: lastError()) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .unreadable(reason: "not a file") }
    guard status.st_size <= limitBytes else { throw .tooLarge }
    return try contents(of: descriptor, count: Int(status.st_size))
  }

  private static func contents(
    of descriptor: Int32, count: Int
  ) throws(Refusal) -> [UInt8] {
    var failure: Refusal?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let rest = UnsafeMutableBufferPointer(rebasing: buffer[filled...])
        let got = read(descriptor, rest.baseAddress, rest.count)
        if got > 0 {
          filled += got
        } else if got < 0 && errno == EINTR {
          continue
        } else {
          // Shorter than its size said: someone is writing it; what is there gets checked like any file.
          if got < 0 { failure = .unreadable(reason: lastError()) }
          break
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private static func lastError() -> String {
    let number = errno
    return strerror(number).map { String(cString: $0) } ?? "error \(number)"
  }
}
