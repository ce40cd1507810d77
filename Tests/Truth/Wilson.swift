import Foundation

/// The Wilson score interval of a share, its lower end: with 95 % confidence the true share is no lower.
enum Wilson {
  /// The 95 % quantile of the normal distribution: only one side can be wrong.
  static let z = 1.6448536269514722

  static func lowerBound(_ part: Int, of whole: Int) -> Double? {
    guard whole > 0 else { return nil }
    let n = Double(whole)
    let p = Double(part) / n
    let centre = p + z * z / (2 * n)
    let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, (centre - reach) / (1 + z * z / n))
  }
}
