import Foundation

/// A CSV file as rows of named cells. No checks: the gateway has refused what is not right.
enum PlainCSV {
  static func rows(_ text: String) -> [[String: String]] {
    var lines = records(text).filter { $0 != [""] }
    guard !lines.isEmpty else { return [] }
    let names = lines.removeFirst()
    return lines.map { cells in
      var row: [String: String] = [:]
      for (name, cell) in zip(names, cells) { row[name] = cell }
      return row
    }
  }

  /// Character by character, as RFC 4180 describes it.
  static func records(_ text: String) -> [[String]] {
    var records: [[String]] = []
    var record: [String] = []
    var cell = ""
    var isQuoted = false
    var isAfterQuote = false
    // A byte order mark is no text. CR LF is one Character, so scalars.
    let scalars = Array(text.unicodeScalars.drop { $0 == "\u{FEFF}" })
    for (index, scalar) in scalars.enumerated() {
      if isQuoted {
        if scalar != "\"" {
          cell.unicodeScalars.append(scalar)
        } else if isAfterQuote {
          isAfterQuote = false
        } else if index + 1 < scalars.count, scalars[index + 1] == "\"" {
          cell.append("\"")
          isAfterQuote = true
        } else {
          isQuoted = false
        }
        continue
      }
      switch scalar {
      case "\"": isQuoted = true
      case ",":
        record.append(cell)
        cell = ""
      case "\n", "\r":
        if scalar == "\n", index > 0, scalars[index - 1] == "\r" { continue }
        records.append(record + [cell])
        record = []
        cell = ""
      default: cell.unicodeScalars.append(scalar)
      }
    }
    if !cell.isEmpty || !record.isEmpty { records.append(record + [cell]) }
    return records
  }
}
