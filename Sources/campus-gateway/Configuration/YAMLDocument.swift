import Yams

/// Takes the text of a YAML file, gives its node tree, refuses what is not YAML.
///
/// A key that stands twice is kept twice, under marked names, so that the reader can name both lines: the YAML parser
/// itself would stop at the first such mapping.
struct YAMLDocument {
  /// The root, or `nil` for a file without content or with a failure.
  private(set) var root: Node?
  private(set) var failure: (problem: ConfigurationProblem, line: Int)?

  private static let mark = "repeated-key-"
  /// No honest file repeats more keys.
  private static let attempts = 100

  init(_ text: String) {
    var text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
    for attempt in 0..<Self.attempts {
      do {
        root = try Yams.compose(yaml: text)
        failure = nil
        return
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        let key = keys.map(Self.originalKey).joined(separator: ", ")
        failure = (.syntax("a key stands twice: \(key)"), context.mark.line)
        guard let marked = Self.markKey(in: text, at: context.mark, attempt: attempt) else {
          return
        }
        text = marked
      } catch {
        // A file with repeated keys and a syntax error: the error hides less than the keys.
        failure = Self.failure(error, text)
        return
      }
    }
  }

  /// A key as it stands in the file.
  static func originalKey(_ key: String) -> String {
    guard key.hasPrefix(mark) else { return key }
    return String(key.dropFirst(mark.count).drop { $0 != "." }.dropFirst())
  }

  /// The text with the key at this position under another name; `nil` for a key with an anchor or a tag.
  private static func markKey(in text: String, at position: Mark, attempt: Int) -> String? {
    let scalars = text.unicodeScalars
    guard var index = Self.index(in: scalars, at: position), index < scalars.endIndex,
      !["&", "!", "*"].contains(scalars[index])
    else { return nil }
    if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
    return String(text[..<index]) + "\(mark)\(attempt)." + String(text[index...])
  }

  private static func index(
    in scalars: String.UnicodeScalarView, at position: Mark
  ) -> String.Index? {
    var index = scalars.startIndex
    for _ in 1..<max(1, position.line) {
      guard let end = scalars[index...].firstIndex(of: "\n") else { return nil }
      index = scalars.index(after: end)
    }
    return scalars.index(index, offsetBy: max(0, position.column - 1), limitedBy: scalars.endIndex)
  }

  private static func failure(
    _ error: any Error, _ text: String
  ) -> (problem: ConfigurationProblem, line: Int) {
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      let description = [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      let hasTab =
        lines.indices.contains(mark.line - 1)
        && lines[mark.line - 1].prefix { $0 == " " || $0 == "\t" }.contains("\t")
      return (
        .syntax(description + (hasTab ? "; indent with spaces, not tabs" : "")), mark.line
      )
    case YamlError.reader(let problem, let offset, _, _):
      let line = offset.map { text.prefix($0).count(where: \.isNewline) + 1 }
      return (.syntax(problem), line ?? 1)
    default:
      return (.syntax(String(describing: error)), 1)
    }
  }
}
