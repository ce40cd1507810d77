import Campus
import Foundation
import Testing

@testable import Aggregation

@Suite struct CalendarTests {
  private func time(_ text: String) throws -> Int64 { try ISO8601.milliseconds(text) }

  private func calendar(_ zone: String) throws -> CampusCalendar {
    CampusCalendar(try #require(TimeZone(identifier: zone)))
  }

  @Test func aDayLastsFromMidnightToMidnight() throws {
    let calendar = try calendar("Asia/Shanghai")
    let day = calendar.day(at: try time("2026-09-07T12:34:56+08:00"))
    let expected = Window(start: try time("2026-09-07T00:00:00+08:00"), end: try time("2026-09-08T00:00:00+08:00"))
    #expect(day.window == expected)
    #expect(calendar.day(at: day.window.start) === day)
    #expect(calendar.day(at: day.window.end - 1) === day)
    #expect(calendar.day(at: day.window.start - 1) !== day)
  }

  @Test func aDayInWhichClocksChangeHas23Or25Hours() throws {
    let calendar = try calendar("Europe/Berlin")
    let spring = calendar.day(at: try time("2026-03-29T12:00:00+02:00")).window
    let autumn = calendar.day(at: try time("2026-10-25T12:00:00+01:00")).window
    #expect(spring.end - spring.start == 23 * 3_600_000)
    #expect(autumn.end - autumn.start == 25 * 3_600_000)
    #expect(calendar.day(at: autumn.end - 1).window == autumn)
    #expect(calendar.day(at: autumn.start).window == autumn)
  }

  @Test func aDayThatBeginsAfterMidnightBeginsThen() throws {
    // Clocks in Beirut skip the first hour of 29 March 2026.
    let calendar = try calendar("Asia/Beirut")
    let day = calendar.day(at: try time("2026-03-29T12:00:00+03:00")).window
    #expect(day.start == (try time("2026-03-28T22:00:00Z")))
    #expect(day.end - day.start == 23 * 3_600_000)
  }

  @Test func aSundayBelongsToTheWeekOfTheMondayBefore() throws {
    let calendar = try calendar("Asia/Shanghai")
    let week = calendar.day(at: try time("2026-09-13T23:59:59+08:00")).week
    #expect(week == Window(start: try time("2026-09-07T00:00:00+08:00"), end: try time("2026-09-14T00:00:00+08:00")))
  }

  @Test func termsBeginInFebruaryAndAugust() throws {
    let calendar = try calendar("Asia/Shanghai")
    let autumn = Window(start: try time("2026-08-01T00:00:00+08:00"), end: try time("2027-02-01T00:00:00+08:00"))
    #expect(calendar.day(at: try time("2026-08-01T00:00:00+08:00")).term == autumn)
    #expect(calendar.day(at: try time("2027-01-31T23:00:00+08:00")).term == autumn)
    #expect(calendar.day(at: try time("2026-07-31T23:00:00+08:00")).term.end == autumn.start)
  }

  @Test func hoursBeginOnTheFullHourOfLocalClocks() throws {
    let hour = try calendar("Asia/Kathmandu").hour(at: try time("2026-09-07T12:34:00+05:45"))
    #expect(hour.start == (try time("2026-09-07T12:00:00+05:45")))
    let shanghai = try calendar("Asia/Shanghai").hour(at: try time("2026-09-07T12:59:59+08:00"))
    #expect(shanghai.start == (try time("2026-09-07T12:00:00+08:00")))
  }

  @Test func aNightLastsFromNoonToNoon() throws {
    let calendar = try calendar("Asia/Shanghai")
    for text in ["2026-09-07T12:00:00+08:00", "2026-09-08T11:59:59+08:00"] {
      let night = calendar.night(at: try time(text), curfewMinutes: 23 * 60)
      #expect(night.window.start == (try time("2026-09-07T12:00:00+08:00")))
      #expect(night.late.start == (try time("2026-09-07T23:00:00+08:00")))
      #expect(night.late.end == (try time("2026-09-08T05:00:00+08:00")))
    }
  }

  @Test func timesAreWrittenInUTC() throws {
    #expect(RFC3339.text(0) == "1970-01-01T00:00:00.000Z")
    #expect(RFC3339.text(try time("2024-02-29T23:59:59.123Z")) == "2024-02-29T23:59:59.123Z")
    #expect(RFC3339.text(-1) == "1969-12-31T23:59:59.999Z")
  }

  @Test func twoAngryVotesRaiseNoAlarm() {
    #expect(Wilson.lowerBound(2, of: 2) < 0.43)
    #expect(Wilson.lowerBound(20, of: 20) > 0.88)
    #expect(Wilson.lowerBound(0, of: 5) == 0)
  }
}
