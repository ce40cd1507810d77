import Foundation

/// Writes times as the campus's clocks show them, to the minute.
struct LocalTime {
  private let formatter: DateFormatter

  /// `zone`: IANA name; one that is unknown counts as UTC.
  init(zone: String) {
    formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: zone) ?? .gmt
    formatter.dateFormat = "yyyy-MM-dd HH:mm"
  }

  /// Takes Unix milliseconds.
  func text(_ milliseconds: Int64) -> String {
    formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
  }
}
