import Foundation

/// The time zone a campus lives in.
struct CampusZone: Equatable, Sendable {
  /// China's one time zone, eight hours east of Greenwich all year.
  static let china = CampusZone()
  private static let chinaOffset: Int64 = 8 * 3_600_000

  private let zone: TimeZone?

  private init() { zone = nil }

  /// Takes a name of the IANA list, such as `Europe/Berlin`.
  init(_ name: String) throws {
    zone = name == "Asia/Shanghai" ? nil : TimeZone(identifier: name)
    guard zone != nil || name == "Asia/Shanghai" else {
      throw Failure.usage("\(name): not a time zone; write it as Asia/Shanghai")
    }
  }

  /// What local clocks show more than UTC at an instant, milliseconds.
  func offset(at time: Int64) -> Int64 {
    guard let zone else { return Self.chinaOffset }
    return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time) / 1_000))) * 1_000
  }
}
