/// Takes the bytes of a CSV file, gives its records one after another, refuses what RFC 4180 does not allow.
///
/// After a fault, reading goes on with the physical line after the one where the faulty record began, so that one
/// forgotten quote does not hide the rest of the file. The fields before the fault stay readable. Empty lines are
/// passed over.
struct CSVReader {
  /// Where a field's bytes lie: in the file itself, or in `unescaped` where quotes had to be undoubled.
  private struct Field {
    var start: Int
    var end: Int
    var isUnescaped: Bool
  }

  enum Refusal: Error, Equatable {
    case notUTF8, unterminatedQuote, textAfterQuote, quoteInField
  }

  /// The physical line, counted from 1, on which the last record begins.
  private(set) var line = 0
  /// Fields of the last record.
  var count: Int { fields.count }

  private let bytes: [UInt8]
  private var position: Int
  private var nextLine = 1
  private var fields: [Field] = []
  private var unescaped: [UInt8] = []

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
  }

  /// The text of a field of the last record; empty beyond its last.
  func text(_ index: Int) -> String {
    guard index < fields.count else { return "" }
    let field = fields[index]
    let source = field.isUnescaped ? unescaped : bytes
    return String(decoding: source[field.start..<field.end], as: UTF8.self)
  }

  func isEmpty(_ index: Int) -> Bool {
    index >= fields.count || fields[index].start == fields[index].end
  }

  /// Reads the next record; false at the end of the file.
  mutating func next() throws(Refusal) -> Bool {
    fields.removeAll(keepingCapacity: true)
    unescaped.removeAll(keepingCapacity: true)
    while position < bytes.count, isLineBreak(bytes[position]) { passLineBreak() }
    guard position < bytes.count else { return false }
    line = nextLine
    let start = position
    do throws(Refusal) {
      while try readField() {}
      guard isUTF8(start..<position) else { throw .notUTF8 }
    } catch {
      if error != .notUTF8 { resume(after: start) }
      throw error
    }
    return true
  }

  /// Reads one field and what ends it; true where a comma promises another.
  private mutating func readField() throws(Refusal) -> Bool {
    if position < bytes.count, bytes[position] == CSV.Byte.quote {
      try readQuotedField()
    } else {
      let start = position
      while position < bytes.count {
        let byte = bytes[position]
        if byte == CSV.Byte.comma || isLineBreak(byte) { break }
        if byte == CSV.Byte.quote { throw .quoteInField }
        position += 1
      }
      fields.append(Field(start: start, end: position, isUnescaped: false))
    }
    guard position < bytes.count else { return false }
    if bytes[position] == CSV.Byte.comma {
      position += 1
      return true
    }
    passLineBreak()
    return false
  }

  private mutating func readQuotedField() throws(Refusal) {
    position += 1
    let start = position
    var end = position
    var copied: Int?
    while true {
      guard position < bytes.count else { throw .unterminatedQuote }
      let byte = bytes[position]
      if byte == CSV.Byte.quote {
        end = position
        position += 1
        guard position < bytes.count, bytes[position] == CSV.Byte.quote else { break }
        // The first doubled quote: from here on the field has to be copied.
        if copied == nil {
          copied = unescaped.count
          unescaped += bytes[start..<end]
        }
        unescaped.append(CSV.Byte.quote)
        position += 1
      } else if isLineBreak(byte) {
        let before = position
        passLineBreak()
        if copied != nil { unescaped += bytes[before..<position] }
      } else {
        if copied != nil { unescaped.append(byte) }
        position += 1
      }
    }
    if let copied {
      fields.append(Field(start: copied, end: unescaped.count, isUnescaped: true))
    } else {
      fields.append(Field(start: start, end: end, isUnescaped: false))
    }
    if position < bytes.count, bytes[position] != CSV.Byte.comma, !isLineBreak(bytes[position]) {
      throw .textAfterQuote
    }
  }

  private func isLineBreak(_ byte: UInt8) -> Bool {
    byte == CSV.Byte.lineFeed || byte == CSV.Byte.carriageReturn
  }

  /// CR LF, LF, and the lone CR of old spreadsheets each end one line.
  private mutating func passLineBreak() {
    let byte = bytes[position]
    position += 1
    if byte == CSV.Byte.carriageReturn, position < bytes.count,
      bytes[position] == CSV.Byte.lineFeed
    {
      position += 1
    }
    nextLine += 1
  }

  private mutating func resume(after start: Int) {
    position = start
    nextLine = line
    while position < bytes.count, !isLineBreak(bytes[position]) { position += 1 }
    if position < bytes.count { passLineBreak() }
  }

  private func isUTF8(_ range: Range<Int>) -> Bool {
    let record = bytes[range]
    guard record.contains(where: { $0 >= 0x80 }) else { return true }
    return String(validating: record, as: UTF8.self) != nil
  }
}
