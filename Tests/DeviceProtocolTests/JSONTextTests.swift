import DeviceProtocol
import Testing

@Suite struct JSONTextTests {
  private func written(_ write: (inout ContiguousArray<UInt8>) -> Void) -> String {
    var bytes: ContiguousArray<UInt8> = []
    write(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func whatNeedsAnEscapeHasOneAndNothingElse() {
    #expect(JSONText.quoted("") == "\"\"")
    #expect(JSONText.quoted("a room, /, 明德楼 and é") == "\"a room, /, 明德楼 and é\"")
    #expect(JSONText.quoted("\"\\\n\u{0}\u{1f}\u{7f}") == "\"\\\"\\\\\\u000a\\u0000\\u001f\u{7f}\"")
  }

  @Test(arguments: [0, 7, -1, 10, 1_795_421_066_002, Int64.max, Int64.min])
  func numbersAreWrittenInFull(number: Int64) {
    #expect(written { JSONText.append(number, to: &$0) } == "\(number)")
  }

  @Test func bytesAreHexadecimalDigits() {
    #expect(written { JSONText.appendHex([0, 0x0f, 0xa9, 0xff], to: &$0) } == "\"000fa9ff\"")
  }
}
