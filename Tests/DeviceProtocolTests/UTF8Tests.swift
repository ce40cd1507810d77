import Testing

@testable import DeviceProtocol

@Suite struct UTF8Tests {
  private func check(_ bytes: [UInt8]) {
    if bytes.withUnsafeBytes({ isUTF8($0) }) != (String(validating: bytes, as: UTF8.self) != nil) {
      Issue.record("the validators differ over \(bytes.hex)")
    }
  }

  @Test func theValidatorAgreesWithTheStandardLibrary() {
    for first in UInt8.min...UInt8.max {
      check([first])
      for second in UInt8.min...UInt8.max { check([first, second]) }
    }
    var random = SeededGenerator()
    let edges: [UInt8] = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xec, 0xed, 0xee, 0xef, 0xf0,
      0xf1, 0xf3, 0xf4, 0xf5, 0xff,
    ]
    var valid = 0
    for _ in 0..<100_000 {
      let bytes = (0..<Int.random(in: 0...6, using: &random)).map { _ in edges.randomElement(using: &random)! }
      check(bytes)
      if bytes.withUnsafeBytes({ isUTF8($0) }) { valid += 1 }
    }
    #expect(valid > 1_000)
  }

  @Test func everyScalarIsValid() {
    for value in stride(from: UInt32(0), through: 0x10ffff, by: 7) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      check(Array(String(Character(scalar)).utf8))
    }
  }
}
