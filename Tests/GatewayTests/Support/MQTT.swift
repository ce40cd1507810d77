/// MQTT 5.0, section 2.1: packets and their parts.
enum MQTT {
  static func big(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }
  static func string(_ text: String) -> [UInt8] { big(UInt16(text.utf8.count)) + text.utf8 }

  static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
    var head = [first]
    var rest = body.count
    repeat {
      head.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return head + body
  }

  /// The first byte and the body of the packet at `start`; nil: it is not whole yet.
  static func split(_ bytes: [UInt8], from start: Int) -> (first: UInt8, body: Range<Int>)? {
    var length = 0
    var at = start + 1
    var shift = 0
    repeat {
      guard at < bytes.count, shift < 28 else { return nil }
      length |= Int(bytes[at] & 0x7f) << shift
      shift += 7
      at += 1
    } while bytes[at - 1] & 0x80 != 0
    return at + length <= bytes.count ? (bytes[start], at..<(at + length)) : nil
  }
}
