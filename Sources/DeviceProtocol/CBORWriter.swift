/// Writes definite-length CBOR in shortest form (RFC 8949, section 4.2.1).
public enum CBORWriter {
  public static func head(_ major: UInt8, _ value: UInt64, to bytes: inout [UInt8]) {
    let head = CBORHead(major, value)
    withUnsafeBytes(of: head.bytes) { bytes.append(contentsOf: $0.prefix(head.count)) }
  }
}

/// An initial byte with its argument: at most nine bytes, in place.
public struct CBORHead {
  public var bytes: (UInt64, UInt64) = (0, 0)
  public var count: Int

  @inlinable
  public init(_ major: UInt8, _ value: UInt64) {
    let type = UInt64(major) << 5
    switch value {
    case 0..<24:
      bytes.0 = type | value
      count = 1
    case 24..<256:
      bytes.0 = type | 24 | value << 8
      count = 2
    case 256..<65536:
      bytes.0 = type | 25 | UInt64(UInt16(value).byteSwapped) << 8
      count = 3
    case 65536..<(1 << 32):
      bytes.0 = type | 26 | UInt64(UInt32(value).byteSwapped) << 8
      count = 5
    default:
      let swapped = value.byteSwapped
      bytes.0 = type | 27 | swapped << 8
      bytes.1 = swapped >> 56
      count = 9
    }
  }
}
