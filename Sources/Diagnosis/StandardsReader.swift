import Yams

/// Takes the text of a standards file, gives its standards, refuses what the contract's aggregates do not have; goes
/// on after each fault, so that all are found.
struct StandardsReader {
  private(set) var standards: [Standard] = []
  private(set) var faults: [YAMLFields.Fault] = []

  mutating func read(_ text: String) {
    let root: Node?
    do {
      root = try Yams.compose(yaml: text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
    } catch {
      faults.append(Self.fault(error))
      return
    }
    guard let root, !root.isNone else {
      faults.append((1, .noStandards))
      return
    }
    guard let mapping = root.mapping else {
      faults.append((1, .notASection("", found: root.found)))
      return
    }
    var top = YAMLFields(mapping, path: "", line: 1, keys: ["standards"])
    faults += top.faults
    let known = top.faults.count
    guard let list = top.mapping("standards") else {
      faults += top.faults.dropFirst(known)
      if top.faults.count == known { faults.append((1, .noStandards)) }
      return
    }
    if list.isEmpty { faults.append((top.line(of: "standards"), .noStandards)) }
    for (keyNode, node) in list { readStandard(keyNode, node) }
    faults = faults.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
  }

  private mutating func readStandard(_ keyNode: Node, _ node: Node) {
    let line = keyNode.mark?.line ?? 1
    guard let id = keyNode.scalar?.string, !id.isEmpty else {
      faults.append((line, .wrongType(key: "standards", expected: .text, found: keyNode.found)))
      return
    }
    guard let mapping = node.mapping else {
      faults.append((line, .notASection(id, found: node.found)))
      return
    }
    var reader = StandardReader(id: id, mapping, line: line)
    if let standard = reader.read() { standards.append(standard) }
    faults += reader.faults
  }

  private static func fault(_ error: any Error) -> YAMLFields.Fault {
    switch error {
    case YamlError.duplicatedKeysInMapping(let keys, let context):
      (context.mark.line, .repeatedKey(keys.joined(separator: ", ")))
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      (mark.line, .syntax([context?.text, problem].compactMap { $0 }.joined(separator: ", ")))
    default: (1, .syntax("\(error)"))
    }
  }
}
