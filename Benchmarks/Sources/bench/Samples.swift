import Foundation

/// The runs of one figure.
struct Samples {
  private(set) var values: [Double] = []

  mutating func add(_ value: Double) { values.append(value) }

  var median: Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// The least value that so large a share of all does not exceed; 1: the greatest.
  func quantile(_ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, max(0, Int((share * Double(sorted.count)).rounded(.up)) - 1))]
  }

  /// Run by run: what was measured in one turn of the wheel is compared with itself.
  static func / (left: Samples, right: Samples) -> Samples {
    Samples(values: zip(left.values, right.values).map { $0 / $1 })
  }

  init(values: [Double] = []) { self.values = values }

  /// `median (min–max)`.
  func text(digits: Int) -> String {
    let low = Samples.text(values.min() ?? .nan, digits)
    let high = Samples.text(values.max() ?? .nan, digits)
    return values.count < 2 ? Samples.text(median, digits) : "\(Samples.text(median, digits)) (\(low)–\(high))"
  }

  static func text(_ value: Double, _ digits: Int) -> String {
    let formatter = NumberFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.usesGroupingSeparator = true
    formatter.groupingSeparator = ","
    formatter.groupingSize = 3
    formatter.minimumIntegerDigits = 1
    formatter.minimumFractionDigits = digits
    formatter.maximumFractionDigits = digits
    return formatter.string(from: NSNumber(value: value)) ?? "\(value)"
  }
}
