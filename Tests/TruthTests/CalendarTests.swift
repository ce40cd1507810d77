import Testing

@testable import campus_truth

@Suite struct CalendarTests {
  @Test(arguments: [
    ("2026-09-07T08:30:00+08:00", 1_788_741_000_000), ("2026-09-07T00:30Z", 1_788_741_000_000),
    ("2026-09-07T00:30:00.25Z", 1_788_741_000_250), ("2026-09-06T20:00:00-0430", 1_788_741_000_000),
    ("1970-01-01 00:00+00", 0), ("1969-12-31T23:59:59Z", -1_000),
  ])
  func timesAreReadWithTheirOffset(text: String, time: Int64) throws {
    #expect(try LocalCalendar.instant(text) == time)
  }

  @Test(arguments: ["", "2026-09-07", "2026-09-07T08:30:00", "2026-09-07Tmorning+08:00"])
  func whatIsNoTimeIsRefused(text: String) { #expect(throws: Unreadable.self) { try LocalCalendar.instant(text) } }

  @Test func aDayOfSpringHasTwentyThreeHours() throws {
    let berlin = try LocalCalendar("Europe/Berlin")
    let day = berlin.day(try at("2026-03-29T12:00:00+02:00"))
    #expect(try day == window("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"))
    // The last instant of the day before, and the day's first.
    #expect(try berlin.day(at("2026-03-28T23:59:59+01:00")).end == day.start)
    #expect(berlin.day(day.start) == day)
  }

  @Test func weeksBeginOnMonday() throws {
    let shanghai = try LocalCalendar("Asia/Shanghai")
    let week = try window("2026-12-28T00:00:00+08:00", "2027-01-04T00:00:00+08:00")
    #expect(shanghai.week(week.start) == week)
    #expect(shanghai.week(week.end - 1) == week)
    #expect(shanghai.week(week.end).start == week.end)
  }

  @Test func termsChangeInFebruaryAndAugust() throws {
    let shanghai = try LocalCalendar("Asia/Shanghai")
    let spring = try window("2026-02-01T00:00:00+08:00", "2026-08-01T00:00:00+08:00")
    #expect(shanghai.term(spring.start) == spring)
    #expect(shanghai.term(spring.end - 1) == spring)
    #expect(try shanghai.term(spring.start - 1).start == at("2025-08-01T00:00:00+08:00"))
    #expect(try shanghai.month(at("2026-12-31T23:59:59+08:00")).end == at("2027-01-01T00:00:00+08:00"))
  }

  @Test func hoursAreLocal() throws {
    let kolkata = try LocalCalendar("Asia/Kolkata")
    #expect(
      try kolkata.hour(at("2026-09-07T08:59:00+05:30"))
        == window("2026-09-07T08:00:00+05:30", "2026-09-07T09:00:00+05:30"))
    let berlin = try LocalCalendar("Europe/Berlin")
    // Two o'clock comes twice: two windows.
    #expect(try berlin.hour(at("2026-10-25T02:30:00+02:00")).end == at("2026-10-25T02:00:00+01:00"))
  }

  @Test func aNightIsFromNoonToNoon() throws {
    let berlin = try LocalCalendar("Europe/Berlin")
    let night = try window("2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00")
    #expect(berlin.night(night.start) == night)
    #expect(berlin.night(night.end - 1) == night)
    #expect(berlin.night(night.start - 1).end == night.start)
  }
}
