import Aggregation
import Diagnosis
import Foundation
import GRDB
import Testing

@testable import ReadingLog
@testable import campus_gateway

/// The embedded core is given revisions as they are, a core elsewhere their JSON: both must come to the same.
@Suite struct EmbeddedDestinationTests {
  private static let start: Int64 = 1_788_742_200_000
  private static let minute: Int64 = 60_000

  private static let standards = """
    standards:
      meeting:
        {name: 到课率, name_en: Attendance, layer: course, aggregate: attendance, scope: session, grain: meeting,
        measure: rate, direction: below, levels: {notice: 95%, warning: 80%, alarm: 40%}, minimum_sample: 1,
        responsible_unit: office}
      meal:
        {name: 不满意率, name_en: Dissatisfaction, layer: place, aggregate: satisfaction, scope: place, grain: meal,
        ids: ["canteen-*"], measure: low_share, direction: above, levels: {notice: 20%}, minimum_sample: 5,
        judge: running, responsible_unit: kitchen}
      silent:
        {name: 失联, name_en: Silence, layer: device, aggregate: device, scope: device, grain: day,
        measure: devices_silent, direction: above, levels: {warning: 1}, responsible_unit: network}
      old:
        {name: 未处理, name_en: Unattended, layer: place, aggregate: incident, scope: place, grain: day,
        measure: oldest_age_s, direction: above, levels: {warning: 1800}, responsible_unit: logistics}

    """

  /// `minutes`: of the watermark, from the window's start on.
  private static func revision(
    _ kind: AggregateKind, _ scope: AggregateScope, _ grain: AggregateGrain, _ name: String, _ revision: Int64,
    minutes: Int64 = 60, isFinal: Bool = true, _ sums: [Int64]
  ) -> StoredAggregate {
    StoredAggregate(
      number: 1, kind: kind.rawValue, scope: scope.rawValue, grain: grain.rawValue, name: name, start: start,
      end: start + 45 * minute, revision: revision, isFinal: isFinal, watermark: start + minutes * minute + 7,
      sums: sums)
  }

  private static func meeting(
    _ name: String, _ number: Int64, minutes: Int64 = 60, present: Int64, of expected: Int64 = 20, heard: Int64 = 1
  ) -> StoredAggregate {
    revision(
      .attendance, .session, .meeting, name, number, minutes: minutes, [1, heard, expected, present, 1, 2, 0])
  }

  /// Of ten votes `low` are low.
  private static func meal(_ name: String, _ number: Int64, low: Int64) -> StoredAggregate {
    revision(
      .satisfaction, .place, .meal, name, number, isFinal: false, [1, 1, 10, 50 - 4 * low, low, 4, 1, low, 5, 10 - low])
  }

  private static let first = [
    meeting("m1", 1, present: 10), meeting("m2", 1, present: 0, of: 0), meeting("m3", 1, present: 0, heard: 0),
    meal("canteen-1/\"味道\"", 1, low: 3), meal("library/taste", 1, low: 9),
    revision(.passage, .gate, .fiveMinutes, "gate-1", 1, [1, 1, 3, 2, 1, 0]),
    revision(.device, .device, .day, "main/term-1", 1, [1, 0, 0, 0, 0, -1, -1, -1, 0]),
    revision(.incident, .place, .day, "room-1/2", 1, [1, 1, 2, 1, 1, start]),
    revision(.incident, .place, .day, "room-2/2", 1, [1, 1, 1, 1, 0, -1]),
  ]

  private static let deliveries: [(source: String, revisions: [StoredAggregate])] = [
    ("gateway/log-1", first),
    ("gateway/log-1", first),
    ("gateway/log-1", [meeting("m1", 3, present: 19), meal("canteen-1/\"味道\"", 2, low: 4)]),
    ("gateway/log-1", [meeting("m1", 2, present: 1), meeting("m4", 1, present: 7), meeting("m4", 2, present: 8)]),
    ("gateway/log-2", [meeting("m1", 9, minutes: 59, present: 1), meeting("m4", 1, minutes: 61, present: 2)]),
    ("gateway/log-2", [meeting("m1", 1, minutes: 62, present: 5)]),
  ]

  /// Every observation a core keeps, with its measures by name.
  private func observations(of core: DiagnosisCore) throws -> [String: [String: Double]] {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    let store = try DatabaseQueue(path: core.path, configuration: configuration)
    let rows = try store.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT aggregate || '/' || scope || '/' || grain || '/' || subject || '/' || start || '/' || "end" || '/'
            || source || '/' || event_time || '/' || revision || '/' || final || '/' || devices_expected || '/'
            || devices_heard AS about, measures FROM observation
          """)
    }
    try store.close()
    var known: [String: [String: Double]] = [:]
    for row in rows {
      let about: String = row["about"]
      let text: String = row["measures"]
      known[about] = try JSONDecoder().decode([String: Double].self, from: Data(text.utf8))
    }
    return known
  }

  @Test func revisionsAndTheirJSONComeToTheSame() throws {
    let folder = try TemporaryFolder()
    let (read, faults) = Standards.load(yaml: Self.standards, file: "standards.yaml")
    let standards = try #require(read, "\(faults)")
    let near = try DiagnosisCore(path: "\(folder.path)/near.sqlite", standards: standards)
    let far = try DiagnosisCore(path: "\(folder.path)/far.sqlite", standards: standards)
    var total = Acceptance()
    for (index, delivery) in Self.deliveries.enumerated() {
      let now = Self.start + Int64(100 + index) * Self.minute
      let items = try delivery.revisions.map { try AggregateItem($0) }
      let events = items.map { AggregateEvent($0, source: delivery.source) }
      let acceptance = try near.accept(events, now: now)
      let body = EventBatch(items, source: delivery.source).body
      #expect(try far.accept(batch: body, now: now) == acceptance, "delivery \(index)")
      total.accepted += acceptance.accepted
      total.duplicate += acceptance.duplicate
      total.stale += acceptance.stale
      total.unwatched += acceptance.unwatched
      total.raised += acceptance.raised
      total.changed += acceptance.changed
    }
    #expect(total.accepted == 13 && total.duplicate == 7 && total.stale == 2 && total.unwatched == 4)
    #expect(total.raised.count == 6 && !total.changed.isEmpty, "\(total)")
    let warnings = try near.warnings(WarningFilter()).map { try near.warning($0.id) }
    let others = try far.warnings(WarningFilter()).map { try far.warning($0.id) }
    #expect(others == warnings)
    #expect(warnings.contains { $0.cause == "attendance/session/m1/meeting/\(Self.start)/1" })
    let known = try observations(of: near)
    #expect(known.count == 8)
    #expect(try observations(of: far) == known)
  }

  @Test func itTakesRevisionsAndBodiesOfItsOwnUnsigned() async throws {
    let folder = try TemporaryFolder()
    var configuration = campus_gateway.Configuration()
    configuration.store.path = "\(folder.path)/gateway.sqlite"
    configuration.diagnosis.standards = try folder.write("standards.yaml", Self.standards)
    configuration.diagnosis.secretFile = try folder.write("secret", "a secret of this test\n")
    let local = try LocalCore(configuration, logger: configuration.log.logger())
    #expect(local.isSigned)
    let destination = EmbeddedDestination(local)
    let numbers: [Int64] = [1, 2]
    let items = try numbers.map { try AggregateItem(Self.meeting("m1", $0, present: 10)) }
    #expect(await destination.deliver(EventBatch([items[0]], source: "gateway/log-1")) == .accepted)
    let aside = EventBatch(body: EventBatch([items[1]], source: "gateway/log-1").body, count: 1)
    #expect(await destination.deliver(aside) == .accepted)
    #expect(try local.core.warnings().map(\.cause) == ["attendance/session/m1/meeting/\(Self.start)/1"])
    var impossible = items[0]
    impossible.key.end = impossible.key.start
    let verdict = await destination.deliver(EventBatch([impossible], source: "gateway/log-1"))
    guard case .refused = verdict else {
      Issue.record("\(verdict)")
      return
    }
    local.shutDown()
  }
}
