import Testing

@testable import Operations

@Suite struct ReadinessTests {
  private func seen(_ now: Int64, _ change: (inout Readiness.Seen) -> Void = { _ in }) -> Readiness.Seen {
    var seen = Readiness.Seen(now: now)
    seen.lastHeard = now
    change(&seen)
    return seen
  }

  @Test func aGatewayThatMakesProgressHasNoReasons() {
    var readiness = Readiness()
    for second in 1...60 { #expect(readiness.judge(seen(Int64(second) * 1_000)).isEmpty) }
  }

  @Test func aBrokerThatWasNeverReachedIsAReasonAtOnce() {
    var readiness = Readiness()
    let reasons = readiness.judge(seen(5_000) { $0.lastHeard = 0; $0.problem = "connection refused" })
    #expect(reasons.map(\.code) == [.brokerSilent])
    #expect(reasons[0].text.contains("connection refused") && !reasons[0].textZh.isEmpty)
  }

  @Test func aSilentBrokerIsAReasonWithinTenSecondsAndGoesByItself() {
    var readiness = Readiness()
    var first: Int64?
    for second in 1...20 {
      let now = Int64(second) * 1_000
      if !readiness.judge(seen(now) { $0.lastHeard = 1_000 }).isEmpty, first == nil { first = now - 1_000 }
    }
    #expect(first.map { $0 > 5_000 && $0 <= 10_000 } == true)
    #expect(readiness.judge(seen(21_000)).isEmpty)
  }

  @Test func aLongCommitIsNotBlamedOnTheBroker() {
    var readiness = Readiness()
    let committing = seen(20_000) {
      $0.lastHeard = 10_000
      $0.oldestUnacknowledged = 10_000
    }
    #expect(readiness.judge(committing).map(\.code) == [.notAcknowledged])
  }

  @Test func aStoreThatCannotBeReadIsAReasonAfterAWhile() {
    var readiness = Readiness()
    func look(_ now: Int64) -> [Reason] {
      readiness.judge(seen(now) { $0.unreadable = (problem: "disk I/O error", since: 1_000) })
    }
    #expect(look(6_999).isEmpty)
    let reasons = look(7_000)
    #expect(reasons.map(\.code) == [.storeUnwritable])
    #expect(reasons.first?.since == 1_000)
    #expect(reasons.first?.text.contains("disk I/O error") == true)
    #expect(readiness.judge(seen(8_000)).isEmpty)
  }

  @Test func standingStillIsToldApartByItsCause() {
    var readiness = Readiness()
    func stand(_ now: Int64, full: Bool) -> [Reason] {
      readiness.judge(
        seen(now) {
          $0.isSuspended = true
          $0.isDiskFull = full
          $0.isOnline = false
          $0.lastHeard = 0
          $0.problem = "why"
        })
    }
    #expect(stand(1_000, full: true).map(\.code) == [.diskFull])
    #expect(stand(2_000, full: true)[0].since == 1_000, "it began then")
    #expect(stand(3_000, full: false).map(\.code) == [.storeUnwritable])
    #expect(readiness.judge(seen(4_000)).isEmpty)
    #expect(stand(9_000, full: true)[0].since == 9_000, "a new beginning")
  }

  @Test func aMessageThatWaitsIsAReasonOnlyWhileOnline() {
    var readiness = Readiness()
    let waiting = seen(20_000) { $0.oldestUnacknowledged = 10_000 }
    #expect(readiness.judge(waiting).map(\.code) == [.notAcknowledged])
    #expect(readiness.judge(seen(20_000) { $0.oldestUnacknowledged = 15_000 }).isEmpty)
    #expect(readiness.judge(seen(20_000) { $0.oldestUnacknowledged = 10_000; $0.isOnline = false }).isEmpty)
  }

  @Test func aCursorMayBeBehindAsLongAsItMoves() {
    var readiness = Readiness()
    func look(_ second: Int64, row: Int64, lag: Int64) -> [Reason] {
      readiness.judge(seen(second * 1_000) { $0.cursors = [(name: "aggregation", row: row, lag: lag)] })
    }
    for second in 1...30 { #expect(look(Int64(second), row: Int64(second / 5), lag: 1_000_000).isEmpty) }
    var stalled: [Reason] = []
    for second in 31...45 { stalled = look(Int64(second), row: 6, lag: 100) }
    #expect(stalled.map(\.code) == [.cursorStalled])
    #expect(look(46, row: 7, lag: 99).isEmpty, "it moves again")
    for second in 47...80 { #expect(look(Int64(second), row: 7, lag: 0).isEmpty, "it is where it should be") }
  }

  @Test func aRelayThatFailsForLongIsOnlyReported() {
    var readiness = Readiness()
    func look(_ second: Int64, finals: Int64, problem: String?) -> [Reason] {
      readiness.judge(seen(second * 1_000) { $0.relays = [(name: "remote", finals: finals, problem: problem)] })
    }
    #expect(look(1, finals: 5, problem: "refused").isEmpty)
    #expect(look(600, finals: 5, problem: "refused").isEmpty)
    let reasons = look(602, finals: 5, problem: "refused")
    #expect(reasons.map(\.code) == [.relayStalled] && !reasons[0].code.isBlocking)
    #expect(look(603, finals: 5, problem: nil).isEmpty)
    #expect(look(1_300, finals: 0, problem: "refused").isEmpty, "nothing final waits")
  }
}
