import DeviceProtocol
import Testing

@Suite struct FrameDecoderTests {
  private let sent = "1b000001a205084208"
  private let checkin = "83011b000001a2050842084401010101"

  /// The head is what a receipt needs, so even a faulty frame gives it where it can be read.
  @Test func theHeadIsReadableWhereverTheFaultLiesBehindIt() {
    for payload in [
      "8607182b02\(sent)0281\(checkin)",  // version 7
      "8301182b02",  // three elements
      "8601182b02\(sent)0981\(checkin)",  // clock 9
      "8601182b02\(sent)028183064100",  // kind 6
      "8601182b02\(sent)0281",  // cut off
    ] {
      let decoded = decodeFrame(hex(payload))
      #expect(decoded.fault != nil)
      #expect(decoded.head.isReadable && decoded.head.epoch == 43 && decoded.head.seq == 2, "\(payload)")
    }
    for payload in ["", "80", "86", "8601", "8601182b", "8601182b00\(sent)0281\(checkin)", "8601182b6161"] {
      #expect(!decodeFrame(hex(payload)).head.isReadable, "\(payload)")
    }
  }

  /// A copy of a faulty frame is a duplicate, not a conflict: it differs in `sent` and `oldest` only.
  @Test(arguments: [
    "8702182b02SENT0281READING82182bOLDEST",  // version 2
    "8701182b02SENT0981READING82182bOLDEST",  // clock 9
    "8701182b02SENT0282READING810682182bOLDEST",  // kind 6
    "8701182b02SENT028183041b000001a205084208a20101010182182bOLDEST",  // a status key twice
    "8701182b02SENT028184051b000001a2050842080162c32882182bOLDEST",  // invalid UTF-8
    "8701182b02SENT0281838181818181818181818181818100010282182bOLDEST",  // too deep
    "8701182b02SENT028082182bOLDEST",  // no readings
    "8701182b02SENT02a082182bOLDEST",  // a map
    "8701182b02SENT0281READING82182bOLDEST00",  // bytes behind it
    "8501182b02SENT02",  // five elements
  ])
  func copiesOfAFaultyFrameHaveTheSameReadings(_ form: String) {
    func readings(_ sent: String, _ oldest: String) -> [UInt8] {
      let payload = hex(
        form.replacing("SENT", with: sent).replacing("OLDEST", with: oldest).replacing("READING", with: checkin))
      let decoded = decodeFrame(payload)
      #expect(decoded.fault != nil && decoded.head.isReadable)
      return Array(payload[decoded.head.readingsStart..<decoded.head.readingsEnd])
    }
    #expect(readings(sent, "01") == readings("1b000001a205084209", "1802"))
  }

  @Test func goodReadingsAreDelimitedExactly() {
    let payload = hex("8701182b02\(sent)0281\(checkin)82182b01")
    let head = decodeFrame(payload).head
    #expect(Array(payload[head.readingsStart..<head.readingsEnd]) == hex("81\(checkin)"))
  }

  @Test func sixtyFourReadingsAreGoodAndOneMoreIsNot() {
    func many(_ count: Int) -> Decoded {
      var payload = hex("8601182b02\(sent)02")
      CBORWriter.head(4, UInt64(count), to: &payload)
      for _ in 0..<count { payload += hex(checkin) }
      return decodeFrame(payload)
    }
    #expect(many(64).fault == nil && many(64).readings.count == 64)
    #expect(many(65).fault == FrameFault(.readingCount))
  }

  @Test func whatIsUnknownIsPassedOverButMustBeWellFormed() {
    func frame(_ more: String, count: String = "88") -> FrameFault? {
      decodeFrame(hex("\(count)01182b02\(sent)0281\(checkin)82182b01\(more)")).fault
    }
    #expect(frame("f97e00") == nil)
    #expect(frame("c11a00000000") == nil)
    #expect(frame("a201020304") == nil)
    #expect(frame("a201020102") == FrameFault(.duplicateKey))
    #expect(frame("62c328") == FrameFault(.invalidText))
    #expect(frame("9fff") == FrameFault(.indefiniteLength))
    #expect(frame("f810") == FrameFault(.malformed))
    #expect(frame("1c") == FrameFault(.malformed))
    #expect(frame("5bffffffffffffffff") == FrameFault(.malformed))
    // The frame's own array is the first of eight containers.
    #expect(frame("81818181818180") == nil)
    #expect(frame("8181818181818180") == FrameFault(.tooDeep))
  }
}
