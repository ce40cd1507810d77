import Foundation

/// One live line a second on standard error: overwritten on a terminal, one after another elsewhere.
struct Progress {
  private let plan: RunPlan
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var nextAt: Int64 = 0
  private var lastFrames = 0
  private var lastAt: Int64 = 0

  init(plan: RunPlan) { self.plan = plan }

  mutating func show(_ counts: RunCounts, _ now: Int64) {
    guard now >= nextAt else { return }
    let seconds = Double(max(1, now - lastAt)) / 1_000
    let rate = lastAt == 0 ? 0 : Int(Double(counts.frames - lastFrames) / seconds)
    nextAt = now + 1_000
    lastAt = now
    lastFrames = counts.frames
    write(line(counts, now) + "  \(rate) frames/s", ending: isTerminal ? "\u{1B}[K\r" : "\n")
  }

  mutating func finish(_ counts: RunCounts) {
    write(line(counts, SimulatedClock.monotonic), ending: isTerminal ? "\u{1B}[K\n" : "\n")
  }

  private func line(_ counts: RunCounts, _ now: Int64) -> String {
    var time = plan.clock.time(at: now)
    if let end = plan.endTime { time = min(time, end) }
    var text = "\(LocalDay.isoText(time, zone: plan.zone))  frames \(counts.frames)  sent \(counts.transmissions)"
    text += "  receipted \(counts.receipted)  in flight \(counts.waiting)"
    if counts.forged > 0 { text += "  forged \(counts.forged)" }
    if counts.abandoned > 0 { text += "  abandoned \(counts.abandoned)" }
    if counts.stalls > 0 { text += "  outboxes full \(counts.stalls)×" }
    return text
  }

  private func write(_ line: String, ending: String) {
    FileHandle.standardError.write(Data((line + ending).utf8))
  }
}
