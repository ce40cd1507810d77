import Testing

@testable import Campus

@Suite struct CSVTests {
  private func rows(_ text: String, _ columns: [String] = ["a", "b"]) -> [[String]] {
    var table = CSVTable(Array(text.utf8), required: columns)
    var rows: [[String]] = []
    while table.next() { rows.append(columns.indices.map(table.text) + ["\(table.line)"]) }
    return rows
  }

  private func faults(_ bytes: [UInt8]) -> [CSVTable.Fault] {
    var table = CSVTable(bytes, required: ["a", "b"])
    while table.next() {}
    return table.faults
  }

  @Test func aByteOrderMarkIsPassedOver() {
    #expect(rows("\u{FEFF}a,b\n1,2\n") == [["1", "2", "2"]])
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func everyLineBreakEndsARecord(lineBreak: String) {
    let text = ["a,b", "1,2", "", "3,4"].joined(separator: lineBreak)
    #expect(rows(text) == [["1", "2", "2"], ["3", "4", "4"]])
    #expect(rows(text + lineBreak) == rows(text))
  }

  @Test func quotedFieldsHoldCommasQuotesAndLineBreaks() {
    let text = "a,b\r\n\"x,\"\"y\"\"\r\nz\",\"\"\r\n3,\"4\"\r\n"
    #expect(rows(text) == [["x,\"y\"\r\nz", "", "2"], ["3", "4", "4"]])
  }

  @Test func columnsMayStandInAnyOrderAmongOthers() {
    #expect(rows("z,b,y,a\n0,2,0,1\n") == [["1", "2", "2"]])
  }

  @Test func aWrongNumberOfFieldsIsAFaultAndTheRestIsRead() {
    let text = Array("a,b\n1\n1,2,3\n1,2\n".utf8)
    #expect(
      faults(text) == [
        .init(line: 2, problem: .fieldCount(found: 1, expected: 2)),
        .init(line: 3, problem: .fieldCount(found: 3, expected: 2)),
      ])
    #expect(rows("a,b\n1\n1,2,3\n1,2\n") == [["1", "2", "4"]])
  }

  @Test func aForgottenQuoteDoesNotHideTheRows() {
    #expect(rows("a,b\n\"1,2\n3,4\n5\"6,7\n8,9\n") == [["3", "4", "3"], ["8", "9", "5"]])
    #expect(
      faults(Array("a,b\n\"1,2\n3,4\n".utf8)) == [.init(line: 2, problem: .unterminatedQuote)])
    #expect(faults(Array("a,b\n\"1\"x,2\n".utf8)) == [.init(line: 2, problem: .textAfterQuote)])
    #expect(faults(Array("a,b\nx\"1,2\n".utf8)) == [.init(line: 2, problem: .quoteInField)])
  }

  @Test func bytesThatAreNotUTF8AreAFaultOnTheirLine() {
    let bytes = Array("a,b\n1,2\n".utf8) + [0xD5, 0xC5] + Array(",x\n3,4\n".utf8)
    #expect(faults(bytes) == [.init(line: 3, problem: .notUTF8)])
  }

  @Test func whatIsWrittenIsReadBack() {
    let fields = ["plain", "with,comma", "with \"quotes\"", "two\r\nlines", "", "中文"]
    let names = fields.indices.map { "column\($0)" }
    let text = CSV.line(names) + "\r\n" + CSV.line(fields) + "\r\n"
    #expect(rows(text, names) == [fields + ["2"]])
  }

  @Test func randomBytesNeverStopTheReader() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let alphabet = Array("a,b\"\r\n;\t0s1".utf8) + [0x00, 0xEF, 0xBB, 0xBF, 0xC3, 0xFF]
    for _ in 0..<2_000 {
      let count = Int.random(in: 0..<200, using: &generator)
      let bytes = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      var table = CSVTable(Array("a,b\n".utf8) + bytes, required: ["a", "b"])
      var rows = 0
      while table.next() { rows += 1 }
      let lines = bytes.count(where: { $0 == 0x0A || $0 == 0x0D }) + 1
      #expect(rows + table.faults.count <= lines, "seed \(seed)")
      #expect(table.faults.allSatisfy { (2...lines + 1).contains($0.line) }, "seed \(seed)")
    }
  }

  @Test func damagedDirectoriesNeverStopTheLoader() {
    let seed = UInt64.random(in: 0 ... .max)
    print("seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      var files = Sample.campus.mapValues { Array($0.utf8) }
      for file in CampusFile.allCases {
        guard var bytes = files[file] else { continue }
        for _ in 0..<Int.random(in: 0..<4, using: &generator) {
          let position = Int.random(in: 0..<bytes.count, using: &generator)
          bytes[position] = UInt8.random(in: 0...255, using: &generator)
        }
        files[file] = bytes
      }
      let (campus, faults) = Campus.load(files: files)
      #expect((campus == nil) == !faults.isEmpty, "seed \(seed)")
    }
  }
}
