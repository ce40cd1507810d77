import Testing

@testable import Campus

@Suite struct ISO8601Tests {
  @Test(
    arguments: [
      ("1970-01-01T00:00:00Z", 0),
      ("2026-09-07T08:30:00+08:00", 1_788_741_000_000),
      ("2026-09-07 08:30+0800", 1_788_741_000_000),
      ("2026-09-07t00:30:00z", 1_788_741_000_000),
      ("2026-09-06T14:30:00-10", 1_788_741_000_000),
      ("2026-09-07T08:30:00.1239+08:00", 1_788_741_000_123),
      ("2026-09-07T08:30:00,5+08:00", 1_788_741_000_500),
      ("2000-02-29T23:59:59Z", 951_868_799_000),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
      ("1969-12-31T23:59:59.999Z", -1),
      ("0000-01-01T00:00:00Z", -62_167_219_200_000),
    ] as [(String, Int64)])
  func timesWithAnOffsetAreMillisecondsUTC(text: String, milliseconds: Int64) throws {
    #expect(try ISO8601.milliseconds(text) == milliseconds)
  }

  @Test(arguments: ["2026-09-07T08:30:00", "2026-09-07T08:30", "2026-09-07T08:30:00.5"])
  func aLocalTimeIsRefused(text: String) {
    #expect(throws: ISO8601.Fault.noOffset) { try ISO8601.milliseconds(text) }
  }

  @Test(arguments: [
    "2026-02-29T00:00Z", "2100-02-29T00:00Z", "2026-13-01T00:00Z", "2026-00-01T00:00Z",
    "2026-04-31T00:00Z", "2026-09-07T24:00Z", "2026-09-07T08:60Z", "2026-09-07T08:30:60Z",
    "2026-09-07T08:30+24:00",
  ])
  func aDayOrTimeThatDoesNotExistIsRefused(text: String) {
    #expect(throws: ISO8601.Fault.outOfRange) { try ISO8601.milliseconds(text) }
  }

  @Test(arguments: [
    "", "2026", "2026-09-07", "2026-9-7T08:30Z", "2026-09-07T08:30:00+08:00x", "２０２６-09-07T08:30Z",
    "2026-09-07T08:30:00.Z", "2026-09-07T08:30:00 +08:00", "07/09/2026 08:30", "+026-09-07T08:30Z",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(throws: ISO8601.Fault.malformed) { try ISO8601.milliseconds(text) }
  }
}
