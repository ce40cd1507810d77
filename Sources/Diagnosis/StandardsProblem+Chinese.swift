extension StandardsProblem {
  /// One line of Chinese, with what to do where that is not plain.
  public var messageZh: String {
    switch self {
    case .fileMissing: "找不到标准文件；请在 diagnosis.standards 中指定"
    case .fileUnreadable(let reason): "无法读取：\(reason)"
    case .notUTF8: "不是 UTF-8 编码；请另存为 UTF-8"
    case .syntax(let problem): "YAML 语法错误：\(problem)"
    case .noStandards: "没有任何标准；请参照随附文件写在“standards:”之下"
    case .unknownKey(let key, let nearest, let known): "未知配置项“\(key)”；" + Self.proposal(nearest, known)
    case .repeatedKey(let key): "\(key) 重复出现"
    case .missingKey(let key): "缺少 \(key)"
    case .notASection(let key, let found): "\(key.isEmpty ? "文件" : key) 之下应为若干配置项，实际为 \(found)"
    case .missingCompanion(let key, let companion): "\(key) 需要同时设置 \(companion)"
    case .wrongType(let key, let expected, let found): "\(key)：应为\(expected.chinese)，实际为 \(found)"
    case .outOfRange(let key, let value, let range):
      "\(key)：\(value) 不在 \(range.lowerBound.plain) 至 \(range.upperBound.plain) 之间"
    case .unknownChoice(let key, let value, let known, let nearest):
      "\(key)：值“\(value)”无效；" + Self.proposal(nearest, known)
    case .emptyList(let key): "\(key)：列表为空"
    case .notOf(let owner, let what, let value, let known, let nearest):
      "\(owner) 没有\(what.chinese)“\(value)”；" + Self.proposal(nearest, known)
    case .noLevels(let key): "\(key) 没有阈值；请为 notice、warning 或 alarm 填写数值"
    case .finalOnly(let key, let measure): "\(key)：“\(measure)”只能设为 final（期满判定），因为开课时所有人都尚未到课"
    case .levelOrder(let key, let level, let before, let direction):
      "\(key)：方向为 \(direction.rawValue) 时，\(level.rawValue)（\(level.chinese)）须"
        + "\(direction == .below ? "小于" : "大于") \(before.rawValue)（\(before.chinese)）"
    }
  }

  private static func proposal(_ nearest: String?, _ known: [String]) -> String {
    nearest.map { "是否应为“\($0)”？" } ?? "可用：\(known.joined(separator: " "))"
  }
}

extension StandardsProblem.Expectation {
  fileprivate var chinese: String {
    switch self {
    case .number: "数值，如 0.85 或 85%"
    case .wholeNumber: "整数，如 20"
    case .boolean: " true 或 false"
    case .text: "文本"
    case .texts: "文本列表"
    case .duration: "时长，如 30m、48h 或 7d"
    }
  }
}

extension StandardsProblem.Part {
  fileprivate var chinese: String {
    switch self {
    case .measure, .sampleMeasure: "指标"
    case .scope: "范围"
    case .grain: "统计周期"
    }
  }
}
