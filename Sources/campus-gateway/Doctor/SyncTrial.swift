import CPlatform
import Glibc

/// How long the disk takes to make 4 KiB durable: the least a commit takes.
struct SyncTrial: Sendable, Equatable {
  var p50Microseconds: Int64
  var p99Microseconds: Int64

  static let rounds = 200
  private static let bytes = 4_096
  /// Nanoseconds after which a slow disk has told enough.
  private static let limit: Int64 = 10_000_000_000

  /// Writes and syncs a file of its own in `folder`, and removes it. nil: it cannot be written there.
  init?(folder: String) {
    let path = "\(folder)/.doctor-\(getpid())"
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return nil }
    unlink(path)
    defer { close(file) }
    let block = [UInt8](repeating: 0x5a, count: SyncTrial.bytes)
    var times: [Int64] = []
    let begin = platform_monotonic_ns()
    for round in 0..<SyncTrial.rounds {
      guard pwrite(file, block, SyncTrial.bytes, off_t(round * SyncTrial.bytes)) == SyncTrial.bytes else { return nil }
      let before = platform_monotonic_ns()
      guard fdatasync(file) == 0 else { return nil }
      let after = platform_monotonic_ns()
      times.append(after - before)
      if after - begin > SyncTrial.limit { break }
    }
    times.sort()
    p50Microseconds = times[times.count / 2] / 1_000
    p99Microseconds = times[min(times.count - 1, times.count * 99 / 100)] / 1_000
  }
}
