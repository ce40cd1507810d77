import DeviceProtocol
import Foundation
import Testing

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// With a seed of its own, printed, or with CAMPUS_TEST_SEED to repeat a run.
  init(test: StaticString = #function) {
    let given = ProcessInfo.processInfo.environment["CAMPUS_TEST_SEED"].flatMap(UInt64.init)
    let seed = given ?? UInt64.random(in: 1...999_999_999)
    print("seed \(seed) of \(test)")
    self.init(seed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

/// The bytes of a hexadecimal text.
func hex(_ text: String) -> [UInt8] {
  let digits = text.filter { !$0.isWhitespace }.map { UInt8($0.hexDigitValue!) }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

extension Sequence<UInt8> {
  var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension Token {
  var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}

let subjects = SubjectKey([UInt8](repeating: 7, count: 32))

func subject(_ card: [UInt8]) -> Token { card.withUnsafeBytes { subjects.token($0) } }

/// A decoder's answer, with what it appended.
struct Decoded {
  var head = FrameHead()
  var fault: FrameFault?
  var readings: [Reading] = []
  var details: [UInt8] = []

  func detail(_ index: Int) -> String? {
    let reading = readings[index]
    guard reading.detailBytes >= 0 else { return nil }
    let start = Int(reading.detailStart)
    return String(decoding: details[start..<(start + Int(reading.detailBytes))], as: UTF8.self)
  }
}

/// What stood in the buffer before: it must be there afterwards, and nothing else if there was a fault.
private func decode(
  _ payload: [UInt8],
  _ decode: (UnsafeRawBufferPointer, inout FrameHead, inout ReadingBuffer) -> FrameFault?
) -> Decoded {
  var buffer = ReadingBuffer()
  buffer.readings = [Reading(kind: .incident, at: 1), Reading(kind: .status, at: 2)]
  buffer.details = [9, 8, 7]
  let before = buffer
  var decoded = Decoded()
  decoded.fault = payload.withUnsafeBytes { decode($0, &decoded.head, &buffer) }
  // Asked hundreds of thousands of times: only what is wrong is recorded.
  let isKept = buffer.readings.prefix(2) == before.readings[...] && buffer.details.prefix(3) == before.details[...]
  if !isKept { Issue.record("what stood in the buffer before must stay") }
  if decoded.fault != nil, buffer.readings.count != 2 || buffer.details.count != 3 {
    Issue.record("a fault must leave the buffer as it was")
  }
  let (start, end) = (decoded.head.readingsStart, decoded.head.readingsEnd)
  if start < 0 || start > end || end > payload.count { Issue.record("the readings stand outside the payload") }
  decoded.details = Array(buffer.details)
  decoded.readings = Array(buffer.readings.dropFirst(2))
  return decoded
}

func decodeFrame(_ payload: [UInt8]) -> Decoded {
  decode(payload) { FrameDecoder(subjects: subjects).decode($0, head: &$1, into: &$2) }
}

func decodeTwin(_ payload: [UInt8]) -> Decoded {
  decode(payload) { JSONFrameDecoder(subjects: subjects).decode($0, head: &$1, into: &$2) }
}

func decodeTwin(_ text: String) -> Decoded { decodeTwin(Array(text.utf8)) }

/// The envelope's payload where it parses and `key` verifies it.
func verified(_ message: [UInt8], _ key: MACKey) -> [UInt8]? {
  message.withUnsafeBytes { bytes in
    guard let envelope = COSEMac0(bytes), key.verifies(envelope) else { return nil }
    return Array(envelope.payload)
  }
}
