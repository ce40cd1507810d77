/// Reads one line of JSON in place: values are taken in the order they come, nothing is built that is not asked for.
///
/// For lines that this project's own programs wrote; `nil` or false where a line is not JSON.
struct JSONScanner {
  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  enum Value {
    case string(JSONSlice)
    case integer(Int64)
    case boolean(Bool)
    case null
  }

  private mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D else { return byte }
      position += 1
    }
    return nil
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard peek() == UInt8(ascii: byte) else { return false }
    position += 1
    return true
  }

  /// Reads an object; `member` must read or skip each member's value, and says whether it could.
  mutating func object(_ member: (JSONSlice, inout JSONScanner) -> Bool) -> Bool {
    guard take("{") else { return false }
    if take("}") { return true }
    repeat {
      guard let key = string(), take(":"), member(key, &self) else { return false }
    } while take(",")
    return take("}")
  }

  mutating func array(_ element: (inout JSONScanner) -> Bool) -> Bool {
    guard take("[") else { return false }
    if take("]") { return true }
    repeat {
      guard element(&self) else { return false }
    } while take(",")
    return take("]")
  }

  mutating func string() -> JSONSlice? {
    guard take("\"") else { return nil }
    let start = position
    var hasEscapes = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return JSONSlice(
          bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<(position - 1)]),
          hasEscapes: hasEscapes)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        position += 1
      }
      position += 1
    }
    return nil
  }

  mutating func integer() -> Int64? {
    guard let first = peek() else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    if isNegative { position += 1 }
    var value: Int64 = 0
    var digits = 0
    while position < bytes.count, bytes[position] &- 0x30 < 10 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      value = product &+ Int64(bytes[position] &- 0x30)
      position += 1
      digits += 1
    }
    guard digits > 0 else { return nil }
    return isNegative ? -value : value
  }

  /// A string, an integer, `true`, `false` or `null`.
  mutating func value() -> Value? {
    switch peek() {
    case UInt8(ascii: "\"")?: return string().map { .string($0) }
    case UInt8(ascii: "t")?: return word("true") ? .boolean(true) : nil
    case UInt8(ascii: "f")?: return word("false") ? .boolean(false) : nil
    case UInt8(ascii: "n")?: return word("null") ? .null : nil
    default: return integer().map { .integer($0) }
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard position + count <= bytes.count else { return false }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
    position += count
    return true
  }

  /// Passes any value.
  mutating func skip() -> Bool {
    switch peek() {
    case UInt8(ascii: "{")?: return object { _, scanner in scanner.skip() }
    case UInt8(ascii: "[")?: return array { scanner in scanner.skip() }
    case nil: return false
    default:
      guard value() != nil else { return false }
      // Fractions and exponents: nothing here reads them.
      while position < bytes.count, Self.isNumberTail(bytes[position]) { position += 1 }
      return true
    }
  }

  private static func isNumberTail(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
      || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte &- 0x30 < 10
  }
}
