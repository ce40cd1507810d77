extension StandardsProblem {
  /// One line of English, with what to do where that is not plain.
  public var message: String {
    switch self {
    case .fileMissing: "not found; set diagnosis.standards to the file of standards"
    case .fileUnreadable(let reason): "cannot be read: \(reason)"
    case .notUTF8: "not UTF-8; save the file as UTF-8"
    case .syntax(let problem): "not valid YAML: \(problem)"
    case .noStandards: "no standards; write them under “standards:”, as in the shipped file"
    case .unknownKey(let key, let nearest, let known):
      "unknown key “\(key)”; " + Self.proposal(nearest, known)
    case .repeatedKey(let key): "\(key) stands twice"
    case .missingKey(let key): "\(key) is missing"
    case .notASection(let key, let found):
      "\(key.isEmpty ? "the file" : key) holds keys with values; found \(found) in their place"
    case .missingCompanion(let key, let companion): "\(key) needs \(companion) as well"
    case .wrongType(let key, let expected, let found): "\(key): expected \(expected.english), found \(found)"
    case .outOfRange(let key, let value, let range):
      "\(key): \(value) is not from \(range.lowerBound.plain) to \(range.upperBound.plain)"
    case .unknownChoice(let key, let value, let known, let nearest):
      "\(key): unknown value “\(value)”; " + Self.proposal(nearest, known)
    case .emptyList(let key): "\(key): the list is empty"
    case .notOf(let owner, let what, let value, let known, let nearest):
      "\(owner) has no \(what.english) “\(value)”; " + Self.proposal(nearest, known)
    case .noLevels(let key): "\(key) has no threshold; give notice, warning or alarm a number"
    case .finalOnly(let key, let measure):
      "\(key): “\(measure)” can only be judged final: everybody is absent when a meeting begins"
    case .levelOrder(let key, let level, let before, let direction):
      "\(key): \(level.rawValue) must be \(direction == .below ? "less" : "greater") than \(before.rawValue), "
        + "because the direction is \(direction.rawValue)"
    }
  }

  private static func proposal(_ nearest: String?, _ known: [String]) -> String {
    nearest.map { "did you mean “\($0)”?" } ?? "one of: \(known.joined(separator: " "))"
  }
}

extension StandardsProblem.Expectation {
  fileprivate var english: String {
    switch self {
    case .number: "a number such as 0.85 or 85%"
    case .wholeNumber: "a whole number such as 20"
    case .boolean: "true or false"
    case .text: "a text"
    case .texts: "a list of texts"
    case .duration: "a duration such as 30m, 48h or 7d"
    }
  }
}

extension StandardsProblem.Part {
  fileprivate var english: String { self == .sampleMeasure ? "measure" : rawValue }
}

extension Double {
  /// Without a fraction where there is none.
  var plain: String { Int64(exactly: self).map { "\($0)" } ?? "\(self)" }
}
