import CPlatform
import Foundation
import Glibc

/// Where a running gateway's log lines go. Takes whole lines from any thread, gives them to a file descriptor, and
/// refuses to be in the way: a lane logs between commits, so no line ends the process, and none waits long for its
/// reader. Lines that could not be written are counted, and the next one that can be says how many they were.
final class LogOutput: @unchecked Sendable {
  /// Nanoseconds a line waits for its reader, at most. The one after a lost line does not wait.
  static let patience: Int64 = 100_000_000
  /// A pipe that poll(2) calls writable takes this much without blocking (PIPE_BUF).
  private static let pieceBytes = 4096

  private let file: Int32
  private let lock = NSLock()
  private var lost = 0
  /// The last line stands there in part.
  private var isTorn = false

  init(file: Int32) { self.file = file }

  /// `loss`: the line that says how many lines could not be written.
  func write(_ line: String, loss: (_ lines: Int) -> String) {
    lock.withLock {
      if lost > 0, put(loss(lost)) { lost = 0 }
      if lost > 0 || !put(line) { lost += 1 }
    }
  }

  /// false: not written, or in part only.
  private func put(_ line: String) -> Bool {
    var text = isTorn ? "\n\(line)\n" : "\(line)\n"
    let end = platform_monotonic_ns() + (lost == 0 ? LogOutput.patience : 0)
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while rest.count > 0 {
        let left = max(0, end - platform_monotonic_ns())
        guard platform_wait(file, true, -1, left) & Int32(PLATFORM_WRITABLE.rawValue) != 0 else { break }
        let count = Glibc.write(file, rest.baseAddress, min(rest.count, LogOutput.pieceBytes))
        // Whoever shares the terminal may have made it non-blocking.
        if count < 0, errno == EINTR || errno == EAGAIN, left > 0 { continue }
        guard count > 0 else { break }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      isTorn = rest.count > 0 && (isTorn || rest.count < bytes.count)
      return rest.count == 0
    }
  }
}
