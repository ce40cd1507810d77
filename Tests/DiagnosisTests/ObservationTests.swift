import GRDB
import Testing

@testable import Diagnosis

/// What is kept of events that come from this process, and of which of them.
@Suite struct ObservationTests {
  private let window = Window(start: Event.firstWindow, end: Event.firstWindow + week)

  private func event(
    _ rate: Double, revision: Int64 = 1, source: String = "gateway-1/log-1", time: Int64 = 10,
    window: Window? = nil, measures: [Observation.Measure?] = []
  ) -> AggregateEvent {
    let usual = [Observation.Measure("expected", 100), Observation.Measure("rate", rate)]
    return AggregateEvent(
      source: source, time: time,
      observation: Observation(
        aggregate: .attendance, scope: "course", subject: "c1", grain: "week", window: window ?? self.window,
        revision: revision, isFinal: true, devicesExpected: 2, devicesHeard: 2,
        measures: (usual + measures).compactMap { $0 }))
  }

  private func kept(_ sample: Sample) throws -> [Observation] {
    try sample.core.read("reading observations") { db in
      try ObservationTable(db: db).windows(.sample, subject: "c1", starts: 0 ... .max, limit: 10)
    }
  }

  private func accept(_ sample: Sample, _ events: AggregateEvent...) throws -> Acceptance {
    sample.now += 1_000
    return try sample.core.accept(events, now: sample.now)
  }

  @Test func revisionsCountWithinALogAndWatermarksBetweenTwo() throws {
    let sample = try Sample()
    let told: [(log: String, time: Int64, revision: Int64, accepted: Int, duplicate: Int, stale: Int)] = [
      ("1", 10, 4, 1, 0, 0),
      ("1", 10, 4, 0, 1, 0),
      ("1", 11, 3, 0, 0, 1),
      // Within a log only revisions count.
      ("1", 9, 5, 1, 0, 0),
      ("2", 8, 7, 0, 0, 1),
      ("2", 9, 1, 1, 0, 0),
      ("2", 9, 1, 0, 1, 0),
      ("1", 8, 100, 0, 0, 1),
      ("1", 10, 1, 1, 0, 0),
    ]
    for (index, row) in told.enumerated() {
      let event = event(0.95, revision: row.revision, source: "gateway-1/log-\(row.log)", time: row.time)
      let came = try accept(sample, event)
      #expect(
        [came.accepted, came.duplicate, came.stale] == [row.accepted, row.duplicate, row.stale], "row \(index)")
    }
    #expect(try kept(sample).map(\.revision) == [1])
  }

  @Test func aNewerRevisionTakesTheWholePlaceOfTheOlder() throws {
    let sample = try Sample()
    _ = try accept(sample, event(0.95))
    var newer = event(0.97, revision: 2, time: 20)
    newer.observation.window.end += day
    newer.observation.isFinal = false
    newer.observation.devicesExpected = 5
    newer.observation.devicesHeard = 4
    _ = try accept(sample, newer)
    let known = try #require(try kept(sample).first)
    #expect(known.window == newer.observation.window && known.revision == 2 && !known.isFinal)
    #expect(known.devicesExpected == 5 && known.devicesHeard == 4 && known.value(of: "rate") == 0.97)
    #expect(try kept(sample).count == 1)
  }

  @Test func numbersComeBackAsTheyWere() throws {
    let sample = try Sample()
    let numbers: [String: Double] = [
      "whole": 3, "part": 0.1 + 0.2, "third": 1.0 / 3, "negative": -2.5, "large": 9_007_199_254_740_992,
      "huge": .greatestFiniteMagnitude, "small": .leastNormalMagnitude, "nothing": 0, "last": 9.3e18,
      "in \"quotes\" \\ and\n": 1, "人数": 2,
    ]
    _ = try accept(sample, event(0.95, measures: numbers.map { Observation.Measure($0.key, $0.value) }))
    let known = try #require(try kept(sample).first)
    #expect(known.measures.count == numbers.count + 2)
    for (name, value) in numbers { #expect(known.value(of: name) == value, "\(name)") }
  }

  @Test func whatIsNoNumberIsNoMeasure() throws {
    for value: Double in [.nan, .infinity, -.infinity] { #expect(Observation.Measure("rate", value) == nil) }
    let sample = try Sample()
    #expect(try accept(sample, event(.nan)).accepted == 1)
    #expect(try kept(sample).first?.measures.map(\.name) == ["expected"])
    #expect(try sample.count() == 0)
  }

  @Test func aWarningNamesTheContractsEvent() throws {
    let sample = try Sample()
    #expect(try accept(sample, event(0.75, revision: 3, time: 1_789_344_300_250)).raised == [1])
    let warning = try sample.warning()
    #expect(warning.cause == "attendance/course/c1/week/\(Event.firstWindow)/3")
    #expect(warning.causeTime == 1_789_344_300_250)
    // The same revision from elsewhere is known.
    #expect(try sample.send(.rate(0.1, revision: 3)).duplicate == 1)
  }

  @Test func anImpossibleWindowIsRefusedWithItsBatch() throws {
    let sample = try Sample()
    for window in [Window(start: 5, end: 5), Window(start: -1, end: 5), Window(start: 5, end: 253_402_300_800_000)] {
      let error = try #require(throws: DiagnosisError.self) {
        try accept(sample, event(0.1), event(0.1, window: window))
      }
      guard case .malformed(event: 1?, _) = error else {
        Issue.record("\(error)")
        return
      }
    }
    #expect(try kept(sample).isEmpty)
  }

  @Test func onlyWhatWasPostedMustBeSigned() throws {
    var settings = DiagnosisCore.Settings()
    settings.key = try WebhookKey(secret: "secret")
    let sample = try Sample(settings: settings)
    #expect(throws: DiagnosisError.unsigned) { try sample.core.accept(batch: Event.batch([.rate(0.1)]), now: 1) }
    #expect(try sample.core.accept(unsigned: Event.batch([.rate(0.1)]), now: 1).raised.count == 1)
    #expect(try accept(sample, event(0.1, revision: 2)).accepted == 1)
  }
}
