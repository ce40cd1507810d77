import Campus
import Foundation
import Yams

/// Takes a mapping of a YAML file and the keys it may have, gives their values one by one, refuses other keys and
/// values of another type; goes on after each fault, so that all are found.
struct YAMLFields {
  typealias Fault = (line: Int, problem: StandardsProblem)

  /// The path of the mapping, such as `meeting-attendance.levels`.
  let path: String
  /// Where the mapping stands.
  let line: Int
  private(set) var faults: [Fault] = []
  private var nodes: [String: (node: Node, line: Int)] = [:]

  init(_ mapping: Node.Mapping, path: String, line: Int, keys known: [String]) {
    self.path = path
    self.line = line
    for (keyNode, node) in mapping {
      let keyLine = keyNode.mark?.line ?? line
      guard let name = keyNode.scalar?.string, known.contains(name) else {
        let name = keyNode.scalar?.string ?? keyNode.found
        let problem = StandardsProblem.unknownKey(key(name), nearest: nearest(name, among: known), known: known)
        faults.append((keyLine, problem))
        continue
      }
      // An empty value: as if the key were not there.
      if !node.isNone { nodes[name] = (node, keyLine) }
    }
  }

  func key(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  /// Where a key stands; the mapping's line for one that is not there.
  func line(of name: String) -> Int { nodes[name]?.line ?? line }

  /// Whether a key stands there with a value, good or not.
  func has(_ name: String) -> Bool { nodes[name] != nil }

  mutating func refuse(_ name: String, _ problem: StandardsProblem) {
    faults.append((line(of: name), problem))
  }

  mutating func require(_ names: [String]) {
    for name in names where nodes[name] == nil { faults.append((line, .missingKey(key(name)))) }
  }

  // MARK: Values; nil: not there, or refused

  mutating func text(_ name: String) -> String? {
    guard let (node, _) = nodes[name] else { return nil }
    guard let text = node.scalar?.string else { return refused(name, .text, node) }
    return text
  }

  mutating func choice<Choice>(_ name: String) -> Choice?
  where Choice: RawRepresentable<String> & CaseIterable {
    guard let text = text(name) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let known = Choice.allCases.map(\.rawValue)
    refuse(
      name, .unknownChoice(key: key(name), value: text, known: known, nearest: nearest(text, among: known)))
    return nil
  }

  /// A number; `85%` is 0.85.
  mutating func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
    guard let (node, _) = nodes[name] else { return nil }
    guard let text = node.scalar?.string else { return refused(name, .number, node) }
    let isPercent = text.hasSuffix("%")
    let digits = isPercent ? text.dropLast().trimmingCharacters(in: .whitespaces) : text
    guard let number = Double(digits), number.isFinite else { return refused(name, .number, node) }
    let value = isPercent ? number / 100 : number
    guard range.contains(value) else {
      refuse(name, .outOfRange(key: key(name), value: text, range))
      return nil
    }
    return value
  }

  mutating func wholeNumber(_ name: String, in range: ClosedRange<Double>) -> Int? {
    guard let (node, _) = nodes[name] else { return nil }
    guard let text = node.scalar?.string, let number = Int(text) else { return refused(name, .wholeNumber, node) }
    guard range.contains(Double(number)) else {
      refuse(name, .outOfRange(key: key(name), value: text, range))
      return nil
    }
    return number
  }

  mutating func boolean(_ name: String) -> Bool? {
    guard let (node, _) = nodes[name] else { return nil }
    switch node.scalar?.string.lowercased() {
    case "true", "yes", "on": return true
    case "false", "no", "off": return false
    default: return refused(name, .boolean, node)
    }
  }

  /// Milliseconds.
  mutating func duration(_ name: String) -> Int64? {
    guard let (node, _) = nodes[name] else { return nil }
    let units: [Character: Int64] = ["m": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let text = node.scalar?.string, let last = text.last, let unit = units[last],
      let count = Int64(text.dropLast()), count >= 0, count <= 10_000_000
    else { return refused(name, .duration, node) }
    return count * unit
  }

  mutating func texts(_ name: String) -> [String]? {
    guard let (node, _) = nodes[name] else { return nil }
    guard let sequence = node.sequence else { return refused(name, .texts, node) }
    guard !sequence.isEmpty else {
      refuse(name, .emptyList(key: key(name)))
      return nil
    }
    var texts: [String] = []
    for element in sequence {
      guard let text = element.scalar?.string, !element.isNone else { return refused(name, .text, element) }
      texts.append(text)
    }
    return texts
  }

  mutating func section(_ name: String, keys: [String]) -> YAMLFields? {
    guard let mapping = self.mapping(name) else { return nil }
    return YAMLFields(mapping, path: key(name), line: line(of: name), keys: keys)
  }

  /// A section whose keys are names the school gives.
  mutating func mapping(_ name: String) -> Node.Mapping? {
    guard let (node, _) = nodes[name] else { return nil }
    if let mapping = node.mapping { return mapping }
    refuse(name, .notASection(key(name), found: node.found))
    return nil
  }

  private mutating func refused<Value>(
    _ name: String, _ expected: StandardsProblem.Expectation, _ node: Node
  ) -> Value? {
    refuse(name, .wrongType(key: key(name), expected: expected, found: node.found))
    return nil
  }
}

extension Node {
  /// Empty, `~` or `null`.
  var isNone: Bool {
    guard let scalar else { return false }
    return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// What stands there, for a message.
  var found: String {
    switch self {
    case .scalar(let scalar): isNone ? "nothing" : "“\(scalar.string)”"
    case .sequence: "a list"
    case .mapping: "a section"
    case .alias: "an alias"
    }
  }
}
