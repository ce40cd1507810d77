import Glibc

/// What may be shown on a terminal only: colour, and text that is written over.
enum Terminal {
  static let isOutput = isatty(1) == 1
  static let isError = isatty(2) == 1

  /// Colour on standard output: on a terminal, and not where NO_COLOR asks for none (no-color.org).
  private static let isColoured: Bool = {
    let refusal = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let kind = getenv("TERM").map { String(cString: $0) } ?? ""
    return isOutput && !refusal && kind != "dumb"
  }()

  private static func styled(_ text: String, _ code: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  static func bold(_ text: String) -> String { styled(text, "1") }
  static func red(_ text: String) -> String { styled(text, "31") }
  static func green(_ text: String) -> String { styled(text, "32") }
  static func yellow(_ text: String) -> String { styled(text, "33") }

  static func colour(_ text: String, of level: Finding.Level) -> String {
    switch level {
    case .ok: green(text)
    case .note: bold(text)
    case .trap: yellow(text)
    case .fault: red(text)
    }
  }

  /// Columns a text takes: those of Chinese and Japanese scripts take two each.
  static func width(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + (isWide($1.value) ? 2 : 1) }
  }

  private static func isWide(_ scalar: UInt32) -> Bool {
    (0x1100...0x115F).contains(scalar) || (0x2E80...0xA4CF).contains(scalar) || (0xAC00...0xD7A3).contains(scalar)
      || (0xF900...0xFAFF).contains(scalar) || (0xFE30...0xFE6F).contains(scalar) || (0xFF00...0xFF60).contains(scalar)
      || (0xFFE0...0xFFE6).contains(scalar)
  }

  /// The text with blanks to `columns`.
  static func padded(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - width(text)))
  }

  /// The text cut to `columns`.
  static func cut(_ text: String, _ columns: Int) -> String {
    var left = columns
    var cut = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      left -= isWide(scalar.value) ? 2 : 1
      if left < 0 { break }
      cut.append(scalar)
    }
    return String(cut)
  }
}
