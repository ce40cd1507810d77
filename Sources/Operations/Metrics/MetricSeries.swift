import CoreMetrics
import Synchronization

/// One metric with one set of labels: a number, or a distribution over fixed buckets.
final class MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
  struct Content: Sendable {
    var value = 0.0
    /// Of a histogram: one more than there are bounds.
    var counts: [Int64] = []
    var sum = 0.0
  }

  private let bounds: [Double]
  private let content: Mutex<Content>

  init(_ kind: Metric.Kind) {
    if case .histogram(let bounds) = kind { self.bounds = bounds } else { bounds = [] }
    content = Mutex(Content(counts: [Int64](repeating: 0, count: bounds.isEmpty ? 0 : bounds.count + 1)))
  }

  var current: Content { content.withLock { $0 } }

  /// Takes a distribution that was counted elsewhere over the same bounds.
  func replace(counts: [Int64], sum: Double) {
    content.withLock {
      guard $0.counts.count == counts.count else { return }
      $0.counts = counts
      $0.sum = sum
    }
  }

  private func observe(_ value: Double) {
    guard !bounds.isEmpty else { return set(value) }
    let index = bounds.firstIndex { value <= $0 } ?? bounds.count
    content.withLock {
      $0.counts[index] += 1
      $0.sum += value
    }
  }

  func set(_ value: Double) { content.withLock { $0.value = value } }
  func set(_ value: Int64) { set(Double(value)) }
  func increment(by amount: Double) { content.withLock { $0.value += amount } }
  func increment(by amount: Int64) { increment(by: Double(amount)) }
  func decrement(by amount: Double) { increment(by: -amount) }
  func reset() { set(0.0) }
  func record(_ value: Double) { observe(value) }
  func record(_ value: Int64) { observe(Double(value)) }
  func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
