import DeviceProtocol
import Foundation
import Testing

@Suite struct RandomInputTests {
  private let key = MACKey([UInt8](repeating: 1, count: 32), topic: Array("campus/v1/a/b/up".utf8))

  /// `decodeFrame` and `decodeTwin` check that a fault leaves the buffer alone.
  private func tryAll(_ bytes: [UInt8]) {
    if verified(bytes, key) != nil { Issue.record("no random bytes carry a right tag") }
    _ = decodeFrame(bytes)
    _ = decodeTwin(bytes)
  }

  @Test func randomBytesNeverCrashADecoder() {
    var random = SeededGenerator()
    for _ in 0..<50_000 { tryAll(random.bytes(Int.random(in: 0...48, using: &random))) }
  }

  @Test func randomCBORNeverCrashesADecoder() {
    var random = SeededGenerator()
    var good = 0
    for _ in 0..<50_000 {
      var bytes: [UInt8] = []
      if Bool.random(using: &random) {
        RandomCBOR.frame(&bytes, &random)
      } else {
        RandomCBOR.item(&bytes, depth: 0, &random)
      }
      if Int.random(in: 0..<4, using: &random) == 0, !bytes.isEmpty {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8(truncatingIfNeeded: random.next())
      }
      tryAll(bytes)
      if decodeFrame(bytes).fault == nil { good += 1 }
    }
    #expect(good > 100, "the generator must reach the inner parts")
  }

  @Test func randomJSONNeverCrashesADecoder() {
    var random = SeededGenerator()
    let words = [
      "{", "}", "[", "]", ",", ":", "\"v\"", "\"epoch\"", "\"seq\"", "\"sent\"", "\"clock\"", "\"readings\"",
      "\"kind\"", "\"checkin\"", "\"at\"", "\"card\"", "\"04a1b2c3\"", "\"status\"", "1", "0", "-1", "1e3", "1.0",
      "true", "null", "\"\\ud800\"", "\"\\u0000\"", " ", "9223372036854775808", "\\", "\"", "\u{0}", "é",
    ]
    let sample = Array(
      #"{"v":1,"epoch":7,"seq":42,"sent":9,"clock":2,"readings":[{"kind":"incident","at":8,"category":3,"text":"\u4e09\n"},{"kind":"status","at":7,"firmware":"1","rssi_dbm":-4}],"oldest":[7,40]}"#
        .utf8)
    for _ in 0..<20_000 {
      if Bool.random(using: &random) {
        let text = (0..<Int.random(in: 1...20, using: &random)).map { _ in words.randomElement(using: &random)! }
        _ = decodeTwin(text.joined())
      } else {
        var bytes = sample
        for _ in 0...Int.random(in: 0...2, using: &random) {
          bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
        _ = decodeTwin(bytes)
      }
    }
  }
}

/// Bytes that are CBOR, or nearly, and often nearly a frame.
enum RandomCBOR {
  static func head(_ major: UInt8, _ value: UInt64, _ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    // Now and then longer than it need be, or of another type.
    let major = Int.random(in: 0..<40, using: &random) == 0 ? UInt8.random(in: 0...7, using: &random) : major
    switch Int.random(in: 0..<12, using: &random) {
    case 0:
      bytes.append(major << 5 | 27)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
      }
    case 1 where value < 256: bytes += [major << 5 | 24, UInt8(value)]
    default: CBORWriter.head(major, value, to: &bytes)
    }
  }

  static func number(_ random: inout SeededGenerator) -> UInt64 {
    [0, 1, 2, 3, 5, 23, 24, 255, 256, 65535, 65536, 4_294_967_295, 4_294_967_296, 253_402_300_799_999, .max]
      .randomElement(using: &random)!
  }

  static func item(_ bytes: inout [UInt8], depth: Int, _ random: inout SeededGenerator) {
    let major = UInt8.random(in: 0...(depth > 10 ? 3 : 7), using: &random)
    switch major {
    case 0, 1: head(major, number(&random), &bytes, &random)
    case 2, 3:
      let content = random.bytes(Int.random(in: 0...17, using: &random)).map { major == 3 ? $0 & 0x7f : $0 }
      head(major, UInt64(content.count), &bytes, &random)
      bytes += content
    case 4, 5:
      let count = Int.random(in: 0...4, using: &random)
      head(major, UInt64(count), &bytes, &random)
      for _ in 0..<(major == 5 ? count * 2 : count) { item(&bytes, depth: depth + 1, &random) }
    case 6:
      head(6, 17, &bytes, &random)
      item(&bytes, depth: depth + 1, &random)
    default: bytes.append(0xe0 | UInt8.random(in: 0...31, using: &random))
    }
  }

  static func frame(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let extra = Int.random(in: 0...2, using: &random)
    head(4, UInt64(6 + extra), &bytes, &random)
    for value: UInt64 in [1, 7, 1, 1000] { head(0, value, &bytes, &random) }
    head(0, UInt64.random(in: 0...3, using: &random), &bytes, &random)
    let count = Int.random(in: 1...3, using: &random)
    head(4, UInt64(count), &bytes, &random)
    for _ in 0..<count { reading(&bytes, &random) }
    if extra > 0 {
      head(4, 2, &bytes, &random)
      head(0, 7, &bytes, &random)
      head(0, 1, &bytes, &random)
    }
    if extra > 1 { item(&bytes, depth: 1, &random) }
  }

  private static func reading(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let kind = UInt64.random(in: 1...5, using: &random)
    func card() {
      let size = Int.random(in: 3...17, using: &random)
      head(2, UInt64(size), &bytes, &random)
      bytes += random.bytes(size)
    }
    head(4, kind == 2 ? 5 : kind == 3 ? 4 : 3, &bytes, &random)
    head(0, kind, &bytes, &random)
    head(0, 999, &bytes, &random)
    switch kind {
    case 1: card()
    case 2:
      card()
      head(0, UInt64.random(in: 0...2, using: &random), &bytes, &random)
      bytes.append(Bool.random(using: &random) ? 0xf4 : 0xf5)
    case 3:
      head(0, number(&random), &bytes, &random)
      head(UInt8.random(in: 0...1, using: &random), number(&random), &bytes, &random)
    case 4:
      let pairs = Int.random(in: 0...3, using: &random)
      head(5, UInt64(pairs), &bytes, &random)
      for _ in 0..<pairs {
        head(0, UInt64.random(in: 1...8, using: &random), &bytes, &random)
        item(&bytes, depth: 5, &random)
      }
    default: head(0, UInt64.random(in: 0...70_000, using: &random), &bytes, &random)
    }
  }
}
