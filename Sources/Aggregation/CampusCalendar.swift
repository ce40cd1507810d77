import Foundation

/// A span of time: Unix milliseconds, `end` exclusive.
struct Window: Hashable, Sendable {
  var start: Int64
  var end: Int64
  func contains(_ time: Int64) -> Bool { start <= time && time < end }
}

/// One calendar day at the campus, and the windows it lies in.
final class LocalDay: Sendable {
  let window: Window
  let week: Window
  let month: Window
  let term: Window
  /// Breakfast, lunch and dinner.
  let meals: [Window]
  /// Local 12:00.
  let noon: Int64

  init(window: Window, week: Window, month: Window, term: Window, meals: [Window], noon: Int64) {
    self.window = window
    self.week = week
    self.month = month
    self.term = term
    self.meals = meals
    self.noon = noon
  }
}

/// A night at the campus: from noon to noon, with the time in it during which a return is late.
struct Night: Sendable {
  var window: Window
  var late: Window
}

/// Days, weeks, terms and meals by the campus time zone. Days have 23 to 25 hours where clocks change.
final class CampusCalendar {
  private let calendar: Calendar
  private let timeZone: TimeZone
  /// By the quarter of an hour: no time zone has changed its day or its offset elsewhere since 1972.
  private var days: [Int64: LocalDay] = [:]
  private var offsets: [Int64: Int64] = [:]

  private static let quarter: Int64 = 900_000
  /// Quarters kept: some 3 years.
  private static let limit = 100_000
  /// Minutes since local midnight at which meals begin and end.
  private static let mealMinutes = [(300, 600), (600, 900), (900, 1320)]
  /// Until when a return is late, minutes since local midnight.
  private static let lateEndMinutes = 300

  init(_ timeZone: TimeZone) {
    self.timeZone = timeZone
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = timeZone
    calendar.firstWeekday = 2
    calendar.minimumDaysInFirstWeek = 4
    self.calendar = calendar
  }

  func day(at time: Int64) -> LocalDay {
    let key = time.dividedDown(by: CampusCalendar.quarter)
    if let known = days[key], known.window.contains(time) { return known }
    if days.count > CampusCalendar.limit { days.removeAll(keepingCapacity: true) }
    let start = startOfDay(time)
    let first = days[start.dividedDown(by: CampusCalendar.quarter)]
    let day = first?.window.start == start ? first ?? makeDay(start) : makeDay(start)
    days[key] = day
    days[start.dividedDown(by: CampusCalendar.quarter)] = day
    return day
  }

  /// The local hour: it begins on the full hour of the campus's clocks.
  func hour(at time: Int64) -> Window {
    let key = time.dividedDown(by: CampusCalendar.quarter)
    let offset: Int64
    if let known = offsets[key] {
      offset = known
    } else {
      if offsets.count > CampusCalendar.limit { offsets.removeAll(keepingCapacity: true) }
      offset = Int64(timeZone.secondsFromGMT(for: date(key * CampusCalendar.quarter))) * 1_000
      offsets[key] = offset
    }
    let start = (time + offset).dividedDown(by: 3_600_000) * 3_600_000 - offset
    return Window(start: start, end: start + 3_600_000)
  }

  /// The night from noon to noon around `time`. `curfewMinutes`: since local midnight.
  func night(at time: Int64, curfewMinutes: Int) -> Night {
    let today = day(at: time)
    let evening = time < today.noon ? day(at: today.window.start - 1) : today
    let morning = day(at: evening.window.end)
    let curfew = curfewMinutes >= 720 ? local(curfewMinutes, of: evening) : local(curfewMinutes, of: morning)
    return Night(
      window: Window(start: evening.noon, end: morning.noon),
      late: Window(start: curfew, end: local(CampusCalendar.lateEndMinutes, of: morning)))
  }

  private func local(_ minutes: Int, of day: LocalDay) -> Int64 { local(minutes, ofDay: day.window.start) }

  private func makeDay(_ start: Int64) -> LocalDay {
    // An hour past midnight and more: safe from a day that begins late, or twice.
    let middle = date(start + 43_200_000)
    let parts = calendar.dateComponents([.year, .month], from: middle)
    let year = parts.year ?? 1970
    let month = parts.month ?? 1
    let term =
      switch month {
      case 1: Window(start: first(year - 1, 8), end: first(year, 2))
      case 2...7: Window(start: first(year, 2), end: first(year, 8))
      default: Window(start: first(year, 8), end: first(year + 1, 2))
      }
    let next = startOfDay(start + 93_600_000)
    return LocalDay(
      window: Window(start: start, end: next), week: week(middle),
      month: Window(start: first(year, month), end: month == 12 ? first(year + 1, 1) : first(year, month + 1)),
      term: term,
      meals: CampusCalendar.mealMinutes.map {
        Window(start: local($0.0, ofDay: start), end: local($0.1, ofDay: start))
      },
      noon: local(720, ofDay: start))
  }

  private func week(_ middle: Date) -> Window {
    // Sunday is 1; Monday is to be 0.
    let weekday = (calendar.component(.weekday, from: middle) + 5) % 7
    let monday = calendar.date(byAdding: .day, value: -weekday, to: middle) ?? middle
    let nextMonday = calendar.date(byAdding: .day, value: 7 - weekday, to: middle) ?? middle
    return Window(start: startOfDay(milliseconds(monday)), end: startOfDay(milliseconds(nextMonday)))
  }

  private func first(_ year: Int, _ month: Int) -> Int64 {
    let noon = DateComponents(year: year, month: month, day: 1, hour: 12)
    return startOfDay(milliseconds(calendar.date(from: noon) ?? Date(timeIntervalSince1970: 0)))
  }

  /// A local time of a day; where clocks skip it, the time they skip to.
  private func local(_ minutes: Int, ofDay start: Int64) -> Int64 {
    let found = calendar.date(
      bySettingHour: minutes / 60, minute: minutes % 60, second: 0, of: date(start + 43_200_000))
    return found.map(milliseconds) ?? start + Int64(minutes) * 60_000
  }

  private func startOfDay(_ time: Int64) -> Int64 { milliseconds(calendar.startOfDay(for: date(time))) }
  private func date(_ time: Int64) -> Date { Date(timeIntervalSince1970: Double(time) / 1_000) }
  private func milliseconds(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1_000).rounded()) }
}
