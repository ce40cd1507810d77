import Testing

@testable import Aggregation

@Suite struct BackoffTests {
  @Test func waitsGrowToHalfAMinuteAndAreHalfChance() {
    var generator = SeededGenerator(seed: 7)
    var backoff = Backoff()
    var ceiling: Int64 = 250
    for failure in 1...20 {
      let wait = backoff.fail(asked: nil, using: &generator)
      #expect((ceiling / 2...ceiling).contains(wait), "after failure \(failure)")
      #expect(backoff.failures == failure)
      ceiling = min(30_000, ceiling * 2)
    }
    backoff.succeed()
    #expect(backoff.fail(asked: nil, using: &generator) <= 250)
  }

  @Test func whatTheCoreAsksForIsGrantedWithinReason() {
    var generator = SeededGenerator(seed: 7)
    var backoff = Backoff()
    #expect(backoff.fail(asked: 7_000, using: &generator) == 7_000)
    #expect(backoff.fail(asked: 3_600_000, using: &generator) == 30_000)
  }
}
