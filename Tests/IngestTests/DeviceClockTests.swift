import ReadingLog
import Testing

@testable import Ingest

@Suite struct DeviceClockTests {
  private let tolerance: Int64 = 300_000
  private let arrival = Site.start
  private let year: Int64 = 365 * 86_400_000

  private func observed(_ clock: inout DeviceClock, ahead: Int64, isLive: Bool = true, epoch: UInt32 = 1) {
    clock.observe(sent: arrival + ahead, arrival: arrival, epoch: epoch, isLive: isLive, tolerance: tolerance)
  }

  private func time(_ clock: DeviceClock, at: Int64, sent: Int64, kind: UInt8 = 2) -> (Int64, TimeQuality) {
    clock.eventTime(at: at, sent: sent, clock: kind, arrival: arrival, tolerance: tolerance)
  }

  @Test func aRightClockIsLeftAlone() {
    var clock = DeviceClock()
    for ahead: Int64 in [0, 1_000, -1_000, 300_000, -300_000] {
      observed(&clock, ahead: ahead)
      #expect(clock.offset == 0)
      #expect(time(clock, at: arrival - 5_000, sent: arrival) == (arrival - 5_000, .device))
    }
  }

  @Test func aClockAYearAheadIsCorrectedAtOnce() {
    var clock = DeviceClock()
    observed(&clock, ahead: year, isLive: false)
    #expect(clock.offset == -year)
    #expect(time(clock, at: arrival + year - 2_000, sent: arrival + year) == (arrival - 2_000, .corrected))
    // And a clock set right is believed at once.
    observed(&clock, ahead: 0)
    #expect(clock.offset == 0)
  }

  @Test func aSlowClockIsBelievedOnlyAfterEightLiveFrames() {
    var clock = DeviceClock()
    let slow: Int64 = -20 * 60_000
    for number in 1...8 {
      #expect(clock.offset == 0)
      #expect(time(clock, at: arrival + slow, sent: arrival + slow).1 == .device)
      observed(&clock, ahead: slow - Int64(number) * 10)
    }
    // The least difference counts: the rest may be waiting.
    #expect(clock.offset == -slow + 10)
    #expect(time(clock, at: arrival + slow, sent: arrival + slow) == (arrival + 10, .corrected))
  }

  @Test func framesThatWaitedNeverProveASlowClock() {
    var clock = DeviceClock()
    for _ in 0..<100 { observed(&clock, ahead: -20 * 60_000, isLive: false) }
    #expect(clock.offset == 0)
    // Seven live ones, with any number of waiting ones between, are not eight.
    for _ in 0..<7 {
      observed(&clock, ahead: -20 * 60_000)
      observed(&clock, ahead: -90 * 60_000, isLive: false)
    }
    #expect(clock.offset == 0)
    // One frame in time clears the suspicion.
    observed(&clock, ahead: 0)
    for _ in 0..<7 { observed(&clock, ahead: -20 * 60_000) }
    #expect(clock.offset == 0)
  }

  @Test func aFrameThatWaitedNobodyKnowsHowLongTakesNothingBackFromAFastClock() {
    var clock = DeviceClock()
    observed(&clock, ahead: 2 * tolerance)
    for ahead in [tolerance + 1, 0, -tolerance - 1] {
      observed(&clock, ahead: ahead, isLive: false)
      #expect(clock.offset == -2 * tolerance)
    }
    // It may show it faster.
    observed(&clock, ahead: 3 * tolerance, isLive: false)
    #expect(clock.offset == -3 * tolerance)
    // With the wait taken off it counts like a live one.
    clock.observe(
      sent: arrival, arrival: arrival, epoch: 1, isLive: false, isWaitKnown: true, tolerance: tolerance)
    #expect(clock.offset == 0)
  }

  @Test func aFrameInTimeClearsASlowClockHoweverLongItWaited() {
    var clock = DeviceClock()
    for _ in 0..<8 { observed(&clock, ahead: -20 * 60_000) }
    #expect(clock.offset == 20 * 60_000)
    observed(&clock, ahead: 0, isLive: false)
    #expect(clock.offset == 0)
  }

  @Test func aBootGoesOnFromTheOffsetThatWasKept() {
    var clock = DeviceClock()
    clock.observe(
      sent: arrival - year, arrival: arrival, epoch: 0, kept: year - 1_000, isLive: true, tolerance: tolerance)
    #expect(clock.offset == year - 1_000)
    // Once it is judged, what was kept is history.
    clock.observe(sent: arrival, arrival: arrival, epoch: 0, kept: year, isLive: true, tolerance: tolerance)
    #expect(clock.offset == 0)
  }

  @Test func aNewBootIsJudgedAnew() {
    var clock = DeviceClock()
    observed(&clock, ahead: year, epoch: 1)
    observed(&clock, ahead: -20 * 60_000, epoch: 2)
    #expect(clock.offset == 0)
  }

  @Test func anUptimeClockCountsBackFromArrival() {
    let clock = DeviceClock()
    #expect(time(clock, at: 90_500, sent: 93_000, kind: 0) == (arrival - 2_500, .corrected))
    #expect(time(clock, at: 0, sent: Int64(253_402_300_799_999), kind: 0) == (0, .corrected))
  }

  @Test func aLostClockGivesArrival() {
    let clock = DeviceClock()
    #expect(time(clock, at: 1, sent: 2, kind: 3) == (arrival, .arrival))
    #expect(time(clock, at: arrival + year, sent: 2, kind: 3) == (arrival, .arrival))
  }

  @Test func anEventLaterThanArrivalAndToleranceBecomesArrival() {
    let clock = DeviceClock()
    #expect(time(clock, at: arrival + tolerance, sent: arrival) == (arrival + tolerance, .device))
    #expect(time(clock, at: arrival + tolerance + 1, sent: arrival) == (arrival, .arrival))
  }
}
