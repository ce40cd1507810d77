import DeviceProtocol
import Testing

@Suite struct CryptographyTests {
  private func mac(_ key: [UInt8], _ message: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    message.withUnsafeBytes { HMACKey(key).authenticate($0, &digest) }
    return digest.hex
  }

  /// RFC 4231, section 4; the cases with keys of a block at most.
  @Test func hmacIsThatOfRFC4231() {
    #expect(
      mac([UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      mac(Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      mac([UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50))
        == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
    #expect(
      mac(Array(1...25), [UInt8](repeating: 0xcd, count: 50))
        == "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")
    #expect(
      mac([UInt8](repeating: 0x0c, count: 20), Array("Test With Truncation".utf8)).hasPrefix(
        "a3b6167473100ee06e0c796c2955552b"))
  }

  @Test func digestsAreSHA256() {
    let abc = Array("abc".utf8)
    let whole = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(abc.withUnsafeBytes { Digest.full($0) }.hex == whole)
    #expect(
      [UInt8]("a".utf8).withUnsafeBytes { a in [UInt8]("bc".utf8).withUnsafeBytes { Digest.full(a, $0) } }.hex == whole)
    // The first 47 bits, so that the store keeps it in six bytes.
    #expect(abc.withUnsafeBytes { Digest.of($0) } == 0xba78_16bf_8f01_cfea >> 17)
    #expect([UInt8]().withUnsafeBytes { Digest.of($0) } == 0xe3b0_c442_98fc_1c14 >> 17)
  }

  /// RFC 9052, section 6.3, by hand: `["MAC0", h'a10105', topic, payload]` under HMAC-SHA256.
  @Test func aTagCoversTheWholeMACStructure() {
    var random = SeededGenerator()
    for count in [0, 1, 23, 24, 255, 256, 5000] {
      let key = random.bytes(32)
      let topic = Array("campus/v1/main/term-0001/up".utf8)
      let payload = random.bytes(count)
      var structure: [UInt8] = hex("84644d4143304 3a10105 58 1b") + topic
      CBORWriter.head(2, UInt64(count), to: &structure)
      structure += payload
      let message = COSEMac0.message(payload, MACKey(key, topic: topic))
      #expect(message.suffix(32).hex == mac(key, structure))
      #expect(verified(message, MACKey(key, topic: topic)) == payload)
      #expect(verified(message, MACKey(key, topic: Array("campus/v1/main/term-0002/up".utf8))) == nil)
      #expect(verified(message, MACKey(random.bytes(32), topic: topic)) == nil)
    }
  }

  @Test func aSubjectIsTheStartOfItsCardsMAC() {
    let key = [UInt8](repeating: 7, count: 32)
    #expect(subject(hex("04a1b2c3")).bytes.hex == String(mac(key, hex("04a1b2c3")).prefix(32)))
  }

  @Test func theKeyIdentifierIsReadWhereverItStands() {
    let key = MACKey([UInt8](repeating: 1, count: 32), topic: Array("t".utf8))
    func kid(_ unprotected: String) -> String? {
      var message = COSEMac0.message([1, 2, 3], key)
      message.replaceSubrange(5...5, with: hex(unprotected))
      return message.withUnsafeBytes { COSEMac0($0)?.kid.hex }
    }
    #expect(kid("a0") == "")
    #expect(kid("a104426b31") == "6b31")
    #expect(kid("a2182a01044131") == "31")
    #expect(kid("a204413118208102") == "31")
    #expect(kid("a1040a") == nil)
    #expect(kid("a204413104 4131") == nil)
    #expect(kid("80") == nil)
    #expect(kid("bf04 4131 ff") == nil)
  }
}
