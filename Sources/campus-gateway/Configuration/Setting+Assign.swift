import Campus

extension Setting {
  typealias Refusal = (line: Int, problem: ConfigurationProblem)

  /// Puts a value in its place, or gives what is wrong with it.
  func assign(_ value: RawValue, to configuration: inout Configuration) -> [Refusal] {
    if case .none = value.content {
      reset(&configuration)
      return []
    }
    switch target {
    case .texts(let path, let rule):
      return assignList(value, to: &configuration[keyPath: path], rule)
    default:
      guard case .text(let text) = value.content else { return refuse(value) }
      return assign(text, value, to: &configuration).map { [(value.line, $0)] } ?? []
    }
  }

  private func assign(
    _ text: String, _ value: RawValue, to configuration: inout Configuration
  ) -> ConfigurationProblem? {
    switch target {
    case .integer(let path, let range):
      guard let number = Int(text) else {
        // Only digits: a number, but one beyond every range.
        let digits = text.drop { $0 == "-" || $0 == "+" }.utf8
        let isNumber =
          !digits.isEmpty
          && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isNumber
          ? .outOfRange(key: key, value: text, range)
          : .wrongType(key: key, expected: .integer, found: value.found)
      }
      guard range.contains(number) else { return .outOfRange(key: key, value: text, range) }
      configuration[keyPath: path] = number
    case .boolean(let path):
      // YAML 1.1 and 1.2 disagree about yes and on; operators write both.
      switch text.lowercased() {
      case "true", "yes", "on": configuration[keyPath: path] = true
      case "false", "no", "off": configuration[keyPath: path] = false
      default: return .wrongType(key: key, expected: .boolean, found: value.found)
      }
    case .text(let path, let rule):
      if let problem = check(text, rule) { return problem }
      configuration[keyPath: path] = text
    case .optionalText(let path, let rule):
      if let problem = check(text, rule) { return problem }
      configuration[keyPath: path] = text
    case .level(let path): return choose(text, &configuration[keyPath: path])
    case .format(let path): return choose(text, &configuration[keyPath: path])
    case .texts: return .wrongType(key: key, expected: .list, found: value.found)
    }
    return nil
  }

  private func assignList(
    _ value: RawValue, to texts: inout [String], _ rule: TextRule
  ) -> [Refusal] {
    guard case .list(let elements) = value.content else { return refuse(value) }
    guard !elements.isEmpty else { return [(value.line, .emptyList(key: key))] }
    var accepted: [String] = []
    var refusals: [Refusal] = []
    for element in elements {
      guard case .text(let text) = element.content else {
        let problem = ConfigurationProblem.wrongType(
          key: key, expected: .text, found: element.found)
        refusals.append((element.line, problem))
        continue
      }
      if let problem = check(text, rule) {
        refusals.append((element.line, problem))
      } else {
        accepted.append(text)
      }
    }
    if refusals.isEmpty { texts = accepted }
    return refusals
  }

  private func choose<Choice>(_ text: String, _ choice: inout Choice) -> ConfigurationProblem?
  where Choice: RawRepresentable<String> & CaseIterable {
    if let value = Choice(rawValue: text) {
      choice = value
      return nil
    }
    let known = Choice.allCases.map(\.rawValue)
    return .unknownChoice(
      key: key, value: text, known: known, nearest: nearest(text, among: known))
  }

  private func check(_ text: String, _ rule: TextRule) -> ConfigurationProblem? {
    if rule.accepts(text) { return nil }
    return .refusedText(key: key, value: text, rule, nearest: rule.suggestion(for: text))
  }

  private func refuse(_ value: RawValue) -> [Refusal] {
    let expected: ConfigurationProblem.Expectation =
      switch target {
      case .integer: .integer
      case .boolean: .boolean
      case .texts: .list
      case .text, .optionalText, .level, .format: .text
      }
    return [(value.line, .wrongType(key: key, expected: expected, found: value.found))]
  }

  /// An empty environment variable takes a key of the file back to its default.
  private func reset(_ configuration: inout Configuration) {
    let defaults = Configuration()
    switch target {
    case .integer(let path, _): configuration[keyPath: path] = defaults[keyPath: path]
    case .boolean(let path): configuration[keyPath: path] = defaults[keyPath: path]
    case .text(let path, _): configuration[keyPath: path] = defaults[keyPath: path]
    case .optionalText(let path, _): configuration[keyPath: path] = defaults[keyPath: path]
    case .texts(let path, _): configuration[keyPath: path] = defaults[keyPath: path]
    case .level(let path): configuration[keyPath: path] = defaults[keyPath: path]
    case .format(let path): configuration[keyPath: path] = defaults[keyPath: path]
    }
  }
}
