import Foundation

/// Calendar days as the campus counts them.
struct CampusDay: Sendable {
  struct Day: Sendable, Equatable {
    /// `YYYY-MM-DD`
    var text: String
    /// Unix milliseconds; `end` exclusive.
    var start: Int64
    var end: Int64
  }

  private let calendar: Calendar

  /// `timeZone`: IANA name; one that is unknown counts as UTC.
  init(timeZone: String) {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
    self.calendar = calendar
  }

  func day(at time: Int64) -> Day { day(Date(timeIntervalSince1970: Double(time) / 1_000)) }

  /// Takes `YYYY-MM-DD`; nil: there is no such day.
  func day(_ text: String) -> Day? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
      text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let number = Int(parts[2]), (1_970...9_998).contains(year),
      let noon = calendar.date(from: DateComponents(year: year, month: month, day: number, hour: 12))
    else { return nil }
    let day = day(noon)
    // Of the 31st of April the calendar would make the 1st of May.
    return day.text == text ? day : nil
  }

  private func day(_ date: Date) -> Day {
    let start = calendar.startOfDay(for: date)
    let end = calendar.date(byAdding: .day, value: 1, to: start) ?? start.addingTimeInterval(86_400)
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    let text = [parts.year ?? 1970, parts.month ?? 1, parts.day ?? 1].enumerated().map { index, number in
      let digits = String(number)
      return String(repeating: "0", count: max(0, (index == 0 ? 4 : 2) - digits.count)) + digits
    }.joined(separator: "-")
    return Day(
      text: text, start: Int64((start.timeIntervalSince1970 * 1_000).rounded()),
      end: Int64((end.timeIntervalSince1970 * 1_000).rounded()))
  }
}
