import Testing

@testable import Operations

@Suite struct CursorTests {
  @Test(arguments: [["1"], ["main", "term-0001"], ["", "&=%"], ["教室/一", "\u{1F600}", "+ /"]])
  func aCursorGivesBackWhatWasPutInIt(parts: [String]) throws {
    let cursor = Cursor.encode("list", parts)
    #expect(cursor.utf8.allSatisfy { ($0 > 0x2c && $0 < 0x3a) || ($0 > 0x40 && $0 < 0x5b) || ($0 > 0x60 && $0 < 0x7b) || $0 == 0x5f })
    #expect(try Cursor.decode(cursor, of: "list", count: parts.count) == parts)
  }

  @Test func aCursorOfAnotherListIsRefused() {
    let cursor = Cursor.encode("gaps", ["1", "2", "3"])
    #expect(throws: Problem.self) { try Cursor.decode(cursor, of: "all-gaps", count: 3) }
    #expect(throws: Problem.self) { try Cursor.decode(cursor, of: "gaps", count: 2) }
    #expect(throws: Problem.self) { try Cursor.numbers(Cursor.encode("gaps", ["a"]), of: "gaps", count: 1) }
  }

  @Test(arguments: ["", "!", "====", "Z2Fwcw", "\u{00e9}", String(repeating: "A", count: 2_000)])
  func nonsenseIsRefused(cursor: String) {
    #expect(throws: Problem.self) { try Cursor.decode(cursor, of: "gaps", count: 1) }
  }
}
