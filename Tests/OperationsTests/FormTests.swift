import Testing

@testable import Operations

@Suite struct FormTests {
  @Test func theFormThatIsWantedMostIsGiven() throws {
    #expect(try Form.wanted(nil, of: Form.lists) == .json)
    #expect(try Form.wanted("*/*", of: Form.lists) == .json)
    #expect(try Form.wanted("text/csv", of: Form.lists) == .table)
    #expect(try Form.wanted("text/*;q=0.5, application/x-ndjson", of: Form.lists) == .lines)
    #expect(try Form.wanted("text/csv;q=0, */*;q=0.1", of: Form.lists) == .json)
    #expect(try Form.wanted("anything", of: []) == .json)
    #expect(throws: Problem.self) { try Form.wanted("application/xml", of: Form.lists) }
    #expect(throws: Problem.self) { try Form.wanted("text/csv", of: [.json]) }
  }

  @Test func aCellIsNoFormula() {
    #expect(Form.harmless("=1+1") == "'=1+1")
    #expect(Form.harmless("-5") == "-5")
    #expect(Form.harmless("-2+3+cmd|' /C calc'!A0") == "'-2+3+cmd|' /C calc'!A0")
    #expect(Form.harmless("room") == "room")
  }
}
