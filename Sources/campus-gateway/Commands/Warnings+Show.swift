import Diagnosis
import Foundation

extension Warnings {
  /// Prints a warning with its steps.
  static func show(_ id: Int64, _ common: CommonOptions, _ configuration: Configuration) throws {
    let core = try DiagnosisCore.openReadOnly(configuration.diagnosisStore)
    let warning: Warning
    do throws(DiagnosisError) {
      warning = try core.warning(id)
    } catch {
      guard case .noSuchWarning = error else { throw error }
      throw Refusal.notGood(error.text)
    }
    if common.json { return try Console.printJSON(warning) }
    let time = LocalTime(zone: configuration.siteTimeZone)
    for (label, text) in lines(of: warning, time) {
      Console.print(label.padding(toLength: Console.isChinese ? 6 : 12, withPad: " ", startingAt: 0) + text)
    }
    for step in warning.steps { Console.print("  " + line(of: step, time)) }
  }

  private static func lines(of warning: Warning, _ time: LocalTime) -> [(String, String)] {
    let zh = Console.isChinese
    let sign = warning.direction == .below ? "<" : "≥"
    var lines = [
      (zh ? "编号" : "id", "\(warning.id)"),
      (zh ? "等级" : "level", zh ? warning.urgency.chinese : warning.urgency.rawValue),
      (zh ? "状态" : "state", zh ? warning.state.chinese : warning.state.rawValue),
      (zh ? "标准" : "standard", "\(warning.standard): \(zh ? warning.name : warning.nameEn)"),
      (zh ? "层面" : "layer", zh ? warning.layer.chinese : warning.layer.rawValue),
      (zh ? "对象" : "subject", "\(warning.scope)/\(warning.subject)"),
      (zh ? "责任" : "unit", warning.unit),
      (zh ? "时段" : "window", "\(warning.grain) \(time.text(warning.window.start)) – \(time.text(warning.window.end))"),
      (
        zh ? "数值" : "value",
        "\(warning.measure) \(NumberText.short(warning.value)) \(sign) \(NumberText.short(warning.threshold))"
          + (warning.sample.map { zh ? "，样本 \(NumberText.short($0))" : ", of \(NumberText.short($0))" } ?? "")
      ),
      (zh ? "产生" : "raised", "\(time.text(warning.raisedAt)) ← \(warning.cause)"),
    ]
    if let due = warning.dueAt, warning.state.isOpen { lines.append((zh ? "期限" : "due", time.text(due))) }
    if let closed = warning.closedAt { lines.append((zh ? "关闭" : "closed", time.text(closed))) }
    return lines
  }

  private static func line(of step: Warning.Step, _ time: LocalTime) -> String {
    var text = "\(time.text(step.at))  \(Console.isChinese ? step.kind.chinese : step.kind.rawValue)"
    text += "  \(step.by)"
    if let value = step.value { text += "  \(NumberText.short(value))" }
    if let window = step.window {
      text += "  [\(time.text(window.start)), \(time.text(window.end)))"
    }
    if let note = step.note { text += "  \(note)" }
    return text
  }
}
