import CoreMetrics
import Synchronization

/// Collects metrics and writes them in the text format of Prometheus, version 0.0.4. Takes only the metrics it has
/// descriptions of: of others nobody could tell what they say, and their labels might have no bounds.
final class MetricsBoard: MetricsFactory {
  private struct Key: Hashable {
    var metric: Metric
    /// Name and value in turn.
    var labels: [String]
  }

  private let known = Mutex<[Key: MetricSeries]>([:])

  /// Series of one metric, at most: a label that grows without end must not take the memory with it.
  static let seriesLimit = 500

  func series(_ metric: Metric, _ dimensions: [(String, String)]) -> MetricSeries {
    let key = Key(metric: metric, labels: dimensions.flatMap { [$0.0, $0.1] })
    return known.withLock { known in
      if let series = known[key] { return series }
      let new = MetricSeries(metric.kind)
      let count = known.keys.count { $0.metric == metric }
      if count < MetricsBoard.seriesLimit { known[key] = new }
      return new
    }
  }

  /// The page's text.
  func render() -> String {
    let all = known.withLock { $0 }
    var byMetric: [Metric: [(labels: [String], content: MetricSeries.Content)]] = [:]
    for (key, series) in all { byMetric[key.metric, default: []].append((key.labels, series.current)) }
    var text = ""
    for metric in Metric.allCases {
      guard let series = byMetric[metric] else { continue }
      text += "# HELP \(metric.rawValue) \(MetricsBoard.escaped(metric.help, quotes: false))\n"
      text += "# TYPE \(metric.rawValue) \(metric.kind.name)\n"
      for (labels, content) in series.sorted(by: { $0.labels.lexicographicallyPrecedes($1.labels) }) {
        MetricsBoard.append(metric, labels, content, to: &text)
      }
    }
    return text
  }

  private static func append(
    _ metric: Metric, _ labels: [String], _ content: MetricSeries.Content, to text: inout String
  ) {
    guard case .histogram(let bounds) = metric.kind else {
      text += "\(metric.rawValue)\(written(labels)) \(number(content.value))\n"
      return
    }
    var sum: Int64 = 0
    for (index, count) in content.counts.enumerated() {
      sum += count
      let bound = index < bounds.count ? number(bounds[index]) : "+Inf"
      text += "\(metric.rawValue)_bucket\(written(labels + ["le", bound])) \(sum)\n"
    }
    text += "\(metric.rawValue)_sum\(written(labels)) \(number(content.sum))\n"
    text += "\(metric.rawValue)_count\(written(labels)) \(sum)\n"
  }

  private static func written(_ labels: [String]) -> String {
    guard !labels.isEmpty else { return "" }
    let pairs = stride(from: 0, to: labels.count - 1, by: 2).map { index in
      "\(labels[index])=\"\(escaped(labels[index + 1], quotes: true))\""
    }
    return "{\(pairs.joined(separator: ","))}"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quotes: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func number(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
  }

  // MARK: swift-metrics

  private func handler(_ label: String, _ dimensions: [(String, String)]) -> MetricSeries? {
    Metric(rawValue: label).map { series($0, dimensions) }
  }

  func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    if let series = handler(label, dimensions) { return series }
    return NOOPMetricsHandler.instance
  }

  func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
    if let series = handler(label, dimensions) { return series }
    return NOOPMetricsHandler.instance
  }

  func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    if let series = handler(label, dimensions) { return series }
    return NOOPMetricsHandler.instance
  }

  func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
    if let series = handler(label, dimensions) { return series }
    return NOOPMetricsHandler.instance
  }

  func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    if let series = handler(label, dimensions) { return series }
    return NOOPMetricsHandler.instance
  }

  // Series stay: a counter that went and came again would look like a restart.
  func destroyCounter(_ handler: any CounterHandler) {}
  func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
  func destroyMeter(_ handler: any MeterHandler) {}
  func destroyRecorder(_ handler: any RecorderHandler) {}
  func destroyTimer(_ handler: any TimerHandler) {}
}
