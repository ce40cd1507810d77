import Campus
import Yams

/// Takes a YAML document and the environment, gives a configuration, refuses what the schema does not know; goes on
/// after each fault, so that all are found.
struct ConfigurationReader {
  private(set) var configuration = Configuration()
  private(set) var faults: [ConfigurationFault] = []

  private let file: String
  private let settings = Dictionary(
    uniqueKeysWithValues: Configuration.settings.map { ($0.key, $0) })
  /// Where each key with a value was set.
  private var sources: [String: ConfigurationFault.Source] = [:]

  init(file: String) {
    self.file = file
  }

  mutating func refuse(_ problem: ConfigurationProblem, line: Int = 1) {
    faults.append(ConfigurationFault(source: .file(file, line: line), problem: problem))
  }

  // MARK: The file

  mutating func read(_ document: YAMLDocument) {
    if let failure = document.failure { refuse(failure.problem, line: failure.line) }
    guard let root = document.root else { return }
    readSection(root, path: "")
    let inOrder = faults.enumerated().sorted { left, right in
      (left.element.line, left.offset) < (right.element.line, right.offset)
    }
    faults = inOrder.map(\.element)
  }

  private mutating func readSection(_ node: Node, path: String) {
    let value = RawValue(node)
    guard case .mapping(let mapping) = node else {
      if case .none = value.content { return }
      refuse(.notASection(path, found: value.found), line: value.line)
      return
    }
    var firstLines: [String: Int] = [:]
    for (keyNode, valueNode) in mapping {
      let line = keyNode.mark?.line ?? value.line
      guard let text = keyNode.scalar?.string else {
        refuseKey(RawValue(keyNode).found, in: path, line: line)
        continue
      }
      let name = YAMLDocument.originalKey(text)
      let key = path.isEmpty ? name : "\(path).\(name)"
      if let first = firstLines[name] {
        refuse(.repeatedKey(key, firstLine: first), line: line)
      } else {
        firstLines[name] = line
      }
      readValue(valueNode, name: name, in: path, line: line)
    }
  }

  private mutating func readValue(_ node: Node, name: String, in section: String, line: Int) {
    let key = section.isEmpty ? name : "\(section).\(name)"
    if Configuration.sections.contains(key) {
      readSection(node, path: key)
    } else if let setting = settings[key] {
      assign(setting, RawValue(node), source: .file(file, line: line))
    } else {
      refuseKey(name, in: section, line: line)
    }
  }

  private mutating func assign(
    _ setting: Setting, _ value: RawValue, source: ConfigurationFault.Source
  ) {
    if case .none = value.content {
      sources[setting.key] = nil
    } else {
      sources[setting.key] = source
    }
    for (line, problem) in setting.assign(value, to: &configuration) {
      switch source {
      case .file: refuse(problem, line: line)
      case .environment: faults.append(ConfigurationFault(source: source, problem: problem))
      }
    }
  }

  private mutating func refuseKey(_ name: String, in section: String, line: Int) {
    let known = Configuration.names(in: section)
    let key = section.isEmpty ? name : "\(section).\(name)"
    let nearest = nearestKey(name, in: section, known)
    refuse(.unknownKey(key, nearest: nearest, known: known), line: line)
  }

  /// The known key most like this one: in its own section, or else one of the same name elsewhere.
  private func nearestKey(_ name: String, in section: String, _ known: [String]) -> String? {
    let abbreviated = known.first { name.count >= 3 && ($0.hasPrefix(name) || name.hasPrefix($0)) }
    if let sibling = nearest(name, among: known) ?? abbreviated {
      return section.isEmpty ? sibling : "\(section).\(sibling)"
    }
    return Configuration.settings.first { $0.name == name }?.key
  }

  // MARK: The environment

  mutating func read(_ environment: [String: String]) {
    let byVariable = Dictionary(
      uniqueKeysWithValues: Configuration.settings.map { ($0.variable, $0) })
    for (variable, text) in environment.sorted(by: { $0.key < $1.key })
    where variable.hasPrefix(Setting.variablePrefix) {
      let source = ConfigurationFault.Source.environment(variable: variable)
      if let setting = byVariable[variable] {
        assign(setting, RawValue(text, isList: setting.isList), source: source)
      } else {
        let problem = ConfigurationProblem.unknownVariable(nearest: nearestVariable(variable))
        faults.append(ConfigurationFault(source: source, problem: problem))
      }
    }
  }

  private func nearestVariable(_ variable: String) -> String? {
    // Without the prefix, which would make every name look alike.
    let count = Setting.variablePrefix.count
    let known = Configuration.settings.map { String($0.variable.dropFirst(count)) }
    return nearest(String(variable.dropFirst(count)), among: known)
      .map { Setting.variablePrefix + $0 }
  }

  // MARK: Keys against each other

  mutating func checkCompanions() {
    for (key, companion) in Configuration.companions where sources[companion] == nil {
      guard let source = sources[key] else { continue }
      let problem = ConfigurationProblem.missingCompanion(key: key, companion: companion)
      faults.append(ConfigurationFault(source: source, problem: problem))
    }
  }

  // MARK: What they name

  mutating func checkUsable() {
    for (key, problem) in configuration.unusable() {
      let source = sources[key] ?? .file(file, line: 1)
      faults.append(ConfigurationFault(source: source, problem: .unusable(problem)))
    }
  }
}

extension ConfigurationFault {
  fileprivate var line: Int {
    if case .file(_, let line) = source { return line }
    return .max
  }
}

extension RawValue {
  fileprivate init(_ node: Node) {
    line = node.mark?.line ?? 1
    switch node {
    case .scalar(let scalar):
      let isNone =
        scalar.string.isEmpty
        || scalar.style == .plain && ["~", "null", "Null", "NULL"].contains(scalar.string)
      content = isNone ? .none : .text(scalar.string)
    case .sequence(let sequence): content = .list(sequence.map(RawValue.init))
    case .mapping: content = .section
    case .alias: content = .none
    }
  }

  /// The value of an environment variable; lists are separated by commas.
  fileprivate init(_ text: String, isList: Bool) {
    if text.isEmpty {
      content = .none
    } else if isList {
      let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      content = .list(parts.map { RawValue(content: .text($0)) })
    } else {
      content = .text(text)
    }
  }
}
