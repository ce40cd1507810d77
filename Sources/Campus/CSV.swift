/// Comma-separated values as in RFC 4180.
public enum CSV {
  /// One line without its line break: fields that hold a comma, a quote or a line break are quoted.
  public static func line(_ fields: [String]) -> String {
    fields.map(field).joined(separator: ",")
  }

  /// One field, quoted where RFC 4180 section 2.6 asks for it.
  public static func field(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { byte in
      byte == Byte.comma || byte == Byte.quote || byte == Byte.lineFeed
        || byte == Byte.carriageReturn
    }
    guard needsQuotes else { return text }
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { quoted.unicodeScalars.append("\"") }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  enum Byte {
    static let comma = UInt8(ascii: ",")
    static let quote = UInt8(ascii: "\"")
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
  }
}
