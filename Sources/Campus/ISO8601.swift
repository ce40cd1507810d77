/// Reads ISO 8601 times with a mandatory offset, such as `2026-09-07T08:30:00+08:00`; gives milliseconds
/// since 1970 UTC; refuses local times, because a timetable must not depend on the machine's time zone.
///
/// Seconds may be left out, and may have a fraction, of which milliseconds are kept. The offset is `Z`, `+08:00`,
/// `+0800` or `+08`.
public enum ISO8601 {
  public enum Fault: Error, Sendable, Equatable {
    /// Not of the form `YYYY-MM-DDThh:mm[:ss]` and an offset.
    case malformed
    /// A date and time, but no offset from UTC.
    case noOffset
    /// Well formed, but there is no such day or time.
    case outOfRange
  }

  public static func milliseconds(_ text: String) throws(Fault) -> Int64 {
    var digits = Digits(text)
    let year = try digits.number(4)
    try digits.expect("-")
    let month = try digits.number(2)
    try digits.expect("-")
    let day = try digits.number(2)
    guard digits.skip("T") || digits.skip("t") || digits.skip(" ") else { throw .malformed }
    let hour = try digits.number(2)
    try digits.expect(":")
    let minute = try digits.number(2)
    var second = 0
    var milliseconds = 0
    if digits.skip(":") {
      second = try digits.number(2)
      if digits.skip(".") || digits.skip(",") { milliseconds = try digits.fraction() }
    }
    if digits.isAtEnd { throw .noOffset }
    let offset = try digits.offset()
    guard digits.isAtEnd else { throw .malformed }
    guard (1...12).contains(month), (1...daysInMonth(year, month)).contains(day),
      hour < 24, minute < 60, second < 60
    else { throw .outOfRange }
    let days = daysSince1970(year, month, day)
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset * 60
    return Int64(seconds) * 1_000 + Int64(milliseconds)
  }

  private static func daysInMonth(_ year: Int, _ month: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Counts from 1 March, so that the leap day is a year's last; a 400-year era has 146,097 days.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // One era up, so that the years before March of year 0 do not divide towards zero.
    let year = (month <= 2 ? year - 1 : year) + 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear
    return days - 146_097 - 719_468
  }
}

extension ISO8601 {
  private struct Digits {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(Fault) {
      guard skip(character) else { throw .malformed }
    }

    private mutating func digit() -> Int? {
      guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
        return nil
      }
      rest.removeFirst()
      return Int(byte - UInt8(ascii: "0"))
    }

    mutating func number(_ count: Int) throws(Fault) -> Int {
      var value = 0
      for _ in 0..<count {
        guard let digit = digit() else { throw .malformed }
        value = value * 10 + digit
      }
      return value
    }

    /// Milliseconds of a fraction of a second; finer digits are dropped.
    mutating func fraction() throws(Fault) -> Int {
      guard var value = digit() else { throw .malformed }
      var count = 1
      while let digit = digit() {
        if count < 3 { value = value * 10 + digit }
        count += 1
      }
      while count < 3 {
        value *= 10
        count += 1
      }
      return value
    }

    /// Minutes east of UTC.
    mutating func offset() throws(Fault) -> Int {
      if skip("Z") || skip("z") { return 0 }
      let sign = skip("-") ? -1 : 1
      if sign == 1 { try expect("+") }
      let hours = try number(2)
      var minutes = 0
      if skip(":") {
        minutes = try number(2)
      } else if !isAtEnd {
        minutes = try number(2)
      }
      guard hours < 24, minutes < 60 else { throw .outOfRange }
      return sign * (hours * 60 + minutes)
    }
  }
}
