import Testing

@testable import campus_gateway

/// A fault that comes again and again must not fill the log.
@Suite struct RepeatFilterTests {
  @Test func theFirstFewOfAMinutePassAndTheNextSaysHowManyDidNot() {
    let filter = RepeatFilter()
    let counts = (0..<100).map { filter.pass("batch \($0) was refused", now: Int64($0)) }
    #expect(counts.prefix(RepeatFilter.burst).allSatisfy { $0 == 0 })
    #expect(counts.dropFirst(RepeatFilter.burst).allSatisfy { $0 == nil })
    #expect(filter.pass("batch 100 was refused", now: RepeatFilter.window) == 100 - RepeatFilter.burst)
    #expect(filter.pass("batch 101 was refused", now: RepeatFilter.window + 1) == 0)
  }

  @Test func differentFaultsDoNotHideEachOther() {
    let filter = RepeatFilter()
    for _ in 0..<50 { _ = filter.pass("the disk is full", now: 0) }
    #expect(filter.pass("the broker refuses the connection", now: 1) == 0)
  }

  @Test func onlySoManyKindsAreRemembered() {
    let filter = RepeatFilter()
    for number in 0..<10_000 {
      #expect(filter.pass(String(repeating: "x", count: number % 3_000), now: Int64(number) * 1_000) != nil)
    }
  }
}
