import CPlatform
import Testing

@testable import Ingest

/// What a watchdog makes of a thread's promises.
@Suite struct PulseTests {
  private let second: Int64 = 1_000_000_000

  @Test func aThreadThatKeepsItsPromiseIsNotLate() {
    let pulse = Pulse()
    #expect(!pulse.hasBegun)
    pulse.beat()
    #expect(pulse.hasBegun)
    let now = platform_monotonic_ns()
    #expect(!pulse.isLate(now: now + Pulse.turn, grace: 10 * second))
    #expect(!pulse.isLate(now: now + Pulse.turn + 9 * second, grace: 10 * second))
  }

  @Test func aThreadThatStaysAwayIsLate() {
    let pulse = Pulse()
    pulse.beat()
    let now = platform_monotonic_ns()
    #expect(pulse.isLate(now: now + Pulse.turn + 11 * second, grace: 10 * second))
    pulse.beat(within: 30 * second)
    #expect(!pulse.isLate(now: now + 30 * second, grace: 10 * second))
  }

  @Test func aThreadInsideTheSystemsConnectMayTakeAnyTime() {
    let pulse = Pulse()
    pulse.rest()
    #expect(pulse.hasBegun)
    #expect(!pulse.isLate(now: platform_monotonic_ns() + 3_600 * second, grace: 0))
  }
}
