/// A string where it stands in a line of JSON, without its quotes. Valid as long as the line is.
struct JSONSlice {
  let bytes: UnsafeRawBufferPointer
  let hasEscapes: Bool

  func equals(_ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count where bytes[index] != text.utf8Start[index] { return false }
    return true
  }

  /// The text, escapes resolved.
  var string: String {
    guard hasEscapes else { return String(decoding: bytes, as: UTF8.self) }
    return String(decoding: resolved, as: UTF8.self)
  }

  /// FNV-1a over the text, escapes resolved.
  var digest: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    if hasEscapes {
      for byte in resolved { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    } else {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    return hash
  }

  private var resolved: [UInt8] {
    var units: [UInt16] = []
    var result: [UInt8] = []
    var index = 0
    func flush() {
      guard !units.isEmpty else { return }
      result += Array(String(decoding: units, as: UTF16.self).utf8)
      units.removeAll()
    }
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
        flush()
        result.append(bytes[index])
        index += 1
        continue
      }
      let letter = bytes[index + 1]
      index += 2
      if letter == UInt8(ascii: "u"), index + 4 <= bytes.count {
        let digits = String(decoding: bytes[index..<(index + 4)], as: UTF8.self)
        units.append(UInt16(digits, radix: 16) ?? 0xFFFD)
        index += 4
        continue
      }
      flush()
      switch letter {
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      default: result.append(letter)
      }
    }
    flush()
    return result
  }
}
