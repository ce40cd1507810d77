import CPlatform
import Campus

/// A day of the campus, in its time zone.
struct LocalDay: Equatable, Sendable {
  static let milliseconds: Int64 = 86_400_000
  static let weekMilliseconds: Int64 = 7 * milliseconds

  /// Days since 1 January 1970.
  var number: Int
  var zone: CampusZone

  init(number: Int, zone: CampusZone = .china) {
    self.number = number
    self.zone = zone
  }

  init(at time: Int64, zone: CampusZone = .china) {
    self.init(number: Int((time + zone.offset(at: time)) / Self.milliseconds), zone: zone)
  }

  init(_ text: String, zone: CampusZone = .china) throws {
    do {
      self.init(number: Int(try ISO8601.milliseconds(text + "T00:00:00Z") / Self.milliseconds), zone: zone)
    } catch {
      throw Failure.usage("\(text): not a day; write it as 2026-09-07")
    }
  }

  static func today(in zone: CampusZone) -> LocalDay { LocalDay(at: platform_unix_ns() / 1_000_000, zone: zone) }

  func adding(_ days: Int) -> LocalDay { LocalDay(number: number + days, zone: zone) }

  /// Midnight, milliseconds since 1970 UTC.
  var start: Int64 {
    let utc = Int64(number) * Self.milliseconds
    // The offset of UTC's midnight may be that of another side of a clock change.
    let near = utc - zone.offset(at: utc)
    return utc - zone.offset(at: near)
  }

  /// 0 is Monday.
  var weekday: Int { (number + 3) % 7 }

  var monday: LocalDay { adding(-weekday) }

  /// The instant at which clocks show so many minutes after midnight.
  func time(_ minutes: Double) -> Int64 {
    let start = start
    let elapsed = start + Int64(minutes * 60_000)
    return elapsed + zone.offset(at: start) - zone.offset(at: elapsed)
  }

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
  static func isoText(_ time: Int64, zone: CampusZone = .china) -> String {
    let offset = zone.offset(at: time)
    let day = LocalDay(at: time, zone: zone)
    let seconds = Int(time + offset - Int64(day.number) * milliseconds) / 1_000
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map(two).joined(separator: ":")
    let east = Int(abs(offset)) / 60_000
    return "\(day.text)T\(clock)\(offset < 0 ? "-" : "+")\(two(east / 60)):\(two(east % 60))"
  }
}
