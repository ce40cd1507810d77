import DeviceProtocol
import Testing

@Suite struct JSONFrameDecoderTests {
  private func frame(
    _ readings: String, sent: String = "1795380757000", clock: String = "2", more: String = ""
  ) -> String {
    #"{"v":1,"epoch":7,"seq":42,"sent":\#(sent),"clock":\#(clock),"readings":[\#(readings)]\#(more)}"#
  }

  private let checkin = #"{"kind":"checkin","at":1795380756900,"card":"04a1b2c3d4e5f6","method":"nfc"}"#

  private func fault(_ reading: String) -> FrameFault? { decodeTwin(frame(reading)).fault }

  // MARK: Good

  @Test func theContractsExampleIsRead() {
    let decoded = decodeTwin(frame(checkin, more: #","oldest":[7,40]"#))
    #expect(decoded.fault == nil)
    #expect(decoded.head.isReadable && decoded.head.epoch == 7 && decoded.head.seq == 42)
    #expect(decoded.head.sent == 1_795_380_757_000 && decoded.head.clock == 2)
    #expect(decoded.head.hasOldest && decoded.head.oldestEpoch == 7 && decoded.head.oldestSeq == 40)
    #expect(decoded.readings.count == 1)
    #expect(decoded.readings.first?.at == 1_795_380_756_900)
    #expect(decoded.readings.first?.token == subject(hex("04a1b2c3d4e5f6")))
    #expect(decoded.readings.first?.value == 1)
  }

  @Test func everyKindIsReadLikeItsFrame() throws {
    let decoded = decodeTwin(
      frame(
        """
        {"kind":"checkin","at":1,"card":"01020304"},
        {"kind":"passage","at":2,"card":"0102030405060708090a0b0c0d0e0f10","direction":"out","granted":false},
        {"kind":"passage","at":2,"card":"01020304","direction":"unknown","granted":true},
        {"kind":"response","at":3,"item":4294967295,"score":-2147483648,"ballot":"62616C6c6f742121"},
        {"kind":"response","at":3,"item":0,"score":2147483647},
        {"kind":"status","at":4,"battery_mv":3700,"rssi_dbm":-67,"backlog":12,"temperature_dc":-5,"firmware":"2.0.1","dropped":0},
        {"kind":"status","at":4},
        {"kind":"incident","at":5,"category":65535,"text":"三号窗口\\n\\ud83d\\udca7\\u0041\\/"},
        {"kind":"incident","at":6,"category":0},
        {"kind":"incident","at":6,"category":0,"text":""}
        """))
    #expect(decoded.fault == nil)
    try #require(decoded.readings.count == 10)
    let readings = decoded.readings
    #expect(readings[0].value == -1 && readings[0].token == subject([1, 2, 3, 4]))
    #expect(readings[1].value == 2 && readings[1].tokenBytes == 16)
    #expect(readings[2].value == 5)
    #expect(readings[3].item == .max && readings[3].value == .min && readings[3].tokenBytes == 8)
    #expect(Array(readings[3].token.bytes.prefix(8)) == Array("ballot!!".utf8))
    #expect(readings[4].item == 0 && readings[4].value == .max && readings[4].tokenBytes == 0)
    #expect(
      decoded.detail(5)
        == #"{"battery_mv":3700,"rssi_dbm":-67,"backlog":12,"temperature_dc":-5,"firmware":"2.0.1","dropped":0}"#)
    #expect(decoded.detail(6) == "{}")
    #expect(readings[7].value == 65535 && decoded.detail(7) == "三号窗口\n💧A/")
    #expect(decoded.detail(8) == nil)
    #expect(decoded.detail(9) == "")
  }

  @Test func eachMethodAndDirectionHasItsNumber() {
    for (number, name) in ["card", "nfc", "qr", "face", "pin"].enumerated() {
      let decoded = decodeTwin(frame(#"{"kind":"checkin","at":1,"card":"01020304","method":"\#(name)"}"#))
      #expect(decoded.readings.first?.value == Int32(number))
    }
    for (number, name) in ["in", "out", "unknown"].enumerated() {
      let decoded = decodeTwin(
        frame(#"{"kind":"passage","at":1,"card":"01020304","direction":"\#(name)","granted":true}"#))
      #expect(decoded.readings.first?.value == Int32(number * 2 + 1))
    }
  }

  @Test func spaceUnknownMembersAndAnyOrderAreAllowed() {
    let decoded = decodeTwin(
      """
       { "new" : [ {"a":[[]]} , null , -1.5e+3 ] , "readings" : [ { "x":{}, "card":"01020304","at":1 , "kind":"checkin" } ] ,
      \t"clock":0,"sent":5 ,"seq":1,\r\n"epoch":0,"v":1 }  \n
      """)
    #expect(decoded.fault == nil)
    #expect(decoded.readings.count == 1 && decoded.head.seq == 1)
  }

  @Test func statusFieldsMayStandInAnObjectOfTheirOwn() {
    let decoded = decodeTwin(frame(#"{"kind":"status","at":4,"status":{"backlog":3,"other":[]}}"#))
    #expect(decoded.fault == nil)
    #expect(decoded.detail(0) == #"{"backlog":3}"#)
  }

  @Test func cardsInEitherCaseAreOneSubject() {
    let lower = decodeTwin(frame(#"{"kind":"checkin","at":1,"card":"04a1b2c3"}"#))
    let upper = decodeTwin(frame(#"{"kind":"checkin","at":1,"card":"04A1B2C3"}"#))
    #expect(lower.readings.first?.token == upper.readings.first?.token)
    #expect(lower.fault == nil && upper.fault == nil)
  }

  @Test func sixtyFourReadingsAreGoodAndOneMoreIsNot() {
    let one = #"{"kind":"response","at":1,"item":1,"score":1}"#
    func many(_ count: Int) -> Decoded { decodeTwin(frame(Array(repeating: one, count: count).joined(separator: ","))) }
    #expect(many(64).fault == nil)
    #expect(many(64).readings.count == 64)
    #expect(many(65).fault == FrameFault(.readingCount))
    #expect(many(0).fault == FrameFault(.readingCount))
  }

  // MARK: Refusals

  /// `READINGS` stands for one good reading.
  @Test(arguments: [
    (#"{"v":1,"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS}"#, QuarantineReason.duplicateKey),
    (#"{"v":1,"epoch":7,"seq":42,"seq":42,"sent":1,"clock":2,READINGS}"#, .duplicateKey),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":{"a":1,"a":2}}"#, .duplicateKey),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":{"a":1,"\u0061":2}}"#, .duplicateKey),
    (#"{"v":1.0,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1e3,"clock":2,READINGS}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1.0,"clock":2,READINGS}"#, .wrongType),
    (#"{"v":1,"epoch":7.0,"seq":42,"sent":1,"clock":2,READINGS}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":"42","sent":1,"clock":2,READINGS}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":0,"sent":1,"clock":2,READINGS}"#, .outOfRange),
    (#"{"v":1,"epoch":4294967296,"seq":1,"sent":1,"clock":2,READINGS}"#, .outOfRange),
    (#"{"v":1,"epoch":-1,"seq":1,"sent":1,"clock":2,READINGS}"#, .outOfRange),
    (#"{"v":1,"epoch":1,"seq":99999999999999999999,"sent":1,"clock":2,READINGS}"#, .outOfRange),
    (#"{"v":1,"epoch":7,"seq":42,"sent":253402300800000,"clock":2,READINGS}"#, .outOfRange),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":4,READINGS}"#, .outOfRange),
    (#"{"v":2,"epoch":7,"seq":42,"sent":1,"clock":2,"readings":[]}"#, .unknownVersion),
    (#"{"v":1,"epoch":7,"sent":1,"clock":2,READINGS}"#, .missingField),
    (#"{"epoch":7,"seq":42,"sent":1,"clock":2,READINGS}"#, .missingField),
    (#"{"v":1,"epoch":7,"seq":42,"clock":2,READINGS}"#, .missingField),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,READINGS}"#, .missingField),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2}"#, .missingField),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,"readings":{}}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"oldest":[1]}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"oldest":[1,2,3]}"#, .wrongType),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"oldest":[1,-2]}"#, .outOfRange),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS} x"#, .trailingBytes),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS}{}"#, .trailingBytes),
    (#"{"v":1,"epoch":7,"seq":42,"sent":01,"clock":2,READINGS}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":[1,]}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":.5}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":+5}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":5.}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":5e}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":NaN}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":nul}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"\x"}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"\u12g4"}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"a\#tb"}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"a\#u{0}b"}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS\#u{b}}"#, .malformed),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"\ud800"}"#, .invalidText),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"\ud800\u0041"}"#, .invalidText),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"\udc00"}"#, .invalidText),
    (#"{"v":1,"epoch":7,"seq":42,"sent":1,"clock":2,READINGS,"x":"\ud800x"}"#, .invalidText),
    ("[1,7,42,1,2,[]]", .wrongType), ("\"text\"", .wrongType),
  ])
  func aFaultyFrameIsRefusedWithItsReason(_ form: String, _ reason: QuarantineReason) {
    let text = form.replacing("READINGS", with: #""readings":[{"kind":"status","at":1}]"#)
    #expect(decodeTwin(text).fault == FrameFault(reason), "\(text)")
  }

  @Test(arguments: [
    (#"{"kind":"lunch","at":1}"#, QuarantineReason.unknownKind),
    (#"{"at":1,"card":"01020304"}"#, .missingField),
    (#"{"kind":"checkin","card":"01020304"}"#, .missingField),
    (#"{"kind":"checkin","at":1}"#, .missingField),
    (#"{"kind":"checkin","at":-1,"card":"01020304"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1.0,"card":"01020304"}"#, .wrongType),
    (#"{"kind":"checkin","at":1e3,"card":"01020304"}"#, .wrongType),
    (#"{"kind":"checkin","at":253402300800000,"card":"01020304"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1,"card":"010203"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1,"card":"0102030405060708090a0b0c0d0e0f1011"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1,"card":"010203045"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1,"card":"0102030g"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1,"card":16909060}"#, .wrongType),
    (#"{"kind":"checkin","at":1,"card":"01020304","method":"smell"}"#, .outOfRange),
    (#"{"kind":"checkin","at":1,"card":"01020304","method":0}"#, .wrongType),
    (#"{"kind":"checkin","at":1,"card":"01020304","method":null}"#, .wrongType),
    (#"{"kind":"passage","at":1,"card":"01020304","granted":true}"#, .missingField),
    (#"{"kind":"passage","at":1,"card":"01020304","direction":"in"}"#, .missingField),
    (#"{"kind":"passage","at":1,"card":"01020304","direction":"in","granted":1}"#, .wrongType),
    (#"{"kind":"passage","at":1,"card":"01020304","direction":"up","granted":true}"#, .outOfRange),
    (#"{"kind":"response","at":1,"score":1}"#, .missingField),
    (#"{"kind":"response","at":1,"item":1}"#, .missingField),
    (#"{"kind":"response","at":1,"item":4294967296,"score":1}"#, .outOfRange),
    (#"{"kind":"response","at":1,"item":1,"score":2147483648}"#, .outOfRange),
    (#"{"kind":"response","at":1,"item":1,"score":4.0}"#, .wrongType),
    (#"{"kind":"response","at":1,"item":1,"score":1,"ballot":"01020304050607"}"#, .outOfRange),
    (#"{"kind":"status","at":1,"battery_mv":-1}"#, .outOfRange),
    (#"{"kind":"status","at":1,"battery_mv":"full"}"#, .wrongType),
    (#"{"kind":"status","at":1,"firmware":7}"#, .wrongType),
    (#"{"kind":"status","at":1,"firmware":"123456789012345678901234567890123"}"#, .outOfRange),
    (#"{"kind":"status","at":1,"status":[]}"#, .wrongType),
    (#"{"kind":"incident","at":1}"#, .missingField),
    (#"{"kind":"incident","at":1,"category":65536}"#, .outOfRange),
    (#"{"kind":"incident","at":1,"category":1,"text":7}"#, .wrongType),
    (#"{"kind":"incident","at":1,"category":1,"text":"\ud83d"}"#, .invalidText),
    (#"{"kind":"incident","at":1,"category":1,"category":1}"#, .duplicateKey),
    (#"{"kind":"status","at":1,"status":{"backlog":1,"backlog":1}}"#, .duplicateKey),
    ("[]", .wrongType),
  ])
  func aFaultyReadingIsNamedByItsIndex(_ reading: String, _ reason: QuarantineReason) {
    let good = #"{"kind":"response","at":1,"item":1,"score":1}"#
    #expect(fault(reading) == FrameFault(reason, reading: 0), "\(reading)")
    #expect(fault("\(good),\(good),\(reading),\(good)") == FrameFault(reason, reading: 2), "\(reading)")
  }

  @Test func textOf200BytesIsGoodAndOneMoreIsNot() {
    func incident(_ text: String) -> FrameFault? {
      fault(#"{"kind":"incident","at":1,"category":1,"text":"\#(text)"}"#)
    }
    #expect(incident(String(repeating: "x", count: 200)) == nil)
    #expect(incident(String(repeating: "x", count: 201)) == FrameFault(.outOfRange, reading: 0))
    #expect(incident(String(repeating: "水", count: 66)) == nil)
    #expect(incident(String(repeating: "水", count: 67)) == FrameFault(.outOfRange, reading: 0))
    // Bytes of the text, not of its escapes.
    #expect(incident(String(repeating: #"\u0078"#, count: 200)) == nil)
  }

  @Test func onAnUptimeClockNoReadingIsAfterSent() {
    func status(_ at: Int, _ clock: Int) -> FrameFault? {
      decodeTwin(frame(#"{"kind":"status","at":\#(at)}"#, sent: "1000", clock: "\(clock)")).fault
    }
    #expect(status(1000, 0) == nil)
    #expect(status(1001, 0) == FrameFault(.timeAfterSent, reading: 0))
    for clock in 1...3 { #expect(status(1001, clock) == nil) }
  }

  @Test func eightContainersAreTheDeepest() {
    // The frame's object is the first.
    func nested(_ count: Int) -> String {
      frame(checkin, more: #","x":"# + String(repeating: "[", count: count) + String(repeating: "]", count: count))
    }
    #expect(decodeTwin(nested(7)).fault == nil)
    #expect(decodeTwin(nested(8)).fault == FrameFault(.tooDeep))
    #expect(decodeTwin(nested(5_000)).fault == FrameFault(.tooDeep))
  }

  @Test func invalidUTF8IsRefused() {
    var bytes = Array(frame(#"{"kind":"incident","at":1,"category":1,"text":"@@"}"#).utf8)
    let at = bytes.firstIndex(of: UInt8(ascii: "@"))!
    bytes.replaceSubrange(at...(at + 1), with: [0xc3, 0x28])
    #expect(decodeTwin(bytes).fault == FrameFault(.invalidText, reading: 0))
  }

  // MARK: What a faulty frame still tells

  @Test func theHeadIsReadableAfterTheTextBreaksOff() {
    let text = frame(checkin)
    let behind = text.range(of: #""seq":42,"#)!.upperBound
    for end in text.utf8.indices where end >= behind && end < text.endIndex {
      let decoded = decodeTwin(String(text[..<end]))
      #expect(decoded.fault != nil)
      #expect(decoded.head.isReadable && decoded.head.epoch == 7 && decoded.head.seq == 42)
    }
    #expect(!decodeTwin(#"{"v":1,"epoch":7,"#).head.isReadable)
    #expect(!decodeTwin("").head.isReadable)
  }

  @Test func anAmbiguousHeadIsNotReadable() {
    for text in [
      #"{"v":1,"epoch":7,"seq":42,"seq":43,"sent":1,"clock":2,"readings":[]}"#,
      #"{"v":1,"epoch":7,"epoch":8,"seq":42,"sent":1,"clock":2,"readings":[]}"#,
      #"{"v":1,"epoch":7,"seq":1.0,"sent":1,"clock":2,"readings":[]}"#,
    ] { #expect(!decodeTwin(text).head.isReadable, "\(text)") }
  }

  /// A copy of a faulty frame is a duplicate, not a conflict: it differs in `sent` and `oldest` only.
  @Test(arguments: [
    #"{"v":2,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD],"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":9,"readings":[GOOD],"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"readings":[GOOD],"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD,{"kind":"x"}],"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD],"x":1,"x":2,"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD],"oldest":[OLDEST]} x"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD,{"kind":"x","kind":"x"}],"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD,{"kind":"]\"}","x":"\ud800"}],"oldest":[OLDEST]}"#,
    #"{"v":1,"epoch":7,"seq":42,"sent":SENT,"clock":2,"readings":[GOOD,{"at":01}],"oldest":[OLDEST]}"#,
  ])
  func copiesOfAFaultyFrameHaveTheSameReadings(_ form: String) {
    func readings(_ sent: String, _ oldest: String) -> [UInt8] {
      let text = form.replacing("SENT", with: sent).replacing("OLDEST", with: oldest).replacing("GOOD", with: checkin)
      let decoded = decodeTwin(text)
      #expect(decoded.fault != nil && decoded.head.isReadable)
      return Array(Array(text.utf8)[decoded.head.readingsStart..<decoded.head.readingsEnd])
    }
    #expect(readings("1795380757000", "7,1") == readings("1795380767000", "7,40"), "\(form)")
  }
}
