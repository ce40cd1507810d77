import Testing

@testable import Operations

@Suite struct DissectionTests {
  @Test func whatCanBeDecodedIsShownUpToTheFault() {
    // [h'', {}, h'8201', h'']: a payload that says two and holds one.
    let message: [UInt8] = [0x84, 0x40, 0xa0, 0x42, 0x82, 0x01, 0x40]
    let shown = Dissection.of(message, isJSON: false)
    #expect(shown.values.map(\.path) == ["protected", "payload[0]"])
    #expect(shown.brokeAt == .init(text: "the message ends too early", offset: 6))
  }

  @Test func everyPrefixAndEveryByteIsSurvived() {
    let message: [UInt8] = [0x84, 0x40, 0xa0, 0x46, 0x83, 0x01, 0x61, 0x61, 0x20, 0xf5, 0x40]
    for length in 0...message.count { _ = Dissection.of(Array(message[..<length]), isJSON: false) }
    for index in message.indices {
      for byte in UInt8.min...UInt8.max {
        var other = message
        other[index] = byte
        _ = Dissection.of(other, isJSON: false)
        _ = Dissection.of(other, isJSON: true)
      }
    }
  }

  @Test func jsonIsShownByItsPaths() {
    let shown = Dissection.of(Array(#"{"v":1,"readings":[{"kind":"checkin"}]}"#.utf8), isJSON: true)
    #expect(shown.values == [
      .init(path: "payload.readings[0].kind", text: "\"checkin\""), .init(path: "payload.v", text: "1"),
    ])
    #expect(Dissection.of(Array("{".utf8), isJSON: true).brokeAt != nil)
  }
}
