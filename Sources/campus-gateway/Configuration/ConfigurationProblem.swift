/// What can be wrong in the configuration. `key` is a key's whole path, such as `mqtt.tls.ca`.
enum ConfigurationProblem: Sendable, Equatable {
  // The file.
  case fileMissing
  case fileUnreadable(reason: String)
  case notUTF8
  case syntax(String)

  // Keys.
  case unknownKey(String, nearest: String?, known: [String])
  case unknownVariable(nearest: String?)
  case repeatedKey(String, firstLine: Int)
  /// A section was expected, and something else stands there.
  case notASection(String, found: String)

  // Values.
  case wrongType(key: String, expected: Expectation, found: String)
  case outOfRange(key: String, value: String, ClosedRange<Int>)
  case unknownChoice(key: String, value: String, known: [String], nearest: String?)
  case refusedText(key: String, value: String, TextRule, nearest: String?)
  case emptyList(key: String)

  // Keys against each other.
  case missingCompanion(key: String, companion: String)

  /// What a key names cannot be used; the wording names the key.
  case unusable(Wording)

  enum Expectation: Sendable, Equatable {
    case integer, boolean, text, list
  }
}

extension ConfigurationProblem {
  /// One line of English, with what to do where that is not plain.
  var message: String {
    switch self {
    case .fileMissing:
      "not found; name the configuration with --config FILE, "
        + "or run where config/gateway.yaml is"
    case .fileUnreadable(let reason): "cannot be read: \(reason)"
    case .notUTF8: "not UTF-8; save the file as UTF-8"
    case .syntax(let problem): "not valid YAML: \(problem)"
    case .unknownKey(let key, let nearest, let known):
      "unknown key “\(key)”; "
        + (nearest.map { "did you mean “\($0)”?" }
          ?? "known here: \(known.joined(separator: " "))")
    case .unknownVariable(let nearest):
      "sets no key" + (nearest.map { "; did you mean \($0)?" } ?? "")
    case .repeatedKey(let key, let line): "\(key) is set already on line \(line)"
    case .notASection(let key, let found):
      "\(key.isEmpty ? "the file" : key) holds keys with values; found \(found) in their place"
    case .wrongType(let key, let expected, let found):
      "\(key): expected \(expected.english), found \(found)"
    case .outOfRange(let key, let value, let range):
      "\(key): \(value) is not from \(range.lowerBound) to \(range.upperBound)"
    case .unknownChoice(let key, let value, let known, let nearest):
      "\(key): unknown value “\(value)”; "
        + (nearest.map { "did you mean “\($0)”?" } ?? "one of: \(known.joined(separator: " "))")
    case .refusedText(let key, let value, let rule, let nearest):
      "\(key): “\(value)” is not \(rule.english)"
        + (nearest.map { "; did you mean “\($0)”?" } ?? "")
    case .emptyList(let key): "\(key): the list is empty"
    case .missingCompanion(let key, let companion): "\(key) needs \(companion) as well"
    case .unusable(let problem): problem.en
    }
  }

  /// The same in Chinese.
  var messageZh: String {
    switch self {
    case .fileMissing: "找不到配置文件；请用 --config 指定，或在 config/gateway.yaml 所在目录运行"
    case .fileUnreadable(let reason): "无法读取：\(reason)"
    case .notUTF8: "不是 UTF-8 编码；请另存为 UTF-8"
    case .syntax(let problem): "YAML 语法错误：\(problem)"
    case .unknownKey(let key, let nearest, let known):
      "未知配置项“\(key)”；"
        + (nearest.map { "是否应为“\($0)”？" } ?? "此处可用：\(known.joined(separator: " "))")
    case .unknownVariable(let nearest):
      "不对应任何配置项" + (nearest.map { "；是否应为 \($0)？" } ?? "")
    case .repeatedKey(let key, let line): "\(key) 已在第 \(line) 行设置"
    case .notASection(let key, let found): "\(key.isEmpty ? "文件" : key) 之下应为若干配置项，实际为 \(found)"
    case .wrongType(let key, let expected, let found):
      "\(key)：应为\(expected.chinese)，实际为 \(found)"
    case .outOfRange(let key, let value, let range):
      "\(key)：\(value) 不在 \(range.lowerBound) 至 \(range.upperBound) 之间"
    case .unknownChoice(let key, let value, let known, let nearest):
      "\(key)：值“\(value)”无效；"
        + (nearest.map { "是否应为“\($0)”？" } ?? "可用值：\(known.joined(separator: " "))")
    case .refusedText(let key, let value, let rule, let nearest):
      "\(key)：“\(value)”不是\(rule.chinese)" + (nearest.map { "；是否应为“\($0)”？" } ?? "")
    case .emptyList(let key): "\(key)：列表为空"
    case .missingCompanion(let key, let companion): "\(key) 需要同时设置 \(companion)"
    case .unusable(let problem): problem.zh
    }
  }
}

extension ConfigurationProblem.Expectation {
  fileprivate var english: String {
    switch self {
    case .integer: "a whole number such as 16384, without a unit"
    case .boolean: "true or false"
    case .text: "a text"
    case .list: "a list of texts"
    }
  }

  fileprivate var chinese: String {
    switch self {
    case .integer: "不带单位的整数，如 16384"
    case .boolean: " true 或 false"
    case .text: "文本"
    case .list: "文本列表"
    }
  }
}
