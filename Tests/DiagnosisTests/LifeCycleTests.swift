import Testing

@testable import Diagnosis

@Suite struct LifeCycleTests {
  @Test func aWarningGoesRoundTheSpiral() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    let id = try sample.warning().id
    try sample.core.acknowledge(id, by: "Li", note: "seen", now: 10)
    try sample.core.improve(id, by: "Li", measure: "seating plan", now: 20)
    let acceptance = try sample.send(.rate(0.95, window: 2))
    #expect(acceptance.changed == [id] && acceptance.raised.isEmpty)
    #expect(try sample.warning().state == .verified)
    let verifiedAt = sample.now
    #expect(try sample.core.advance(to: verifiedAt + 2 * day - 1) == [])
    #expect(try sample.core.advance(to: verifiedAt + 2 * day) == [id])
    let warning = try sample.warning()
    #expect(warning.state == .closed && warning.closedAt == verifiedAt + 2 * day)
    #expect(warning.steps.map(\.kind) == [.raised, .acknowledged, .improving, .verified, .closed])
    #expect(warning.steps.map(\.by) == ["diagnosis", "Li", "Li", "diagnosis", "diagnosis"])
    #expect(warning.steps[1].note == "seen" && warning.steps[1].at == 10)
    #expect(warning.steps[2].note == "seating plan")
    #expect(warning.steps[3].value == 0.95 && warning.steps[3].window?.start == Event.firstWindow + week)
  }

  @Test func anImprovementThatDoesNotHoldReopens() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.core.improve(1, by: "Li", measure: "seating plan", now: 20)
    try sample.send(.rate(0.7, window: 2))
    #expect(try sample.warning().state == .reopened)
    try sample.core.improve(1, by: "Li", measure: "earlier bus", now: 30)
    try sample.send(.rate(0.92, window: 3))
    #expect(try sample.warning().state == .verified)
    try sample.send(.rate(0.5, window: 4))
    let warning = try sample.warning()
    #expect(warning.state == .reopened && warning.level == .alarm && warning.value == 0.5 && warning.dueAt == nil)
    #expect(try sample.kinds() == [.raised, .improving, .reopened, .improving, .verified, .reopened])
  }

  @Test func theWindowInWhichTheMeasureWasTakenProvesNothing() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.send(.rate(0.7, window: 2).with { $0.isFinal = false })
    try sample.core.improve(1, by: "Li", measure: "seating plan", now: 20)
    try sample.send(.rate(0.72, window: 2, revision: 2))
    #expect(try sample.warning().state == .improving)
    try sample.send(.rate(0.95, window: 2, revision: 3))
    #expect(try sample.warning().state == .improving)
    try sample.send(.rate(0.95, window: 3))
    #expect(try sample.warning().state == .verified)
  }

  @Test func asManyGoodWindowsInARowVerifyAsTheStandardAsks() throws {
    let sample = try Sample([.sample.with { $0.verifyWindows = 2 }])
    try sample.send(.rate(0.75))
    try sample.core.improve(1, by: "Li", measure: "seating plan", now: 20)
    try sample.send(.rate(0.95, window: 2))
    try sample.send(.rate(0.2, window: 3, of: 3))
    #expect(try sample.warning().state == .improving)
    try sample.send(.rate(0.95, window: 4))
    #expect(try sample.warning().state == .verified)
  }

  @Test func aWarningNobodyTouchedIsVerifiedWhenItGetsBetter() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.send(.rate(0.95, window: 2))
    #expect(try sample.kinds() == [.raised, .verified])
  }

  @Test func aSubjectHasOneOpenWarningAStandard() throws {
    let sample = try Sample()
    for window in 1...4 { try sample.send(.rate(0.75, window: window)) }
    #expect(try sample.count() == 1)
    #expect(try sample.warning().window.start == Event.firstWindow + 3 * week)
    #expect(try sample.kinds() == [.raised])
  }

  @Test func aGraverWindowRaisesTheLevelAndALighterOneLowersIt() throws {
    let sample = try Sample()
    try sample.send(.rate(0.85))
    try sample.send(.rate(0.5, window: 2))
    try sample.send(.rate(0.75, window: 3))
    // Late data for an older window is not the latest state.
    try sample.send(.rate(0.1, window: 1, revision: 2))
    let warning = try sample.warning()
    #expect(warning.level == .warning && warning.value == 0.75)
    #expect(warning.steps.map(\.kind) == [.raised, .worsened, .eased])
    #expect(warning.steps.map(\.value) == [0.85, 0.5, 0.75])
  }

  @Test func aLevelIsLeftOnlyByTheHysteresis() throws {
    let sample = try Sample([.meal])
    try sample.send(.low(0.41))
    try sample.send(.low(0.36, revision: 2))
    #expect(try sample.warning().level == .warning)
    try sample.send(.low(0.34, revision: 3))
    #expect(try sample.warning().level == .notice)
    try sample.send(.low(0.39, revision: 4))
    #expect(try sample.warning().level == .notice)
    try sample.send(.low(0.16, window: 2, isFinal: true))
    #expect(try sample.warning().state == .raised)
    try sample.send(.low(0.14, window: 3, isFinal: true))
    #expect(try sample.warning().state == .verified)
  }

  @Test func lateDataThatCorrectsTheWindowClosesTheWarning() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.core.acknowledge(1, by: "Li", now: 10)
    try sample.send(.rate(0.93, revision: 2))
    #expect(try sample.warning().state == .closed)
    #expect(try sample.kinds() == [.raised, .acknowledged, .corrected])
    // It was never true: no cool-down keeps the next one from being raised.
    #expect(try sample.send(.rate(0.75, revision: 3)).raised.count == 1)
  }

  @Test func aCorrectedWindowLeavesTheWarningOnTheEarlierBadOne() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.send(.rate(0.5, window: 2))
    try sample.send(.rate(0.95, window: 2, revision: 2))
    let warning = try sample.warning()
    #expect(warning.level == .warning && warning.value == 0.75)
    #expect(warning.window.start == Event.firstWindow)
    // And the window that was mended is a good one after it.
    #expect(warning.steps.map(\.kind) == [.raised, .worsened, .corrected, .verified])
  }

  @Test func aCorrectedWindowVerifiesNoMeasureThatWasTakenAfterIt() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.send(.rate(0.7, window: 2))
    try sample.core.improve(1, by: "Li", measure: "seating plan", now: 20)
    try sample.send(.rate(0.95, window: 2, revision: 2))
    #expect(try sample.warning().state == .improving)
    try sample.send(.rate(0.95, window: 3))
    #expect(try sample.warning().state == .verified)
  }

  @Test func aRunningWindowThatGetsBetterIsNotTakenBackBeforeItsEnd() throws {
    let sample = try Sample([.meal])
    try sample.send(.low(0.3))
    try sample.send(.low(0.1, revision: 2))
    #expect(try sample.warning().state == .raised)
    try sample.send(.low(0.1, revision: 3, isFinal: true))
    #expect(try sample.warning().state == .closed)
  }

  @Test func whatWasClosedIsNotRaisedAgainWhileItCoolsDown() throws {
    let sample = try Sample()
    try sample.send(.rate(0.75))
    try sample.core.close(1, by: "Li", note: "exam week", now: sample.now)
    #expect(try sample.send(.rate(0.75, window: 2)).raised.isEmpty)
    #expect(try sample.send(.rate(0.5, window: 2, revision: 2)).raised.count == 1)
    try sample.core.close(2, by: "Li", note: "exam week", now: sample.now)
    sample.now += 2 * day
    #expect(try sample.send(.rate(0.5, window: 2, revision: 3)).raised.isEmpty)
    #expect(try sample.send(.rate(0.5, window: 3)).raised.count == 1)
  }

  @Test func whatHappenedOnceClosesAfterSomebodyTookNote() throws {
    let meeting = Standard.sample.with {
      $0.scope = "session"
      $0.grain = "meeting"
    }
    let sample = try Sample([meeting])
    try sample.send(.rate(0.1).with { $0.scope = "session" }.with { $0.grain = "meeting" })
    #expect(try sample.core.advance(to: sample.now + 90 * day) == [])
    try sample.core.acknowledge(1, by: "Li", now: sample.now)
    #expect(try sample.core.advance(to: sample.now + 2 * day) == [1])
    #expect(try sample.warning().state == .closed)
  }
}
