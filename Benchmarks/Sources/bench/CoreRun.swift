import Foundation
import Glibc

/// A diagnosis core in a process of its own, which can go away and come back on the same port and store.
final class CoreRun {
  let url: String
  let store: String
  private let place: Workplace
  private let folder: String
  private let port: Int
  private var child: Child?
  private var starts = 0

  /// Its standards watch every aggregate and never fire: it remembers whatever it is told.
  init(_ place: Workplace, in folder: String) throws {
    self.place = place
    self.folder = folder
    port = Int.random(in: 40_000..<60_000)
    url = "http://127.0.0.1:\(port)/diagnosis/v1/events"
    store = "\(folder)/core/diagnosis.sqlite"
    try CoreRun.standards.write(toFile: "\(folder)/standards.yaml", atomically: false, encoding: .utf8)
    let text = """
      store: {path: "\(folder)/core/gateway.sqlite"}
      diagnosis: {standards: "\(folder)/standards.yaml"}

      """
    try text.write(toFile: "\(folder)/core.yaml", atomically: false, encoding: .utf8)
  }

  private static let scopes: [(aggregate: String, scope: String, grains: String)] = [
    ("attendance", "session", "meeting"), ("attendance", "course", "day week month"),
    ("attendance", "teacher", "day week month"), ("attendance", "programme", "day week month"),
    ("attendance", "college", "day week month"), ("attendance", "school", "day week month"),
    ("attendance", "student", "day week month"), ("satisfaction", "place", "5min meal day month term"),
    ("satisfaction", "unit", "meal day month term"), ("passage", "gate", "5min hour day"),
    ("passage", "dormitory", "day"), ("assessment", "session", "meeting"), ("assessment", "course", "month term"),
    ("assessment", "teacher", "month term"), ("assessment", "unit", "month term"),
    ("assessment", "place", "month term"), ("incident", "place", "day"), ("device", "device", "hour day"),
  ]

  private static var standards: String {
    var text = "standards:\n"
    for (aggregate, scope, grains) in scopes {
      for grain in grains.split(separator: " ") {
        text += """
            watch-\(aggregate)-\(scope)-\(grain):
              name: 全部
              name_en: Everything
              layer: school
              aggregate: \(aggregate)
              scope: \(scope)
              grain: \(grain)
              measure: devices_silent
              direction: above
              levels: {alarm: 1000000000}
              responsible_unit: office

          """
      }
    }
    return text
  }

  func start() throws {
    starts += 1
    let child = try Child(
      place.program("campus-gateway"),
      ["diagnosis", "--config", "\(folder)/core.yaml", "--listen", "127.0.0.1:\(port)"], in: folder,
      named: "core-\(starts)")
    try child.wait("it listened", limit: 30) { child.log.contains(" listening") }
    self.child = child
  }

  func stop() throws {
    child?.kill(SIGTERM)
    try child?.finish(limit: 60)
    child = nil
  }
}
