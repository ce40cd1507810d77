import Diagnosis
import Foundation
import GRDB
import Glibc

/// A diagnosis core of its own beside a simulated week, and what it knows in the end.
extension WeekRun {
  static func remote(_ port: UInt16) -> String {
    "embedded: false, url: \"http://127.0.0.1:\(port)/diagnosis/v1/events\""
  }

  private var coreConfiguration: String { "\(folder.path)/core.yaml" }
  private var coreStore: String { "\(folder.path)/core/diagnosis.sqlite" }

  func writeCore() throws {
    let standards = try folder.write("everything.yaml", WeekRun.everything)
    try folder.write(
      "core.yaml",
      """
      store: {path: "\(try folder.folder("core"))/gateway.sqlite"}
      diagnosis: {standards: "\(standards)"}
      """)
  }

  /// Standards that watch every aggregate and never fire: the core remembers whatever it is told.
  private static var everything: String {
    var text = "standards:\n"
    for aggregate in Aggregate.allCases {
      for scope in aggregate.scopes {
        for grain in aggregate.grains(of: scope) {
          text += """
              watch-\(aggregate.rawValue)-\(scope)-\(grain):
                name: 全部
                name_en: Everything
                layer: school
                aggregate: \(aggregate.rawValue)
                scope: \(scope)
                grain: \(grain)
                measure: devices_silent
                direction: above
                levels: {alarm: 1000000000}
                responsible_unit: office

            """
        }
      }
    }
    return text
  }

  // MARK: The process

  func startCore(waits: Bool) throws {
    let process = try start(
      "campus-gateway", ["diagnosis", "--config", coreConfiguration, "--listen", "127.0.0.1:\(corePort ?? 0)"])
    core = process
    guard waits else { return }
    try eventually(within: 20, "the core listens:\n\(process.log)") {
      guard process.isRunning else { throw TimedOut(description: "the core ended: \(process.log)") }
      return process.log.contains(" listening")
    }
  }

  func killCore() { core?.kill() }

  /// SIGTERM; gives the exit status.
  func stopCore() throws -> Int32 {
    core?.signal(SIGTERM)
    return try core?.wait(within: 6) ?? -1
  }

  private func readCore<Value>(_ body: (Database) throws -> Value) throws -> Value {
    var configuration = GRDB.Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    let store = try DatabaseQueue(path: coreStore, configuration: configuration)
    let value = try store.read(body)
    try store.close()
    return value
  }

  /// Grows with every event the core accepts.
  func acceptedRevisions() throws -> Int64 {
    try readCore { try Int64.fetchOne($0, sql: "SELECT coalesce(sum(revision), 0) FROM observation") ?? 0 }
  }

  // MARK: What it knows

  private struct Status: Decodable {
    struct Outbox: Decodable { var waiting, putAside: Int }
    var outbox: [Outbox]
  }

  /// Waits until the core has been told everything, and checks that it refused nothing.
  func waitForEmptyOutbox(within limit: Double = 60) throws {
    var last: [Status.Outbox] = []
    try eventually(within: limit, every: 0.5, "an empty outbox: \(last)\n\(gateway?.log ?? "")") {
      let status: Status = try run("campus-gateway", "status", "--json", "--config", configuration).decoded()
      last = status.outbox
      if last.contains(where: { $0.putAside > 0 }) { throw TimedOut(description: "events were refused: \(last)") }
      return last.allSatisfy { $0.waiting == 0 }
    }
  }

  /// A window as either side tells of it.
  private struct Known: Decodable, Equatable {
    struct Number: Decodable {
      var value: Double?
      init(from decoder: any Decoder) throws { value = try? decoder.singleValueContainer().decode(Double.self) }
    }
    struct Window: Decodable { var start: Int64 }
    struct Completeness: Decodable { var devices_expected, devices_heard: Int }
    private enum CodingKeys: String, CodingKey {
      case aggregate, scope, id, grain, window, revision, final, completeness, measures
    }

    var key: String
    var revision: Int
    var isFinal: Bool
    var devicesExpected, devicesHeard: Int
    /// Those that are numbers.
    var measures: [String: Double]
    var isShort: Bool { key.contains(" 5min ") || key.contains(" hour ") }

    /// An item of `aggregates --json`.
    init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      let parts = try [CodingKeys.aggregate, .scope, .id, .grain].map { try values.decode(String.self, forKey: $0) }
      let window = try values.decode(Window.self, forKey: .window)
      let completeness = try values.decode(Completeness.self, forKey: .completeness)
      key = parts.joined(separator: " ") + " \(window.start)"
      revision = try values.decode(Int.self, forKey: .revision)
      isFinal = try values.decode(Bool.self, forKey: .final)
      (devicesExpected, devicesHeard) = (completeness.devices_expected, completeness.devices_heard)
      measures = try values.decode([String: Number].self, forKey: .measures).compactMapValues(\.value)
    }

    /// An observation of the core.
    init(_ row: Row) throws {
      let parts: [String] = [row["aggregate"], row["scope"], row["subject"], row["grain"]]
      key = parts.joined(separator: " ") + " \(row["start"] as Int64)"
      revision = row["revision"]
      isFinal = row["final"]
      devicesExpected = row["devices_expected"]
      devicesHeard = row["devices_heard"]
      measures = try JSONDecoder().decode([String: Double].self, from: Data((row["measures"] as String).utf8))
    }
  }

  /// What the gateway holds against what the core knows.
  struct CoreComparison: CustomStringConvertible {
    var finals = 0
    var differences: [String] = []
    var description: String {
      "\(finals) finals, \(differences.count) differences\(differences.prefix(10).map { "\n  \($0)" }.joined())"
    }
  }

  /// Every final aggregate is known once, with its revision and measures, and nothing is known that is not there. Of
  /// windows in which no device was heard before there was a log, nobody is told.
  func compareWithCore() throws -> CoreComparison {
    let printed = try run("campus-gateway", "aggregates", "--json", "--config", configuration).output
    let held = try JSONDecoder().decode([Known].self, from: Data(printed.utf8))
    var known: [String: [Known]] = [:]
    for one in try readCore({ try Row.fetchAll($0, sql: "SELECT * FROM observation").map { try Known($0) } }) {
      known[one.key, default: []].append(one)
    }
    var comparison = CoreComparison()
    for one in held {
      let found = known.removeValue(forKey: one.key) ?? []
      guard one.isFinal, one.devicesHeard > 0 || !found.isEmpty else { continue }
      // A core that starts forgets windows of minutes and hours that ended more than two weeks ago.
      if found.isEmpty, one.isShort { continue }
      comparison.finals += 1
      if found != [one] { comparison.differences.append("\(one.key): held \(one), known \(found)") }
    }
    for key in known.keys { comparison.differences.append("\(key) is known, but not held") }
    return comparison
  }
}
