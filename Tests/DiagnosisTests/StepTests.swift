import Foundation
import Testing

@testable import Diagnosis

@Suite struct StepTests {
  private var escalating: Standard {
    .sample.with {
      $0.escalateAfter = 2 * day
      $0.escalateTo = ["dean", "president"]
    }
  }

  @Test func whatNobodyAcknowledgesGoesToTheNext() throws {
    let sample = try Sample([escalating])
    try sample.send(.rate(0.85))
    let raised = sample.now
    #expect(try sample.core.advance(to: raised + 2 * day - 1) == [])
    #expect(try sample.core.advance(to: raised + 2 * day) == [1])
    #expect(try sample.core.advance(to: raised + 2 * day) == [])
    var warning = try sample.warning()
    #expect(warning.unit == "dean" && warning.level == .notice && warning.urgency == .warning)
    #expect(try sample.core.advance(to: raised + 4 * day) == [1])
    warning = try sample.warning()
    #expect(warning.unit == "president" && warning.urgency == .alarm && warning.dueAt == nil)
    #expect(try sample.core.advance(to: raised + 400 * day) == [])
    #expect(warning.steps.map(\.kind) == [.raised, .escalated, .escalated])
    #expect(warning.steps.map(\.note) == ["office", "dean", "president"])
  }

  @Test func aWarningLongUnattendedDoesNotSkipAnybody() throws {
    let sample = try Sample([escalating])
    try sample.send(.rate(0.1))
    #expect(try sample.core.advance(to: sample.now + 30 * day) == [1])
    #expect(try sample.warning().unit == "dean")
  }

  @Test func whatIsAcknowledgedIsEscalatedNoFurther() throws {
    let sample = try Sample([escalating])
    try sample.send(.rate(0.1))
    try sample.core.acknowledge(1, by: "Li", now: sample.now)
    #expect(try sample.core.advance(to: sample.now + 30 * day) == [])
  }

  @Test func aReopenedWarningWaitsForSomebodyAgain() throws {
    let sample = try Sample([escalating])
    try sample.send(.rate(0.1))
    try sample.core.improve(1, by: "Li", measure: "plan", now: sample.now)
    try sample.send(.rate(0.1, window: 2))
    #expect(try sample.core.advance(to: sample.now + 2 * day) == [1])
    #expect(try sample.kinds() == [.raised, .improving, .reopened, .escalated])
  }

  @Test func stepsThatDoNotFitTheStateAreRefused() throws {
    let sample = try Sample()
    try sample.send(.rate(0.1))
    let core = sample.core
    try core.acknowledge(1, by: "Li", now: 1)
    #expect(throws: DiagnosisError.wrongState(1, .acknowledged, step: .acknowledged)) {
      try core.acknowledge(1, by: "Li", now: 2)
    }
    try core.close(1, by: "Li", note: "exam week", now: 3)
    #expect(throws: DiagnosisError.wrongState(1, .closed, step: .closed)) {
      try core.close(1, by: "Li", note: "again", now: 4)
    }
    #expect(throws: DiagnosisError.wrongState(1, .closed, step: .improving)) {
      try core.improve(1, by: "Li", measure: "plan", now: 5)
    }
    #expect(throws: DiagnosisError.noSuchWarning(7)) { try core.acknowledge(7, by: "Li", now: 6) }
    #expect(throws: DiagnosisError.noSuchWarning(7)) { try core.warning(7) }
  }

  @Test func everyStepSaysWhoAndWhatItMustSay() throws {
    let sample = try Sample()
    try sample.send(.rate(0.1))
    #expect(throws: DiagnosisError.missingText(.name)) { try sample.core.acknowledge(1, by: " ", now: 1) }
    #expect(throws: DiagnosisError.missingText(.measure)) {
      try sample.core.improve(1, by: "Li", measure: "\n", now: 1)
    }
    #expect(throws: DiagnosisError.missingText(.reason)) { try sample.core.close(1, by: "Li", now: 1) }
    try sample.send(.rate(1, window: 2))
    #expect(try sample.core.close(1, by: "Li", now: 2).steps.last?.by == "Li")
  }

  @Test func warningsAreFoundByWhatTheyAre() throws {
    let sample = try Sample([escalating, .meal])
    try sample.send(.rate(0.85), .rate(0.1).with { $0.id = "c2" }, .low(0.3))
    try sample.core.close(3, by: "Li", note: "holiday", now: sample.now)
    func ids(_ change: (inout WarningFilter) -> Void) throws -> [Int64] {
      var filter = WarningFilter()
      change(&filter)
      return try sample.core.warnings(filter).map(\.id)
    }
    #expect(try ids { _ in } == [3, 2, 1])
    #expect(try sample.core.warnings().map(\.id) == [2, 1])
    #expect(try ids { $0.states = [.closed] } == [3])
    #expect(try ids { $0.standard = "meal" } == [3])
    #expect(try ids { $0.layer = .course } == [2, 1])
    #expect(try ids { $0.subject = "c2" } == [2])
    #expect(try ids { $0.urgency = .warning } == [2])
    #expect(try ids { $0.unit = "office" } == [2, 1])
    #expect(try ids { $0.before = 3 } == [2, 1])
    #expect(try ids { $0.limit = 1 } == [3])
    #expect(try sample.core.openCounts() == [.notice: 1, .alarm: 1])
  }

  @Test func aWarningReadsBackFromItsJSON() throws {
    let sample = try Sample()
    try sample.send(.rate(0.1))
    let warning = try sample.warning()
    let data = try JSONEncoder().encode(warning)
    #expect(try JSONDecoder().decode(Warning.self, from: data) == warning)
    let members = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(members["urgency"] as? String == "alarm" && members["raised_at"] as? Int64 == sample.now)
    #expect(members["due_at"] == nil)
  }

  @Test func warningsOfAStandardThatIsGoneStayUntilClosed() throws {
    let sample = try Sample([escalating])
    try sample.send(.rate(0.1))
    sample.core.replace(Standards([.meal]))
    #expect(try sample.core.advance(to: sample.now + 9 * day) == [1])
    #expect(try sample.core.advance(to: sample.now + 9 * day) == [])
    #expect(try sample.kinds() == [.raised])
    try sample.core.improve(1, by: "Li", measure: "plan", now: sample.now)
    #expect(try sample.core.close(1, by: "Li", note: "standard dropped", now: sample.now).state == .closed)
  }

  @Test func oldWindowsAndClosedWarningsGoOpenOnesStay() throws {
    let sample = try Sample()
    try sample.send(.rate(0.1), .rate(0.1).with { $0.id = "c2" })
    try sample.core.close(1, by: "Li", note: "holiday", now: sample.now)
    #expect(try sample.core.retain(now: sample.now + 700 * day) == 0)
    #expect(try sample.core.retain(now: sample.now + 900 * day) == 3)
    #expect(try sample.warning().id == 2)
    #expect(try sample.core.retain(now: sample.now + 900 * day) == 0)
  }
}
