/// `doctor --json`.
struct DoctorReport: Decodable {
  struct Finding: Decodable {
    var check, level, what: String
    var why, mend: String?
    var isBad: Bool { level == "trap" || level == "fault" }
  }

  var good: Bool
  var guarantee, guaranteeZh: String
  var findings: [Finding]

  func about(_ check: String) -> [Finding] { findings.filter { $0.check == check } }
  var bad: [Finding] { findings.filter(\.isBad) }
}
