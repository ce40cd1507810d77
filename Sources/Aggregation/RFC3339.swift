/// Times as RFC 3339 writes them, in UTC with milliseconds.
enum RFC3339 {
  /// Takes Unix milliseconds.
  static func text(_ milliseconds: Int64) -> String {
    let days = milliseconds.dividedDown(by: 86_400_000)
    let rest = milliseconds - days * 86_400_000
    let (year, month, day) = date(days)
    return """
      \(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(rest / 3_600_000, 2)):\(pad(rest / 60_000 % 60, 2)):\
      \(pad(rest / 1_000 % 60, 2)).\(pad(rest % 1_000, 3))Z
      """
  }

  /// The civil date of a day since 1970: counts from 1 March, so that the leap day is a year's last.
  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.dividedDown(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func pad(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return text.count < width ? String(repeating: "0", count: width - text.count) + text : text
  }
}

extension Int64 {
  /// The quotient rounded towards minus infinity.
  func dividedDown(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
