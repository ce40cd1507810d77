import Foundation
import Testing

@testable import Diagnosis

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "diagnosis-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

let hour: Int64 = 3_600_000
let day = 24 * hour
let week = 7 * day

extension Standard {
  /// Weekly attendance of a course: notice under 90 %, warning under 80 %, alarm under 60 %.
  static var sample: Standard {
    var standard = Standard(
      id: "course", name: "课程周到课率", nameEn: "Attendance of a course", layer: .course, aggregate: .attendance,
      scope: "course", grain: "week", measure: "rate", direction: .below,
      levels: Levels(notice: 0.9, warning: 0.8, alarm: 0.6), sampleMeasure: "expected", responsibleUnit: "office")
    standard.minimumSample = 10
    standard.coolDown = 2 * day
    return standard
  }

  /// Dissatisfaction with a meal, judged while it goes on.
  static var meal: Standard {
    var standard = Standard(
      id: "meal", name: "就餐不满意率", nameEn: "Dissatisfaction", layer: .place, aggregate: .satisfaction,
      scope: "place", grain: "meal", measure: "low_share", direction: .above,
      levels: Levels(notice: 0.2, warning: 0.4), sampleMeasure: "count", responsibleUnit: "kitchen")
    standard.minimumSample = 10
    standard.basis = .running
    standard.hysteresis = 0.05
    return standard
  }

  func with(_ change: (inout Standard) -> Void) -> Standard {
    var standard = self
    change(&standard)
    return standard
  }
}

/// One event, as the gateway writes it. Window 1 starts on Monday 2026-09-07 in Shanghai.
struct Event {
  static let firstWindow: Int64 = 1_788_710_400_000

  var aggregate = "attendance"
  var scope = "course"
  var id = "c1"
  var grain = "week"
  var window = 1
  var revision = 1
  var isFinal = true
  var expected = 2
  var heard = 2
  var measures = "{}"
  var source = "gateway-1/log-1"
  var unit: String?
  var time = "2026-09-14T00:05:00.250Z"

  /// Attendance of a course in week `window`.
  static func rate(_ rate: Double?, window: Int = 1, revision: Int = 1, of expected: Int = 100) -> Event {
    Event(
      window: window, revision: revision,
      measures: "{\"expected\":\(expected),\"rate\":\(rate.map { "\($0)" } ?? "null")}")
  }

  /// Low votes of a meal.
  static func low(
    _ share: Double, window: Int = 1, revision: Int = 1, isFinal: Bool = false, count: Int = 50
  ) -> Event {
    Event(
      aggregate: "satisfaction", scope: "place", id: "canteen-1/taste", grain: "meal", window: window,
      revision: revision, isFinal: isFinal,
      measures: "{\"count\":\(count),\"low_share\":\(share),\"histogram\":{\"1\":3,\"5\":9}}")
  }

  func with(_ change: (inout Event) -> Void) -> Event {
    var event = self
    change(&event)
    return event
  }

  var start: Int64 { Event.firstWindow + Int64(window - 1) * week }

  var json: String {
    """
    {"specversion":"1.0","type":"cn.campus.aggregate.\(aggregate).v1","source":"\(source)",
    "id":"\(aggregate)/\(scope)/\(id)/\(grain)/\(start)/\(revision)","time":"\(time)",
    "datacontenttype":"application/json","data":{"aggregate":"\(aggregate)","scope":"\(scope)","id":"\(id)",
    "grain":"\(grain)","window":{"start":\(start),"end":\(start + week)},"revision":\(revision),
    "final":\(isFinal),"completeness":{"devices_expected":\(expected),"devices_heard":\(heard)},
    "measures":\(measures)\(unit.map { ",\"unit\":\"\($0)\"" } ?? "")}}
    """
  }

  static func batch(_ events: [Event]) -> [UInt8] {
    Array("[\(events.map(\.json).joined(separator: ","))]".utf8)
  }
}

/// A core on a store of its own, with a clock that stands where it is put.
final class Sample {
  let folder: TemporaryFolder
  private(set) var core: DiagnosisCore
  let settings: DiagnosisCore.Settings
  var now: Int64 = 1_789_400_000_000

  init(_ standards: [Standard] = [.sample], settings: DiagnosisCore.Settings = .init()) throws {
    folder = try TemporaryFolder()
    self.settings = settings
    core = try DiagnosisCore(
      path: folder.file("diagnosis.sqlite"), standards: Standards(standards), settings: settings)
  }

  func reopen() throws {
    let standards = core.standards
    try core.shutDown()
    core = try DiagnosisCore(path: folder.file("diagnosis.sqlite"), standards: standards, settings: settings)
  }

  @discardableResult
  func send(_ events: Event...) throws -> Acceptance {
    now += 1_000
    return try core.accept(batch: Event.batch(events), now: now)
  }

  /// The only warning there is, with its steps.
  func warning() throws -> Warning {
    var filter = WarningFilter()
    filter.limit = 2
    let all = try core.warnings(filter)
    try #require(all.count == 1)
    return try core.warning(all[0].id)
  }

  func kinds() throws -> [Warning.Step.Kind] { try warning().steps.map(\.kind) }
  func count(_ filter: WarningFilter = WarningFilter()) throws -> Int { try core.warnings(filter).count }
}
