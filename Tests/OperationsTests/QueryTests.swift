import Testing

@testable import Operations

@Suite struct QueryTests {
  @Test func valuesAreDecoded() throws {
    let query = try Query("q=a+b%20%E6%95%99&limit=7&all=true", known: ["q", "limit", "all"])
    #expect(try query.text("q") == "a b 教")
    #expect(try query.limit() == 7)
    #expect(try query.boolean("all") == true)
    #expect(try query.text("absent") == nil)
  }

  @Test func anUnknownNameIsToldWithTheNearestKnownOne() {
    do {
      _ = try Query("limi=7", known: ["limit", "cursor"])
      Issue.record("accepted")
    } catch {
      #expect(error.status.code == 400 && error.text.contains("did you mean limit?"))
    }
  }

  @Test(arguments: ["a=1&a=2", "a=%", "a=%4", "a=%ff", "a=%00", "b=%0a"])
  func whatIsNotWellWrittenIsRefused(text: String) {
    #expect(throws: Problem.self) { try Query(text, known: ["a", "b"]) }
  }

  @Test(arguments: ["0", "1001", "-1", "+5", "7.0", "", "99999999999999999999"])
  func aLimitIsAWholeNumberInItsRange(text: String) throws {
    let query = try Query("limit=\(PercentText.encode(text))", known: ["limit"])
    #expect(throws: Problem.self) { try query.limit() }
  }

  @Test func timesAreMillisecondsOrISO8601() throws {
    let query = try Query("from=1788742200000&to=2026-09-07T08:30:00%2B08:00", known: ["from", "to"])
    #expect(try query.time("from") == 1_788_742_200_000)
    #expect(try query.time("to") == 1_788_741_000_000)
  }
}
