import Aggregation
import ArgumentParser
import ReadingLog

struct Aggregates: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The latest revision of each aggregate whose window starts in [from, to).",
    discussion: """
      --key takes an id, or any parts of AGGREGATE/SCOPE/ID/GRAIN/START that follow one another: C17, \
      course/C17, teacher/T3/week, attendance/session.
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "attendance, satisfaction, passage, assessment, incident or device.") var kind: String?
  @Option(help: "Such as session, course or place.") var scope: String?
  @Option(help: "Such as meeting, day or week.") var grain: String?
  @Option(help: "An id, or parts of the key.") var key: String?
  @Option(help: "First window start: ISO 8601 with offset, or Unix milliseconds.") var from: String?
  @Option(help: "Window start to stop before.") var to: String?

  func run() throws {
    let filter = try wanted()
    let configuration = try common.load()
    let store = try LogStore.openReadOnly(configuration.store.path)
    let time = LocalTime(zone: configuration.siteTimeZone)
    if !common.json { Console.print(AggregateLine.head) }
    var bytes: ContiguousArray<UInt8> = []
    var isFirst = true
    try store.aggregates(filter) { page in
      bytes.removeAll(keepingCapacity: true)
      for stored in page {
        let item = try AggregateItem(stored)
        if let key, !AggregateLine.matches(item, key: key) { continue }
        if common.json {
          bytes.append(contentsOf: (isFirst ? "[" : ",\n").utf8)
          item.appendJSON(to: &bytes)
        } else {
          AggregateLine.append(item, time, to: &bytes)
        }
        isFirst = false
      }
      bytes.withUnsafeBytes { Console.write($0, to: 1) }
    }
    if common.json { Console.print(isFirst ? "[]" : "]") }
  }

  private func wanted() throws -> AggregateFilter {
    var filter = AggregateFilter()
    if let from { filter.from = try TimeText.milliseconds(from) }
    if let to { filter.to = try TimeText.milliseconds(to) }
    filter.kind = try kind.map { try known($0, "aggregate", AggregateKind.allCases).rawValue }
    filter.scope = try scope.map { try known($0, "scope", AggregateScope.allCases).rawValue }
    filter.grain = try grain.map { try known($0, "grain", AggregateGrain.allCases).rawValue }
    return filter
  }

  private func known<Choice: CustomStringConvertible>(
    _ name: String, _ what: String, _ choices: [Choice]
  ) throws -> Choice {
    guard let choice = choices.first(where: { $0.description == name }) else {
      throw Refusal.usage("there is no \(what) \(name): \(choices.map(\.description).joined(separator: ", "))")
    }
    return choice
  }
}

/// An aggregate as one line for people.
enum AggregateLine {
  private static let widths = [12, 10, 24, 7, 16, 8, 5, 7]

  static var head: String {
    line(
      Console.isChinese
        ? ["汇总", "范围", "对象", "粒度", "时段起点", "修订", "定稿", "设备", "指标"]
        : ["AGGREGATE", "SCOPE", "ID", "GRAIN", "WINDOW", "REVISION", "FINAL", "HEARD", "MEASURES"])
  }

  static func append(_ item: AggregateItem, _ time: LocalTime, to bytes: inout ContiguousArray<UInt8>) {
    var measures: ContiguousArray<UInt8> = []
    item.measures.appendJSON(to: &measures)
    let cells = [
      "\(item.key.kind)", "\(item.key.scope)", item.key.id, "\(item.key.grain)",
      time.text(item.key.start), "\(item.revision)", item.isFinal ? "yes" : "no",
      "\(item.devicesHeard)/\(item.devicesExpected)", String(decoding: measures, as: UTF8.self),
    ]
    bytes.append(contentsOf: line(cells).utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Whether whole parts of the key that follow one another are `key`.
  static func matches(_ item: AggregateItem, key: String) -> Bool {
    if item.key.id == key { return true }
    let whole = "/\(item.key.kind)/\(item.key.scope)/\(item.key.id)/\(item.key.grain)/\(item.key.start)/"
    return whole.contains("/\(key)/")
  }

  private static func line(_ cells: [String]) -> String {
    zip(cells, widths + [0]).map { cell, width in
      cell + String(repeating: " ", count: max(0, width - cell.count))
    }.joined(separator: "  ")
  }
}
