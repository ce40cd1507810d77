import DeviceProtocol
import Testing

/// Short messages take a path of their own: every length around its blocks and its end is checked against
/// what the plain definitions give.
@Suite struct SHA256Tests {
  private func whole(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBytes { Digest.full($0) } }

  /// RFC 2104, by its definition.
  private func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    let pad = key + [UInt8](repeating: 0, count: 64 - key.count)
    return whole(pad.map { $0 ^ 0x5c } + whole(pad.map { $0 ^ 0x36 } + message))
  }

  @Test func digestsOfEveryShortLengthAreRight() {
    var random = SeededGenerator()
    for count in 0...600 {
      let bytes = random.bytes(count)
      let first = whole(bytes).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      #expect(bytes.withUnsafeBytes { Digest.of($0) } == first >> 17, "\(count) bytes")
    }
  }

  @Test func macsOfEveryShortLengthAreRight() {
    var random = SeededGenerator()
    let key = random.bytes(32)
    for count in 0...600 {
      let bytes = random.bytes(count)
      var mac = [UInt8](repeating: 0, count: 32)
      bytes.withUnsafeBytes { HMACKey(key).authenticate($0, &mac) }
      #expect(mac == hmac(key, bytes), "\(count) bytes")
    }
  }

  @Test func tagsOfEveryShortLengthUnderTopicsOfEveryLengthAreRight() {
    var random = SeededGenerator()
    let key = random.bytes(32)
    for count in 0...400 {
      let topic = random.bytes(Int.random(in: 0...146, using: &random))
      let payload = random.bytes(count)
      var structure = hex("84644d41433043a10105")
      CBORWriter.head(2, UInt64(topic.count), to: &structure)
      structure += topic
      CBORWriter.head(2, UInt64(count), to: &structure)
      structure += payload
      var tag = [UInt8](repeating: 0, count: 32)
      payload.withUnsafeBytes { MACKey(key, topic: topic).authenticate($0, &tag) }
      #expect(tag == hmac(key, structure), "topic of \(topic.count) bytes, payload of \(count)")
    }
  }
}
