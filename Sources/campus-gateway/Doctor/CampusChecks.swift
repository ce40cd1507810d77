import Campus
import Diagnosis
import Foundation

/// The campus directory and the standards: what `check` finds, and standards that can never raise a warning here.
enum CampusChecks {
  /// Faults shown; `check` shows all.
  private static let shown = 3

  static func findings(_ configuration: Configuration, now: Int64) -> [Finding] {
    let (campus, faults) = Campus.load(directory: configuration.campus.directory)
    var findings: [Finding] = []
    if let campus {
      findings.append(
        .ok(
          "campus.directory",
          Wording(
            "\(campus.devices.count) devices, \(campus.people.count) people, \(campus.sessions.count) meetings",
            "设备 \(campus.devices.count)，人员 \(campus.people.count)，课次 \(campus.sessions.count)")))
      if !campus.sessions.isEmpty, campus.sessions.allSatisfy({ $0.end < now }) {
        findings.append(
          .note(
            "campus.timetable", Wording("every meeting of the timetable is over", "课表中的课次均已结束"),
            why: Wording("check-ins belong to no meeting: attendance is not counted", "签到不对应任何课次，无法统计到课率"),
            mend: Wording("put the present term into sessions.csv", "更新 sessions.csv 为本学期课表")))
      }
      if let finding = placesWithoutDevice(campus) { findings.append(finding) }
    } else {
      let first = faults.prefix(shown)
      findings.append(
        .fault(
          "campus.directory",
          Wording(
            "\(faults.count) faults: \(first.map(\.description).joined(separator: "; "))",
            "共 \(faults.count) 处错误：\(first.map { "\($0.file):\($0.line)：\($0.messageZh)" }.joined(separator: "；"))"),
          why: Wording("the gateway does not start with them; a running one keeps the old campus", "有错时网关无法启动；运行中的网关沿用旧数据"),
          mend: Wording("campus-gateway check names them all", "campus-gateway check 会列出全部错误")))
    }
    return findings + standards(configuration, campus)
  }

  private static func placesWithoutDevice(_ campus: Campus) -> Finding? {
    let heard = Set(campus.devices.map(\.placeID))
    let deaf = Set(campus.sessions.map(\.placeID)).subtracting(heard).sorted()
    guard !deaf.isEmpty else { return nil }
    let named = deaf.prefix(shown).joined(separator: ", ") + (deaf.count > shown ? ", …" : "")
    return .note(
      "campus.places",
      Wording("\(deaf.count) places have meetings and no device: \(named)", "\(deaf.count) 处场所有课次而没有设备：\(named)"),
      why: Wording(
        "nobody can check in there: everybody counts as absent, in the sums of course, teacher and unit too; the meeting itself raises no warning, its sums may",
        "无人能在此签到：全员计为缺勤，并计入课程、教师与单位的汇总；课次本身不产生预警，汇总则可能产生"),
      mend: Wording(
        "list the device of each in devices.csv, or leave these meetings out of sessions.csv",
        "在 devices.csv 中登记其设备，或从 sessions.csv 中去掉这些课次"))
  }

  private static func standards(_ configuration: Configuration, _ campus: Campus?) -> [Finding] {
    guard configuration.diagnosis.embedded else { return [] }
    if configuration.hasNoStandards {
      return [
        .note(
          "standards.file", Wording("there is no \(configuration.diagnosis.standards)", "没有 \(configuration.diagnosis.standards)"),
          why: Wording("no warning is ever raised", "不会产生任何预警"),
          mend: Wording("begin with the shipped config/standards.yaml", "可从自带的 config/standards.yaml 开始"))
      ]
    }
    let (standards, faults) = Standards.load(path: configuration.diagnosis.standards)
    guard let standards else {
      let first = faults.prefix(shown)
      return [
        .fault(
          "standards.file",
          Wording(
            "\(faults.count) faults: \(first.map(\.description).joined(separator: "; "))",
            "共 \(faults.count) 处错误：\(first.map(\.messageZh).joined(separator: "；"))"),
          why: Wording("the gateway does not start with them", "有错时网关无法启动"),
          mend: Wording("campus-gateway check names them all", "campus-gateway check 会列出全部错误"))
      ]
    }
    guard let campus else { return [] }
    let findings = StandardChecks(campus).findings(standards)
    if !findings.isEmpty { return findings }
    return [
      .ok(
        "standards.file",
        Wording("each of the \(standards.all.count) standards can raise a warning here", "\(standards.all.count) 项标准在本校均可产生预警"))
    ]
  }
}
