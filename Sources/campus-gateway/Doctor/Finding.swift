/// A sentence for the reader, in both languages.
struct Wording: Sendable, Equatable {
  var en: String
  var zh: String

  init(_ en: String, _ zh: String) {
    self.en = en
    self.zh = zh
  }

  /// In the reader's language.
  var text: String { Console.isChinese ? zh : en }
}

/// One thing the doctor has looked at.
struct Finding: Sendable, Equatable {
  enum Level: String, Sendable, Encodable, CaseIterable {
    case ok, note
    /// Works today, and loses or shows data on the day something else goes wrong.
    case trap
    case fault
  }

  /// What was looked at, such as `broker.queue`; the part before the dot is the group.
  var check: String
  var level: Level
  var what: Wording
  /// Why it matters, and how to mend it; nil where all is well.
  var why: Wording?
  var mend: Wording?

  var isBad: Bool { level == .trap || level == .fault }

  static func ok(_ check: String, _ what: Wording) -> Finding { Finding(check: check, level: .ok, what: what) }

  static func note(_ check: String, _ what: Wording, why: Wording? = nil, mend: Wording? = nil) -> Finding {
    Finding(check: check, level: .note, what: what, why: why, mend: mend)
  }

  static func trap(_ check: String, _ what: Wording, why: Wording, mend: Wording) -> Finding {
    Finding(check: check, level: .trap, what: what, why: why, mend: mend)
  }

  static func fault(_ check: String, _ what: Wording, why: Wording, mend: Wording) -> Finding {
    Finding(check: check, level: .fault, what: what, why: why, mend: mend)
  }
}

extension Finding.Level {
  var chinese: String {
    switch self {
    case .ok: "正常"
    case .note: "提示"
    case .trap: "隐患"
    case .fault: "故障"
    }
  }
}

extension Finding: Encodable {
  private enum Key: String, CodingKey { case check, level, what, what_zh, why, why_zh, mend, mend_zh }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(check, forKey: .check)
    try values.encode(level, forKey: .level)
    try values.encode(what.en, forKey: .what)
    try values.encode(what.zh, forKey: .what_zh)
    try values.encodeIfPresent(why?.en, forKey: .why)
    try values.encodeIfPresent(why?.zh, forKey: .why_zh)
    try values.encodeIfPresent(mend?.en, forKey: .mend)
    try values.encodeIfPresent(mend?.zh, forKey: .mend_zh)
  }
}
