import Testing

@testable import campus_gateway

/// What a long command shows of itself.
@Suite struct ProgressBarTests {
  /// Steps of a tenth of a second from 0 to `total`.
  private func shown(isTerminal: Bool, total: Int64) -> [String] {
    var written: [String] = []
    var time: Int64 = 0
    var bar = ProgressBar(
      Wording("copying", "正在复制"), isTerminal: isTerminal, clock: { time }, write: { written.append($0) })
    for done in 0...total {
      bar.update(done, of: total)
      time += 100_000_000
    }
    bar.finish()
    return written
  }

  @Test func withoutATerminalThereIsALineEachTenPercent() {
    let lines = shown(isTerminal: false, total: 100)
    #expect(lines == (1...10).map { "copying \($0 * 10) %\n" })
  }

  @Test func onATerminalOneLineIsWrittenOverAndTakenAway() {
    let pieces = shown(isTerminal: true, total: 100)
    #expect(pieces.count > 50 && pieces.dropLast().allSatisfy { $0.hasPrefix("\r") && !$0.contains("\n") })
    #expect(pieces.dropLast().last?.hasSuffix("] 100 %") == true)
    #expect(pieces.last == "\r\u{1B}[K")
  }

  @Test func whatIsDoneInAMomentShowsNothing() {
    #expect(shown(isTerminal: false, total: 5).isEmpty)
    #expect(shown(isTerminal: true, total: 5).isEmpty)
  }
}
