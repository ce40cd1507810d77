import DeviceProtocol
import Foundation
import Testing

@Suite struct VectorTests {
  @Test(arguments: Vectors.device.good)
  func aGoodMessageVerifiesAndDecodesToItsFrame(_ vector: Vectors.Message) throws {
    let payload = try #require(verified(vector.bytes, vector.macKey))
    let decoded = decodeFrame(payload)
    #expect(decoded.fault == nil)
    let frame = try #require(vector.frame?.array)
    let head = decoded.head
    #expect(head.isReadable)
    #expect(Int64(head.epoch) == frame[1].integer)
    #expect(Int64(head.seq) == frame[2].integer)
    #expect(head.sent == frame[3].integer)
    #expect(Int64(head.clock) == frame[4].integer)
    #expect(head.hasOldest == (frame.count > 6))
    if frame.count > 6, let oldest = frame[6].array {
      #expect([Int64(head.oldestEpoch), Int64(head.oldestSeq)] == oldest.map(\.integer))
    }
    let readings = try #require(frame[5].array)
    #expect(decoded.readings.count == readings.count)
    for (index, fields) in readings.enumerated() {
      try compare(decoded, index, try #require(fields.array))
    }
  }

  private func compare(_ decoded: Decoded, _ index: Int, _ fields: [JSONValue]) throws {
    let reading = decoded.readings[index]
    #expect(Int64(reading.kind.rawValue) == fields[0].integer)
    #expect(reading.at == fields[1].integer)
    switch reading.kind {
    case .checkin:
      #expect(reading.token == subject(hex(try #require(fields[2].text))) && reading.tokenBytes == 16)
      #expect(Int64(reading.value) == (fields.count > 3 ? fields[3].integer : -1))
    case .passage:
      #expect(reading.token == subject(hex(try #require(fields[2].text))) && reading.tokenBytes == 16)
      let direction = try #require(fields[3].integer)
      #expect(Int64(reading.value) == direction * 2 + (fields[4].bool == true ? 1 : 0))
    case .response:
      #expect(Int64(reading.item) == fields[2].integer)
      #expect(Int64(reading.value) == fields[3].integer)
      if fields.count > 4, let ballot = fields[4].text {
        #expect(reading.tokenBytes == 8 && Array(reading.token.bytes.prefix(8)) == hex(ballot))
      } else {
        #expect(reading.tokenBytes == 0)
      }
    case .status:
      let text = try #require(decoded.detail(index))
      let found = try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
      var wanted: [String: JSONValue] = [:]
      for (key, value) in try #require(fields[2].object) {
        guard let number = Int(key), (1...6).contains(number) else { continue }
        wanted[WireNames.status[number - 1]] = value
      }
      #expect(found == wanted)
    case .incident:
      #expect(Int64(reading.value) == fields[2].integer)
      #expect(decoded.detail(index) == (fields.count > 3 ? fields[3].text : nil))
    }
  }

  /// Reason and reading of the bad messages whose name says what is wrong.
  private static let faults: [String: FrameFault] = [
    "version 0": FrameFault(.unknownVersion), "version 2": FrameFault(.unknownVersion),
    "seq 0": FrameFault(.outOfRange), "seq over 32 bits": FrameFault(.outOfRange),
    "epoch over 32 bits": FrameFault(.outOfRange), "clock 4": FrameFault(.outOfRange),
    "sent over the range": FrameFault(.outOfRange), "five elements": FrameFault(.missingField),
    "no readings": FrameFault(.readingCount), "readings are a map": FrameFault(.wrongType),
    "reading kind 0": FrameFault(.unknownKind, reading: 0), "reading kind 6": FrameFault(.unknownKind, reading: 0),
    "a good reading, then a bad one": FrameFault(.outOfRange, reading: 1),
    "card of 3 bytes": FrameFault(.outOfRange, reading: 0), "card of 17 bytes": FrameFault(.outOfRange, reading: 0),
    "card is text": FrameFault(.wrongType, reading: 0), "method 5": FrameFault(.outOfRange, reading: 0),
    "passage without granted": FrameFault(.missingField, reading: 0),
    "granted is 1": FrameFault(.wrongType, reading: 0), "direction 3": FrameFault(.outOfRange, reading: 0),
    "ballot of 7 bytes": FrameFault(.outOfRange, reading: 0), "score is a float": FrameFault(.wrongType, reading: 0),
    "score under the range": FrameFault(.outOfRange, reading: 0),
    "item over 32 bits": FrameFault(.outOfRange, reading: 0),
    "duplicate status key": FrameFault(.duplicateKey, reading: 0),
    "duplicate status key in another form": FrameFault(.duplicateKey, reading: 0),
    "battery is text": FrameFault(.wrongType, reading: 0), "battery is negative": FrameFault(.outOfRange, reading: 0),
    "firmware of 33 bytes": FrameFault(.outOfRange, reading: 0),
    "category over 16 bits": FrameFault(.outOfRange, reading: 0),
    "text is not UTF-8": FrameFault(.invalidText, reading: 0),
    "text is a surrogate": FrameFault(.invalidText, reading: 0),
    "indefinite array of readings": FrameFault(.indefiniteLength),
    "indefinite text": FrameFault(.indefiniteLength, reading: 0),
    "uptime reading after sent": FrameFault(.timeAfterSent, reading: 0),
    "oldest is not a pair": FrameFault(.wrongType), "bytes behind the frame": FrameFault(.trailingBytes),
    "frame is a map": FrameFault(.wrongType),
    "nested 20 deep in an element to be ignored": FrameFault(.tooDeep),
  ]

  @Test(arguments: Vectors.device.bad)
  func aBadMessageEndsAsItsVectorSays(_ vector: Vectors.Message) throws {
    let payload = verified(vector.bytes, vector.macKey)
    if vector.expect == "rejected" {
      #expect(payload == nil || vector.bytes.count > 16384)
    } else {
      #expect(vector.expect == "quarantined")
      let fault = decodeFrame(try #require(payload)).fault
      #expect(fault != nil)
      if let wanted = VectorTests.faults[vector.name], ProcessInfo.processInfo.environment["CAMPUS_VECTORS"] == nil {
        #expect(fault == wanted)
      }
    }
  }

  @Test func noByteOfAMessageCanBeChangedUnseen() {
    var random = SeededGenerator()
    for vector in Vectors.device.good + Vectors.device.bad {
      let original = vector.bytes
      let key = vector.macKey
      let parts = original.withUnsafeBytes { bytes in
        COSEMac0(bytes).map { (Array($0.payload), Array($0.tag), key.verifies($0)) }
      }
      for index in original.indices {
        var message = original
        message[index] ^= UInt8.random(in: 1...255, using: &random)
        message.withUnsafeBytes { bytes in
          guard let envelope = COSEMac0(bytes) else { return }
          if original.count < 2_000 { _ = decodeFrame(Array(envelope.payload)) }
          if key.verifies(envelope) {
            // What was changed is the header that no tag covers.
            #expect(Array(envelope.payload) == parts?.0 && Array(envelope.tag) == parts?.1 && parts?.2 == true)
          }
        }
      }
    }
  }

  @Test func noMessageCutShortIsAnEnvelope() {
    for vector in Vectors.device.good where vector.bytes.count < 2_000 {
      for count in 0..<vector.bytes.count {
        #expect(verified(Array(vector.bytes.prefix(count)), vector.macKey) == nil)
      }
    }
  }
}
