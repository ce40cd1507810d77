import CPlatform
import Campus

/// A day of the campus, in China's one time zone.
struct LocalDay: Equatable, Sendable {
  static let offsetMilliseconds: Int64 = 8 * 3_600_000
  static let milliseconds: Int64 = 86_400_000
  static let weekMilliseconds: Int64 = 7 * milliseconds

  /// Days since 1 January 1970.
  var number: Int

  init(number: Int) { self.number = number }

  init(at time: Int64) {
    number = Int((time + Self.offsetMilliseconds) / Self.milliseconds)
  }

  init(_ text: String) throws {
    do {
      self.init(at: try ISO8601.milliseconds(text + "T00:00:00+08:00"))
    } catch {
      throw Failure.usage("\(text): not a day; write it as 2026-09-07")
    }
  }

  static var today: LocalDay { LocalDay(at: platform_unix_ns() / 1_000_000) }

  /// Midnight, milliseconds since 1970 UTC.
  var start: Int64 { Int64(number) * Self.milliseconds - Self.offsetMilliseconds }

  /// 0 is Monday.
  var weekday: Int { (number + 3) % 7 }

  var monday: LocalDay { LocalDay(number: number - weekday) }

  func time(_ minutes: Double) -> Int64 { start + Int64(minutes * 60_000) }

  /// `2026-09-07`.
  var text: String {
    let (year, month, day) = civil
    return "\(year)-\(Self.two(month))-\(Self.two(day))"
  }

  /// The proleptic Gregorian calendar, years counted from 1 March.
  private var civil: (Int, Int, Int) {
    let shifted = number + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// `2026-09-07T08:30:00+08:00`.
  static func isoText(_ time: Int64) -> String {
    let day = LocalDay(at: time)
    let seconds = Int(time - day.start) / 1_000
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(two).joined(separator: ":")
    return "\(day.text)T\(clock)+08:00"
  }
}
