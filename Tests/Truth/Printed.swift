import Foundation

/// An aggregate as the gateway printed it.
struct Printed {
  /// What the truth program knows something about.
  static let names: Set<String> = ["attendance", "satisfaction", "passage", "assessment", "incident", "device"]

  var key: Aggregate.Key
  var revision: Int
  var isFinal: Bool
  var measures: [String: Any]
  var devicesExpected: Int?
  var devicesHeard: Int?

  static func aggregates(file path: String) throws -> [Printed] {
    guard let data = FileManager.default.contents(atPath: path) else { throw Unreadable("\(path): cannot be read") }
    return try aggregates(data, path)
  }

  static func aggregates(_ data: Data, _ path: String) throws -> [Printed] {
    guard let list = (try? JSONSerialization.jsonObject(with: data)) as? [[String: Any]] else {
      throw Unreadable("\(path): not an array of objects")
    }
    return try list.compactMap { object in
      guard let name = object["aggregate"] as? String else { throw Unreadable("\(path): no aggregate: \(object)") }
      guard names.contains(name) else { return nil }
      guard let printed = Printed(object) else { throw Unreadable("\(path): not by the contract: \(object)") }
      return printed
    }
  }

  private init?(_ object: [String: Any]) {
    guard let aggregate = object["aggregate"] as? String, let scope = object["scope"] as? String,
      let id = object["id"] as? String, let grain = object["grain"] as? String,
      let window = object["window"] as? [String: Any], let start = window["start"] as? Int,
      let end = window["end"] as? Int, let revision = object["revision"] as? Int,
      let isFinal = object["final"] as? Bool, let measures = object["measures"] as? [String: Any]
    else { return nil }
    key = Aggregate.Key(
      aggregate: aggregate, scope: scope, id: id, grain: grain,
      window: LocalCalendar.Window(start: Int64(start), end: Int64(end)))
    self.revision = revision
    self.isFinal = isFinal
    self.measures = measures
    let completeness = object["completeness"] as? [String: Any]
    devicesExpected = completeness?["devices_expected"] as? Int
    devicesHeard = completeness?["devices_heard"] as? Int
  }

  static func number(_ value: Any?) -> Double? { value as? Double ?? (value as? Int).map { Double($0) } }

  /// Nothing was ever counted here.
  var isEmpty: Bool {
    measures.values.allSatisfy { value in
      if let histogram = value as? [String: Any] { return histogram.values.allSatisfy { Self.number($0) == 0 } }
      return value is NSNull || Self.number(value) == 0
    }
  }
}
