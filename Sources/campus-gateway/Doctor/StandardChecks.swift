import Campus
import Diagnosis

/// Standards that can never raise a warning on this campus, or always do: the file is right, and still says nothing.
struct StandardChecks {
  private let campus: Campus
  private let reach: StandardReach

  init(_ campus: Campus) {
    self.campus = campus
    reach = StandardReach(campus)
  }

  func findings(_ standards: Standards) -> [Finding] {
    standards.all.flatMap { findings(of: $0) } + unitFindings(standards)
  }

  private func findings(of standard: Standard) -> [Finding] {
    let subjects = reach.subjects(standard.aggregate, standard.scope)
    if let finding = subjectFinding(standard, subjects) { return [finding] }
    return [sampleFinding(standard)].compactMap { $0 } + thresholdFindings(standard)
  }

  private func subjectFinding(_ standard: Standard, _ subjects: Set<String>) -> Finding? {
    let kind = "\(standard.aggregate.rawValue)/\(standard.scope)"
    if subjects.isEmpty {
      return .note(
        "standards.subject",
        Wording(
          "\(standard.id) never raises a warning: this campus has nothing for \(kind)",
          "\(standard.id) 永远不会产生预警：本校没有 \(kind) 的数据来源"),
        mend: Wording(
          "add it to the campus directory, or remove the standard", "在校园目录中补充，或删除该标准"))
    }
    guard !subjects.contains(where: { standard.watches($0) }) else { return nil }
    return .note(
      "standards.ids",
      Wording(
        "\(standard.id) never raises a warning: no \(kind) here matches \(standard.ids.joined(separator: ", "))",
        "\(standard.id) 永远不会产生预警：没有 \(kind) 匹配 \(standard.ids.joined(separator: "、"))"),
      why: Wording("ids here are such as \(subjects.min() ?? "")", "本校的编号如 \(subjects.min() ?? "")"),
      mend: Wording("adapt its ids", "修改其 ids"))
  }

  private func sampleFinding(_ standard: Standard) -> Finding? {
    guard standard.aggregate == .attendance, standard.sampleMeasure == "expected",
      let most = reach.mostExpected(standard.scope, standard.grain), Double(most) < standard.minimumSample
    else { return nil }
    let least = NumberText.short(standard.minimumSample)
    return .note(
      "standards.sample",
      Wording(
        "\(standard.id) never raises a warning: it wants \(least) expected, and no \(standard.scope) here has more than \(most)",
        "\(standard.id) 永远不会产生预警：要求样本 \(least)，而本校最多为 \(most)"),
      mend: Wording("lower minimum_sample", "减小 minimum_sample"))
  }

  // MARK: Thresholds

  private func thresholdFindings(_ standard: Standard) -> [Finding] {
    guard let range = self.range(of: standard) else { return [] }
    return Level.allCases.compactMap { level in
      guard let threshold = standard.levels[level] else { return nil }
      let text = "\(level.rawValue) \(NumberText.short(threshold))"
      let limits = "\(NumberText.short(range.lowerBound)) … \(NumberText.short(range.upperBound))"
      let isBelow = standard.direction == .below
      let never = isBelow ? threshold <= range.lowerBound : threshold > range.upperBound
      let always = isBelow ? threshold > range.upperBound : threshold <= range.lowerBound
      guard never || always else { return nil }
      return .trap(
        "standards.threshold",
        Wording(
          "\(standard.id): \(text) is \(never ? "never" : "always") reached, \(standard.measure) lies in \(limits)",
          "\(standard.id)：\(text) \(never ? "永远不会达到" : "总是达到")，\(standard.measure) 的范围为 \(limits)"),
        why: never
          ? Wording("the level is never raised", "该等级的预警不会产生")
          : Wording("every window raises it, and nobody looks any more", "每个周期都会预警，最终无人理会"),
        mend: Wording("a share is written 85% or 0.85", "比例应写作 85% 或 0.85"))
    }
  }

  /// What values a measure can have here.
  private func range(of standard: Standard) -> ClosedRange<Double>? {
    let share: ClosedRange<Double> = 0...1
    let count: ClosedRange<Double> = 0...Double.greatestFiniteMagnitude
    switch standard.measure {
    case "rate", "low_share", "lower_bound", "pass_rate": return share
    case "mean":
      let scores = campus.surveys.filter { ($0.placeKind == .room) == (standard.aggregate == .assessment) }.map(\.scores)
      guard let least = scores.map(\.lowerBound).min(), let most = scores.map(\.upperBound).max() else { return nil }
      return Double(least)...Double(most)
    case Aggregate.silence: return 0.0...Double(max(1, campus.devices.count))
    case "expected", "present", "late", "absent":
      guard let most = reach.mostExpected(standard.scope, standard.grain) else { return count }
      return 0.0...Double(most)
    default: return count
    }
  }

  // MARK: Responsible units

  private func unitFindings(_ standards: Standards) -> [Finding] {
    // Without a list of units there is nothing to compare with.
    guard !campus.units.isEmpty else { return [] }
    let known = Set(campus.units.map(\.id)).union(campus.units.map(\.name))
    let named = standards.all.flatMap { [$0.responsibleUnit] + $0.escalateTo }
    let missing = Set(named).subtracting(known).sorted()
    guard !missing.isEmpty else { return [] }
    return [
      .note(
        "standards.unit",
        Wording(
          "units that answer for standards are not in units.csv: \(missing.joined(separator: ", "))",
          "标准的责任部门不在 units.csv 中：\(missing.joined(separator: "、"))"),
        why: Wording("a misspelt unit is told of nothing", "名称写错的部门收不到任何预警"),
        mend: Wording("offices outside the campus directory are fine; check the spelling", "校园目录之外的部门无妨，请核对名称"))
    ]
  }
}
