/// What can be wrong in a standards file. `key` is a key's whole path, such as `meeting-attendance.levels.alarm`.
public enum StandardsProblem: Sendable, Equatable {
  // The file.
  case fileMissing
  case fileUnreadable(reason: String)
  case notUTF8
  case syntax(String)
  case noStandards

  // Keys.
  case unknownKey(String, nearest: String?, known: [String])
  case repeatedKey(String)
  case missingKey(String)
  /// Keys with values were expected, and something else stands there.
  case notASection(String, found: String)
  case missingCompanion(key: String, companion: String)

  // Values.
  case wrongType(key: String, expected: Expectation, found: String)
  case outOfRange(key: String, value: String, ClosedRange<Double>)
  case unknownChoice(key: String, value: String, known: [String], nearest: String?)
  case emptyList(key: String)

  // Values against each other.
  /// A measure, scope or grain (`what`) that `owner`, an aggregate with its scope, does not have.
  case notOf(owner: String, what: Part, value: String, known: [String], nearest: String?)
  case noLevels(key: String)
  /// A measure that means nothing before the window is over is judged while it runs.
  case finalOnly(key: String, measure: String)
  /// `level` must be worse than `before`, but is not.
  case levelOrder(key: String, level: Level, before: Level, Standard.Direction)

  public enum Expectation: Sendable, Equatable {
    case number, wholeNumber, boolean, text, texts, duration
  }

  public enum Part: String, Sendable, Equatable {
    case measure, scope, grain
    case sampleMeasure = "sample_measure"
  }
}
