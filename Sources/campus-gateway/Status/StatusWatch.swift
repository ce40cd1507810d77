import Glibc
import ReadingLog
import Synchronization

/// Raised by SIGINT, SIGTERM and SIGHUP while a screen is shown.
private let stopRequests = Atomic<Int>(0)

/// Shows the status again and again: on a terminal one screen in place, elsewhere a line a second. Leaves the terminal as
/// it was.
struct StatusWatch {
  private let store: LogStore
  private let folder: String

  private static let interval: UInt32 = 1_000_000
  /// The other screen, without a cursor; and back.
  private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J"
  private static let leave = "\u{1B}[?25h\u{1B}[?1049l"

  init(_ store: LogStore, folder: String) {
    self.store = store
    self.folder = folder
  }

  func run() throws {
    // Made before a handler may need it.
    _ = stopRequests.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in stopRequests.store(1, ordering: .relaxed) }
    }
    if Terminal.isOutput { Console.write(StatusWatch.enter, to: 1) }
    defer { if Terminal.isOutput { Console.write(StatusWatch.leave, to: 1) } }
    var before: StatusSnapshot?
    while stopRequests.load(ordering: .relaxed) == 0 {
      let now = try StatusSnapshot(store, folder: folder)
      show(StatusScreen(now: now, before: before))
      before = now
      // A signal ends the sleep early.
      usleep(StatusWatch.interval)
    }
  }

  private func show(_ screen: StatusScreen) {
    guard Terminal.isOutput else { return Console.write(screen.line + "\n", to: 1) }
    var lines = screen.lines
    let well = screen.now.isWell
    lines[0] = well ? Terminal.green(lines[0]) : Terminal.red(lines[0])
    if !lines[1].isEmpty { lines[1] = Terminal.yellow(lines[1]) }
    lines[2] = Terminal.bold(lines[2])
    // Each line is cleared to its end, and what stood below: nothing flickers, nothing stays.
    let text = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
    Console.write("\u{1B}[H" + text + "\u{1B}[J", to: 1)
  }
}
