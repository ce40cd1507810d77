import CPlatform
import Glibc

/// How far a long command has come, on standard error. On a terminal one line that is written over; elsewhere a line
/// each ten percent. What is done within a moment shows nothing.
struct ProgressBar {
  private let label: Wording
  private let isTerminal: Bool
  private let write: (String) -> Void
  /// Monotonic nanoseconds.
  private let clock: () -> Int64
  private let begin: Int64
  private var drawnAt: Int64 = 0
  private var drawnPercent: Int64 = -1

  static let columns = 40
  /// Nanoseconds before anything is shown.
  static let patience: Int64 = 1_000_000_000
  /// Nanoseconds between drawings, at least.
  private static let interval: Int64 = 100_000_000

  init(_ label: Wording) {
    self.init(
      label, isTerminal: Terminal.isError, clock: platform_monotonic_ns, write: { Console.write($0, to: 2) })
  }

  init(_ label: Wording, isTerminal: Bool, clock: @escaping () -> Int64, write: @escaping (String) -> Void) {
    self.label = label
    self.isTerminal = isTerminal
    self.clock = clock
    self.write = write
    begin = clock()
  }

  mutating func update(_ done: Int64, of total: Int64) {
    guard total > 0 else { return }
    let percent = min(100, done * 100 / total)
    let now = clock()
    guard now - begin >= ProgressBar.patience, percent > drawnPercent else { return }
    if isTerminal {
      guard now - drawnAt >= ProgressBar.interval || percent == 100 else { return }
      let full = Int(percent) * ProgressBar.columns / 100
      let bar = String(repeating: "#", count: full) + String(repeating: ".", count: ProgressBar.columns - full)
      write("\r\(label.text) [\(bar)] \(percent) %")
      drawnPercent = percent
    } else {
      // Tens: 0 to 9 % are one line, 10 to 19 % the next.
      guard drawnPercent < 0 || percent / 10 > drawnPercent / 10 else { return }
      write("\(label.text) \(percent / 10 * 10) %\n")
      drawnPercent = percent
    }
    drawnAt = now
  }

  /// Takes the line away again: what follows is the result.
  mutating func finish() {
    if isTerminal, drawnPercent >= 0 { write("\r\u{1B}[K") }
    drawnPercent = -1
  }
}
