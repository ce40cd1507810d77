/// Reads the CBOR that the C library has just written; `nil` where it is something else.
///
/// Only for bytes of our own making: no limits on nesting, no check of what is skipped.
struct CBORCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  /// Where the next item begins.
  var offset: Int { position }

  /// The next item's major type, without passing it.
  var major: UInt8? { position < bytes.count ? bytes[position] >> 5 : nil }

  private mutating func head(_ major: UInt8) -> UInt64? {
    guard position < bytes.count, bytes[position] >> 5 == major else { return nil }
    let low = bytes[position] & 31
    position += 1
    guard low >= 24 else { return UInt64(low) }
    guard low < 28, position + (1 << (low - 24)) <= bytes.count else { return nil }
    var value: UInt64 = 0
    for _ in 0..<(1 << (low - 24)) {
      value = value << 8 | UInt64(bytes[position])
      position += 1
    }
    return value
  }

  mutating func array() -> Int? { head(4).map(Int.init) }
  mutating func map() -> Int? { head(5).map(Int.init) }
  mutating func unsigned() -> UInt64? { head(0) }

  mutating func integer() -> Int64? {
    if major == 1 { return head(1).map { -1 - Int64($0) } }
    return head(0).map { Int64($0) }
  }

  mutating func boolean() -> Bool? {
    guard position < bytes.count, bytes[position] == 0xF4 || bytes[position] == 0xF5 else {
      return nil
    }
    position += 1
    return bytes[position - 1] == 0xF5
  }

  /// A byte string (major 2) or a text string (3).
  mutating func string(_ major: UInt8) -> UnsafeBufferPointer<UInt8>? {
    guard let count = head(major).map(Int.init), count <= bytes.count - position else { return nil }
    position += count
    return UnsafeBufferPointer(rebasing: bytes[(position - count)..<position])
  }

  /// The payload of a COSE_Mac0, which must come next.
  mutating func payload() -> UnsafeBufferPointer<UInt8>? {
    if major == 6, head(6) == nil { return nil }
    guard array() == 4, string(2) != nil, let pairs = map() else { return nil }
    for _ in 0..<pairs {
      guard integer() != nil, string(2) != nil else { return nil }
    }
    return string(2)
  }
}
