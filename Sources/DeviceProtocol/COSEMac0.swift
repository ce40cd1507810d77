/// The envelope of a frame or receipt: COSE_Mac0 with HMAC 256/256 (RFC 9052, section 6.2; RFC 9053,
/// algorithm 5). Takes a message, gives where its parts stand, refuses anything else, trailing bytes included.
public struct COSEMac0 {
  public let payload: UnsafeRawBufferPointer
  public let tag: UnsafeRawBufferPointer
  /// A hint which key was used; empty where there is none.
  public let kid: UnsafeRawBufferPointer

  public static let tagBytes = 32

  @inlinable
  public init?(_ message: UnsafeRawBufferPointer) {
    var reader = CBORReader(message)
    do throws(FrameFault) {
      if message.count > 0, message[0] == 0xd1 { reader.position = 1 }  // CBOR tag 17
      guard try reader.count(of: .array) == 4 else { return nil }
      // The protected header is exactly h'a10105'.
      guard message.count >= reader.position + 4, message[reader.position] == 0x43,
        message[reader.position + 1] == 0xa1, message[reader.position + 2] == 0x01,
        message[reader.position + 3] == 0x05
      else { return nil }
      reader.position += 4
      var kid = UnsafeRawBufferPointer(start: nil, count: 0)
      if reader.position < message.count, message[reader.position] == 0xa0 {
        reader.position += 1
      } else {
        kid = try COSEMac0.unprotected(&reader)
      }
      payload = try reader.byteString()
      tag = try reader.byteString()
      guard tag.count == COSEMac0.tagBytes, reader.isAtEnd else { return nil }
      self.kid = kid
    } catch {
      return nil
    }
  }

  /// The unprotected header may hold `{4: kid}`; other parameters are passed over (RFC 9052, section 3).
  @usableFromInline
  static func unprotected(_ reader: inout CBORReader) throws(FrameFault) -> UnsafeRawBufferPointer {
    let start = reader.position
    var whole = reader
    try whole.skip(depth: 1)
    var kid = UnsafeRawBufferPointer(start: nil, count: 0)
    reader.position = start
    for _ in 0..<(try reader.count(of: .map)) {
      if reader.position < reader.bytes.count, reader.bytes[reader.position] == 0x04 {
        reader.position += 1
        kid = try reader.byteString()
      } else {
        try reader.skip(depth: 2)
        try reader.skip(depth: 2)
      }
    }
    return kid
  }
}
