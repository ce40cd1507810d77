/// How long from the first transmission to the covering receipt: counts in steps of an eighth, from 1 ms to hours.
struct Latency: Sendable {
  private var counts = [Int](repeating: 0, count: 256)
  private(set) var total = 0

  mutating func add(_ milliseconds: Int64) {
    counts[Self.step(max(0, milliseconds))] += 1
    total += 1
  }

  mutating func add(_ other: Latency) {
    for index in counts.indices { counts[index] += other.counts[index] }
    total += other.total
  }

  /// The least number of milliseconds that `share` of all took no longer than; `nil` where nothing was counted.
  func quantile(_ share: Double) -> Int64? {
    guard total > 0 else { return nil }
    var left = Int((Double(total) * share).rounded(.up))
    for (index, count) in counts.enumerated() {
      left -= count
      if left <= 0 { return Self.upperBound(index) }
    }
    return nil
  }

  /// Below 16 each millisecond has its step, above each power of two has eight.
  private static func step(_ value: Int64) -> Int {
    guard value >= 16 else { return Int(value) }
    let power = 63 - value.leadingZeroBitCount
    let eighth = Int(value >> (power - 3)) & 7
    return min(255, 16 + (power - 4) * 8 + eighth)
  }

  private static func upperBound(_ step: Int) -> Int64 {
    guard step >= 16 else { return Int64(step) }
    let power = (step - 16) / 8 + 4
    return (Int64(8 + (step - 16) % 8 + 1) << (power - 3)) - 1
  }
}
