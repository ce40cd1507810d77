import Glibc

/// What this process and its store take of the machine.
struct ProcessUsage: Sendable {
  var residentBytes: Int64 = 0
  var cpuSeconds = 0.0

  static func current() -> ProcessUsage {
    var usage = ProcessUsage()
    let fields = text(of: "/proc/self/statm").split(separator: " ")
    if fields.count > 1 { usage.residentBytes = (Int64(fields[1]) ?? 0) * Int64(sysconf(Int32(_SC_PAGESIZE))) }
    var used = timespec()
    if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0 {
      usage.cpuSeconds = Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
    }
    return usage
  }

  /// Of one line that the system makes; empty where it does not.
  private static func text(of path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }

  /// Of a store's file and what SQLite keeps beside it.
  static func bytes(ofStore path: String) -> Int64 {
    ["", "-wal", "-shm"].reduce(0) { sum, suffix in
      var status = stat()
      return stat(path + suffix, &status) == 0 ? sum + Int64(status.st_size) : sum
    }
  }

  /// Room left to ordinary users on the file system of `path`.
  static func bytesFree(at path: String) -> Int64 {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return 0 }
    return Int64(status.f_bavail) * Int64(status.f_frsize)
  }
}
