import Foundation

/// Numbers as people read them.
enum NumberText {
  /// At most four decimals, none where there are none.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    let rounded = (value * 10_000).rounded() / 10_000
    if rounded == rounded.rounded(), abs(rounded) < 1e15 { return "\(Int64(rounded))" }
    return "\(rounded)"
  }
}
