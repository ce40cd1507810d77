import Foundation

/// Windows of local time, by Foundation's calendar. Instants are milliseconds since 1970 UTC.
struct LocalCalendar {
  struct Window: Hashable {
    var start: Int64
    var end: Int64
  }

  private let calendar: Calendar

  init(_ name: String) throws {
    guard let zone = TimeZone(identifier: name) else { throw Unreadable("\(name): no such time zone") }
    var calendar = Calendar(identifier: .gregorian)
    calendar.locale = Locale(identifier: "en_US_POSIX")
    calendar.timeZone = zone
    calendar.firstWeekday = 2
    calendar.minimumDaysInFirstWeek = 4
    self.calendar = calendar
  }

  private func date(_ time: Int64) -> Date { Date(timeIntervalSince1970: Double(time) / 1_000) }
  private func time(_ date: Date) -> Int64 { Int64((date.timeIntervalSince1970 * 1_000).rounded()) }

  /// The instant at which a day, counted from that of `time`, shows an hour and minute.
  func instant(_ hour: Int, _ minute: Int = 0, of time: Int64, addingDays days: Int = 0) -> Int64 {
    var parts = calendar.dateComponents([.year, .month, .day], from: date(time))
    parts.day = (parts.day ?? 0) + days
    parts.hour = hour
    parts.minute = minute
    guard let date = calendar.date(from: parts) else { preconditionFailure("no such day: \(parts)") }
    return self.time(date)
  }

  private func midnight(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let parts = DateComponents(year: year, month: month, day: day)
    guard let date = calendar.date(from: parts) else { preconditionFailure("no such day: \(parts)") }
    return time(date)
  }

  func day(_ time: Int64) -> Window {
    Window(start: instant(0, of: time), end: instant(0, of: time, addingDays: 1))
  }

  /// From Monday to Monday.
  func week(_ time: Int64) -> Window {
    // 1 is Sunday.
    let weekday = calendar.component(.weekday, from: date(time))
    let sinceMonday = (weekday + 5) % 7
    return Window(
      start: instant(0, of: time, addingDays: -sinceMonday), end: instant(0, of: time, addingDays: 7 - sinceMonday))
  }

  func month(_ time: Int64) -> Window {
    let (year, month) = yearAndMonth(time)
    return Window(start: midnight(year, month, 1), end: midnight(year, month + 1, 1))
  }

  /// February to July, August to January.
  func term(_ time: Int64) -> Window {
    let (year, month) = yearAndMonth(time)
    if month < 2 { return Window(start: midnight(year - 1, 8, 1), end: midnight(year, 2, 1)) }
    if month < 8 { return Window(start: midnight(year, 2, 1), end: midnight(year, 8, 1)) }
    return Window(start: midnight(year, 8, 1), end: midnight(year + 1, 2, 1))
  }

  /// Breakfast, lunch, dinner; `nil` at other times.
  func meal(_ time: Int64) -> Window? {
    for (from, to) in [(5, 10), (10, 15), (15, 22)] {
      let window = Window(start: instant(from, of: time), end: instant(to, of: time))
      if window.start <= time, time < window.end { return window }
    }
    return nil
  }

  /// From noon to noon.
  func night(_ time: Int64) -> Window {
    let noon = instant(12, of: time)
    if time < noon { return Window(start: instant(12, of: time, addingDays: -1), end: noon) }
    return Window(start: noon, end: instant(12, of: time, addingDays: 1))
  }

  /// Local clocks differ from UTC by whole quarters of an hour.
  func fiveMinutes(_ time: Int64) -> Window {
    let start = time / 300_000 * 300_000
    return Window(start: start, end: start + 300_000)
  }

  func hour(_ time: Int64) -> Window {
    let offset = Int64(calendar.timeZone.secondsFromGMT(for: date(time))) * 1_000
    let start = (time + offset) / 3_600_000 * 3_600_000 - offset
    return Window(start: start, end: start + 3_600_000)
  }

  private func yearAndMonth(_ time: Int64) -> (Int, Int) {
    let parts = calendar.dateComponents([.year, .month], from: date(time))
    return (parts.year ?? 0, parts.month ?? 0)
  }

  /// `2026-09-07T08:30:00+08:00`, seconds with a fraction or left out, `Z` for the offset.
  static func instant(_ text: String) throws -> Int64 {
    let bad = Unreadable("\(text): not a time")
    guard text.count > 11 else { throw bad }
    let day = text.prefix(10).split(separator: "-").compactMap { Int($0) }
    var clock = text.dropFirst(11)
    var offset = 0
    if clock.last == "Z" || clock.last == "z" {
      clock.removeLast()
    } else {
      guard let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) else { throw bad }
      let digits = clock[sign...].filter(\.isNumber)
      guard let hours = Int(digits.prefix(2)) else { throw bad }
      offset = (hours * 60 + (Int(digits.dropFirst(2)) ?? 0)) * (clock[sign] == "-" ? -1 : 1)
      clock = clock[..<sign]
    }
    let parts = clock.split(separator: ":")
    guard day.count == 3, parts.count >= 2, let hour = Int(parts[0]), let minute = Int(parts[1]) else { throw bad }
    guard let seconds = parts.count > 2 ? Double(parts[2].replacing(",", with: ".")) : 0 else { throw bad }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    guard let date = calendar.date(from: DateComponents(year: day[0], month: day[1], day: day[2])) else { throw bad }
    let minutes = hour * 60 + minute - offset
    return Int64(date.timeIntervalSince1970) * 1_000 + Int64(minutes) * 60_000 + Int64(seconds * 1_000 + 1e-6)
  }
}
