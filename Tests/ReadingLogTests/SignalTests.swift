import ReadingLog
import Testing

@Suite struct SignalTests {
  private let signal = Signal()
  /// Milliseconds nobody waits in earnest.
  private let long: Int64 = 60_000

  @Test func aRaiseBetweenTheLookAndTheWaitIsNotMissed() async {
    let raises = signal.raises
    signal.raise()
    #expect(await signal.wait(after: raises, atMost: long))
  }

  @Test func aRaiseEndsEveryWait() async throws {
    let (signal, long, raises) = (self.signal, self.long, self.signal.raises)
    let waits = (0..<20).map { _ in Task { await signal.wait(after: raises, atMost: long) } }
    try await Task.sleep(for: .milliseconds(20))
    signal.raise()
    for wait in waits { #expect(await wait.value) }
  }

  @Test func withoutARaiseTheWaitEndsByItself() async {
    #expect(await !signal.wait(after: signal.raises, atMost: 10))
  }

  @Test(arguments: [0, 20]) func aCancelledWaitEndsAtOnce(afterMilliseconds delay: Int) async throws {
    let (signal, long, raises) = (self.signal, self.long, self.signal.raises)
    let wait = Task { await signal.wait(after: raises, atMost: long) }
    try await Task.sleep(for: .milliseconds(delay))
    let start = ContinuousClock.now
    wait.cancel()
    #expect(await !wait.value)
    #expect(ContinuousClock.now - start < .seconds(10))
  }
}
