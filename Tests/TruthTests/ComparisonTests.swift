import Foundation
import Testing

@testable import campus_truth

@Suite struct ComparisonTests {
  private static let good = """
    {"aggregate":"attendance","scope":"session","id":"m1","grain":"meeting",
     "window":{"start":1788741000000,"end":1788744000000},"revision":3,"final":true,
     "completeness":{"devices_expected":2,"devices_heard":1},
     "measures":{"expected":3,"present":1,"late":1,"absent":1,"unknown":0,"rate":0.666667}}
    """

  private func truth() throws -> [Aggregate] {
    let lesson = "m1,c1,g1,t1,room-1,2026-09-07T08:30:00+08:00,2026-09-07T09:20:00+08:00"
    let start = try at("2026-09-07T08:30:00+08:00")
    return try Sample.truth(
      sessions: [lesson], readings: [checkIn("01010101", start), checkIn("02020202", start + 900_000)]
    ).attendance().filter { $0.key.scope == "session" }
  }

  private func compare(_ printed: String...) throws -> [String] {
    let list = try Printed.aggregates(Data("[\(printed.joined(separator: ","))]".utf8), "test")
    return Comparison(expected: try truth(), printed: list, logTime: Sample.far).differences
  }

  @Test func whatIsTrueAgrees() throws {
    #expect(try compare(Self.good).isEmpty)
    let list = try Printed.aggregates(Data("[\(Self.good)]".utf8), "test")
    let comparison = Comparison(expected: try truth(), printed: list, logTime: Sample.far)
    #expect(comparison.agreed == ["attendance": 1] && comparison.finals == 1)
    #expect(comparison.text(limit: 5).contains("the aggregates are true"))
  }

  @Test(arguments: [
    ("\"present\":1", "\"present\":2"), ("\"late\":1", "\"late\":1.5"), ("\"absent\":1,", ""),
    ("0.666667", "0.6666"), ("0.666667", "null"), ("\"devices_heard\":1", "\"devices_heard\":2"),
    ("\"final\":true", "\"final\":false"), ("\"revision\":3", "\"revision\":0"),
  ])
  func whatIsWrongIsFound(old: String, new: String) throws {
    #expect(Self.good.contains(old))
    #expect(try compare(Self.good.replacing(old, with: new)).count == 1)
  }

  @Test func whatIsMissingTooMuchOrTwiceIsFound() throws {
    #expect(try compare().count == 1)
    #expect(try compare(Self.good, Self.good).count == 1)
    #expect(try compare(Self.good, Self.good.replacing("\"m1\"", with: "\"m2\"")).count == 1)
    // Another window is another key: one is missing, one too much.
    #expect(try compare(Self.good.replacing("1788744000000", with: "1788744000001")).count == 2)
  }

  @Test func ofOtherAggregatesARowOfZerosSaysNothing() throws {
    let zeros = Self.good.replacing("\"attendance\"", with: "\"passage\"")
      .replacing(/"measures":.*/, with: #""measures":{"late_returns":0,"people_late":0}}"#)
    #expect(try compare(Self.good, zeros).isEmpty)
    #expect(try compare(Self.good, zeros.replacing("\"late_returns\":0", with: "\"late_returns\":1")).count == 1)
    // What the truth program knows nothing about is not its business.
    #expect(try compare(Self.good, Self.good.replacing("\"attendance\"", with: "\"weather\"")).isEmpty)
  }

  @Test func whatIsNotByTheContractCannotBeCompared() {
    for bad in ["{}", "[{\"aggregate\":\"attendance\"}]", "not json"] {
      #expect(throws: Unreadable.self) { try Printed.aggregates(Data(bad.utf8), "test") }
    }
  }
}
