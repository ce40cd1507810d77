import Foundation

/// Holds what must be against what was printed.
struct Comparison {
  /// Fractions may be printed with six digits.
  static let tolerance = 1e-6
  /// Windows over for this long must be final, whatever makes them so.
  static let certainlyOver: Int64 = 3_600_000

  private(set) var differences: [String] = []
  private(set) var agreed: [String: Int] = [:]
  private(set) var finals = 0
  private let logTime: Int64

  init(expected: [Aggregate], printed: [Printed], logTime: Int64) {
    self.logTime = logTime
    var byKey: [Aggregate.Key: Printed] = [:]
    for item in printed {
      if byKey.updateValue(item, forKey: item.key) != nil { differ(item.key, "printed twice") }
    }
    for aggregate in expected {
      guard let found = byKey.removeValue(forKey: aggregate.key) else {
        differ(aggregate.key, "not printed; it must be \(Self.text(aggregate.measures))")
        continue
      }
      compare(aggregate, found)
    }
    for (key, item) in byKey {
      // Of attendance the contract says when a key appears; elsewhere a row of zeros says nothing.
      if key.aggregate != "attendance", item.isEmpty { continue }
      differ(key, "must not be there; it says \(item.measures)")
    }
    differences.sort()
  }

  private mutating func differ(_ key: Aggregate.Key, _ what: String) {
    differences.append(
      "\(key.aggregate) \(key.scope) \(key.id) \(key.grain) \(key.window.start)…\(key.window.end): \(what)")
  }

  private mutating func compare(_ truth: Aggregate, _ found: Printed) {
    let before = differences.count
    for (name, measure) in truth.measures.sorted(by: { $0.key < $1.key }) {
      guard !Self.agree(measure, found.measures[name]) else { continue }
      differ(truth.key, "\(name) is \(found.measures[name] ?? "missing"), must be \(Self.text(measure))")
    }
    if let expected = truth.devicesExpected, expected != found.devicesExpected {
      differ(truth.key, "devices_expected is \(found.devicesExpected ?? -1), must be \(expected)")
    }
    if let heard = truth.devicesHeard, heard != found.devicesHeard {
      differ(truth.key, "devices_heard is \(found.devicesHeard ?? -1), must be \(heard)")
    }
    let isFinal =
      truth.isFinal
      ?? (logTime >= truth.key.window.end + Self.certainlyOver ? true : logTime < truth.key.window.end ? false : nil)
    if let isFinal, isFinal != found.isFinal { differ(truth.key, "final is \(found.isFinal), must be \(isFinal)") }
    if found.revision < 1 { differ(truth.key, "revision is \(found.revision)") }
    guard differences.count == before else { return }
    agreed[truth.key.aggregate, default: 0] += 1
    if found.isFinal { finals += 1 }
  }

  private static func agree(_ measure: Aggregate.Measure, _ found: Any?) -> Bool {
    switch measure {
    case .count(let count): return Printed.number(found) == Double(count)
    case .fraction(nil): return found is NSNull
    case .fraction(let fraction?):
      guard let number = Printed.number(found) else { return false }
      return abs(number - fraction) <= tolerance
    case .histogram(let votes):
      guard let found = found as? [String: Any] else { return false }
      var counts: [Int: Int] = [:]
      for (score, count) in found {
        guard let score = Int(score), let count = Printed.number(count).map({ Int($0) }) else { return false }
        // A score nobody gave may stand there as 0.
        if count != 0 { counts[score] = count }
      }
      return counts == votes
    }
  }

  private static func text(_ measure: Aggregate.Measure) -> String {
    switch measure {
    case .count(let count): "\(count)"
    case .fraction(let fraction): fraction.map { "\($0)" } ?? "null"
    case .histogram(let votes):
      votes.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
  }

  private static func text(_ measures: [String: Aggregate.Measure]) -> String {
    measures.sorted { $0.key < $1.key }.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
  }

  func text(limit: Int) -> String {
    let counts = agreed.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    var lines = ["agreed on \(counts.isEmpty ? "nothing" : counts); \(finals) of them final"]
    lines += differences.prefix(limit).map { "  " + $0 }
    if differences.count > limit { lines.append("  and \(differences.count - limit) more differences") }
    lines.append(differences.isEmpty ? "the aggregates are true" : "NOT true: \(differences.count) differences")
    return lines.joined(separator: "\n")
  }
}
