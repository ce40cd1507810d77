import GRDB
import Testing

@testable import Diagnosis

@Suite struct AcceptanceTests {
  /// A device that was not heard.
  private let silent = Standard.sample.with {
    $0.id = "silent"
    $0.measure = Aggregate.silence
    $0.direction = .above
    $0.levels = .init(warning: 1)
  }

  @Test func aWindowBelowTheThresholdRaisesAWarning() throws {
    let sample = try Sample()
    let acceptance = try sample.send(.rate(0.75))
    #expect(acceptance.accepted == 1 && acceptance.raised.count == 1 && acceptance.changed.isEmpty)
    let warning = try sample.warning()
    #expect(warning.level == .warning && warning.value == 0.75 && warning.threshold == 0.8 && warning.sample == 100)
    #expect(warning.state == .raised && warning.raisedAt == sample.now && warning.unit == "office")
    #expect(warning.subject == "c1" && warning.window.start == Event.firstWindow)
    #expect(warning.cause == "attendance/course/c1/week/\(Event.firstWindow)/1")
    #expect(warning.causeTime == 1_789_344_300_250)
    #expect(warning.steps.map(\.by) == ["diagnosis"])
  }

  @Test(
    arguments: [(0.9, nil), (0.89, .notice), (0.8, .notice), (0.6, .warning), (0.59, .alarm)] as [(Double, Level?)])
  func aValueOnAThresholdIsNotBelowIt(_ rate: Double, _ level: Level?) throws {
    let sample = try Sample()
    try sample.send(.rate(rate))
    #expect(try sample.core.warnings().first?.level == level)
  }

  @Test(arguments: [(2, nil), (3, .notice), (6, .warning)] as [(Double, Level?)])
  func aValueThatReachesAThresholdIsAboveIt(_ absent: Double, _ level: Level?) throws {
    let sample = try Sample([
      .sample.with {
        $0.measure = "absent"
        $0.direction = .above
        $0.levels = .init(notice: 3, warning: 6)
      }
    ])
    try sample.send(.rate(0).with { $0.measures = "{\"expected\":20,\"absent\":\(absent)}" })
    #expect(try sample.core.warnings().first?.level == level)
  }

  @Test func theSameBatchAgainChangesNothing() throws {
    let sample = try Sample()
    let events: [Event] = [.rate(0.75), .rate(0.95, window: 2).with { $0.id = "c2" }]
    try sample.send(events[0], events[1])
    let before = try sample.warning()
    let again = try sample.send(events[0], events[1])
    #expect(again.duplicate == 2 && again.accepted == 0 && again.raised.isEmpty && again.changed.isEmpty)
    try sample.reopen()
    #expect(try sample.send(events[0]).duplicate == 1)
    #expect(try sample.warning() == before)
  }

  @Test func anOlderRevisionAfterANewerOneChangesNothing() throws {
    let sample = try Sample()
    try sample.send(.rate(0.95, revision: 4))
    let acceptance = try sample.send(.rate(0.2, revision: 3))
    #expect(acceptance.stale == 1 && acceptance.raised.isEmpty)
    #expect(try sample.count() == 0)
  }

  @Test func aRestoredLogIsBelievedByItsTime() throws {
    let sample = try Sample()
    try sample.send(.rate(0.95, revision: 9))
    let restored = Event.rate(0.7, revision: 2).with {
      $0.source = "gateway-1/log-2"
      $0.time = "2026-09-14T01:00:00Z"
    }
    #expect(try sample.send(restored).raised.count == 1)
    #expect(try sample.send(.rate(0.95, revision: 10)).stale == 1)
  }

  @Test func nobodyIsCalledAbsentWhereADeviceWasNotHeard() throws {
    let sample = try Sample()
    let dead = Event.rate(0.1).with { $0.heard = 1 }
    let acceptance = try sample.send(dead)
    #expect(acceptance.accepted == 1 && acceptance.raised.isEmpty)
    // The device's frames come late after all.
    #expect(try sample.send(.rate(0.1, revision: 2)).raised.count == 1)
  }

  @Test func nobodyIsCalledAbsentWhereNobodyCouldCheckIn() throws {
    let sample = try Sample()
    let field = Event.rate(0).with { ($0.expected, $0.heard) = (0, 0) }
    let acceptance = try sample.send(field)
    #expect(acceptance.accepted == 1 && acceptance.raised.isEmpty)
  }

  @Test func aWarningThatTurnsOutToRestOnADeadDeviceIsTakenBack() throws {
    let sample = try Sample()
    try sample.send(.rate(0.1))
    try sample.send(.rate(0.1, revision: 2).with { $0.heard = 0 })
    #expect(try sample.warning().state == .closed)
    #expect(try sample.kinds() == [.raised, .corrected])
  }

  @Test func aDeviceThatWasNotHeardIsAWarningOfItsOwn() throws {
    let sample = try Sample([.sample, silent])
    try sample.send(.rate(0.1).with { $0.heard = 1 })
    #expect(try sample.warning().standard == "silent")
    #expect(try sample.warning().value == 1)
  }

  @Test func countsAtTheEndsOfTheirRangeAreNumbersToo() throws {
    let sample = try Sample([silent])
    let extreme = Event.rate(0.1).with {
      $0.expected = .max
      $0.heard = .min
    }
    #expect(try sample.send(extreme).raised.count == 1)
    #expect(try sample.warning().value > 1e19)
  }

  @Test func tooSmallASampleIsNotJudged() throws {
    let sample = try Sample()
    #expect(try sample.send(.rate(0, of: 9)).raised.isEmpty)
    #expect(try sample.send(.rate(nil, revision: 2, of: 0)).raised.isEmpty)
    #expect(try sample.send(.rate(0, revision: 3, of: 10)).raised.count == 1)
  }

  @Test func aRunningWindowIsJudgedOnlyWhereTheStandardSaysSo() throws {
    let sample = try Sample([.sample, .meal])
    #expect(try sample.send(.rate(0.1).with { $0.isFinal = false }).raised.isEmpty)
    #expect(try sample.send(.low(0.3)).raised.count == 1)
  }

  @Test func whatNoStandardWatchesIsCountedAndForgotten() throws {
    let sample = try Sample([.sample.with { $0.ids = ["d*"] }])
    let acceptance = try sample.send(
      .rate(0), .low(1), .rate(0).with { $0.aggregate = "weather" }, .rate(0).with { $0.id = "d1" })
    #expect(acceptance.unwatched == 3 && acceptance.accepted == 1)
  }

  @Test func theUnitIsTheEventsWhereTheStandardSaysSo() throws {
    let own = Standard.sample.with { $0.unitFromEvent = true }
    let college = own.with {
      $0.id = "college"
      $0.scope = "college"
    }
    let sample = try Sample([own, college])
    try sample.send(
      .rate(0), .rate(0).with { $0.id = "c2" }.with { $0.unit = "team-2" },
      .rate(0).with { $0.scope = "college" }.with { $0.id = "col-3" })
    #expect(try sample.core.warnings().map(\.unit) == ["col-3", "team-2", "office"])
  }

  @Test(
    arguments: [
      ("{}", nil), ("[{}]", 0), ("not JSON", nil), ("", nil), ("[1]", 0),
      ("[\(Event.rate(0).json), \(Event.rate(0).json.replacing("\"1.0\"", with: "\"2.0\""))]", 1),
      ("[\(Event.rate(0).with { $0.time = "yesterday" }.json)]", 0),
      ("[\(Event.rate(0).json.replacing("\"window\"", with: "\"fenster\""))]", 0),
      ("[\(Event.rate(0).json.replacing("aggregate.attendance", with: "aggregate.device"))]", 0),
    ] as [(String, Int?)])
  func aBatchOfAnotherKindIsRefusedWhole(_ text: String, _ event: Int?) throws {
    let sample = try Sample()
    let error = try #require(throws: DiagnosisError.self) {
      try sample.core.accept(batch: Array(text.utf8), now: 1)
    }
    guard case .malformed(event, let problem) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(!problem.isEmpty && error.httpStatus == 400)
    #expect(try sample.count() == 0)
  }

  @Test(arguments: ["-9223372036854775808", "-1", "253402300800000", "9223372036854775806"])
  func aWindowOutsideTheYearsThatCanBeWrittenIsRefused(_ start: String) throws {
    let sample = try Sample()
    let window = "\"start\":\(Event.firstWindow),\"end\":\(Event.firstWindow + week)"
    let other = "\"start\":\(start),\"end\":9223372036854775807"
    let text = "[\(Event.rate(0).json.replacing(window, with: other))]"
    let error = try #require(throws: DiagnosisError.self) {
      try sample.core.accept(batch: Array(text.utf8), now: 1)
    }
    #expect(error.httpStatus == 400)
    #expect(try sample.count() == 0)
  }

  @Test func tooLargeABatchIsRefused() throws {
    var settings = DiagnosisCore.Settings()
    settings.batchBytes = 100
    let sample = try Sample(settings: settings)
    let error = #expect(throws: DiagnosisError.self) { try sample.send(.rate(0)) }
    #expect(error?.httpStatus == 413)
  }

  @Test func anAcceptedBatchIsOnTheDisk() throws {
    let sample = try Sample()
    #expect(try sample.core.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
  }

  @Test func aCommandReadsBesideTheRunningCore() throws {
    let sample = try Sample()
    try sample.send(.rate(0))
    let reader = try DiagnosisCore.openReadOnly(sample.core.path, standards: sample.core.standards)
    #expect(try reader.warnings().count == 1)
    #expect(throws: DiagnosisError.self) { try reader.acknowledge(1, by: "li", now: 1) }
    #expect(throws: DiagnosisError.noStore(path: "/nowhere")) { try DiagnosisCore.openReadOnly("/nowhere") }
  }
}
