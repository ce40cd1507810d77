/// Writing JSON text (RFC 8259, section 7). Concrete types only: a generic function called from another module runs
/// unspecialised, which costs more a byte than everything else about it.
public enum JSONText {
  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  /// Appends valid UTF-8 as a JSON string.
  public static func appendQuoted(_ text: UnsafeRawBufferPointer, to bytes: inout ContiguousArray<UInt8>) {
    bytes.append(quote)
    if text.contains(where: needsEscape) {
      appendEscaped(text, to: &bytes)
    } else {
      bytes.append(contentsOf: text)
    }
    bytes.append(quote)
  }

  public static func appendQuoted(_ text: String, to bytes: inout ContiguousArray<UInt8>) {
    // Swift's own strings are not copied for it.
    var text = text
    text.withUTF8 { appendQuoted(UnsafeRawBufferPointer($0), to: &bytes) }
  }

  public static func quoted(_ text: String) -> String {
    var bytes: ContiguousArray<UInt8> = []
    appendQuoted(text, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func needsEscape(_ byte: UInt8) -> Bool { byte < 0x20 || byte == quote || byte == backslash }

  private static func appendEscaped(_ text: UnsafeRawBufferPointer, to bytes: inout ContiguousArray<UInt8>) {
    for byte in text {
      if byte < 0x20 {
        append("\\u00", to: &bytes)
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 15))
      } else {
        if byte == quote || byte == backslash { bytes.append(backslash) }
        bytes.append(byte)
      }
    }
  }

  /// Appends bytes as a JSON string of hexadecimal digits.
  public static func appendHex(_ value: [UInt8], to bytes: inout ContiguousArray<UInt8>) {
    bytes.append(quote)
    for byte in value {
      bytes.append(digit(byte >> 4))
      bytes.append(digit(byte & 15))
    }
    bytes.append(quote)
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }

  /// Appends what is JSON already.
  public static func append(_ json: StaticString, to bytes: inout ContiguousArray<UInt8>) {
    json.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  public static func append(_ number: Int64, to bytes: inout ContiguousArray<UInt8>) {
    if number < 0 { bytes.append(UInt8(ascii: "-")) }
    var low = bytes.count
    var rest = number.magnitude
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    // The digits came last first.
    var high = bytes.count - 1
    while low < high {
      bytes.swapAt(low, high)
      low += 1
      high -= 1
    }
  }
}
