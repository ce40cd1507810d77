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

  private struct State {
    var series: [Key: MetricSeries] = [:]
    /// In the order of the page; nil: a series has come since.
    var texts: [SeriesText]?
  }

  private let state = Mutex(State())

  /// Series of one metric, at most: a label that grows without end must not take the memory with it.
  static let seriesLimit = 500

  func series(_ metric: Metric, _ dimensions: [(String, String)]) -> MetricSeries {
    let key = Key(metric: metric, labels: dimensions.flatMap { [$0.0, $0.1] })
    return state.withLock { state in
      if let series = state.series[key] { return series }
      let new = MetricSeries(metric.kind)
      let count = state.series.keys.count { $0.metric == metric }
      if count < MetricsBoard.seriesLimit {
        state.series[key] = new
        state.texts = nil
      }
      return new
    }
  }

  /// The page's text.
  func page() -> ContiguousArray<UInt8> {
    let texts = state.withLock { state -> [SeriesText] in
      let texts = state.texts ?? MetricsBoard.texts(state.series)
      state.texts = texts
      return texts
    }
    var page: ContiguousArray<UInt8> = []
    page.reserveCapacity(16 << 10)
    for text in texts { text.append(to: &page) }
    return page
  }

  /// The same to be read.
  func render() -> String { String(decoding: page(), as: UTF8.self) }

  private static func texts(_ series: [Key: MetricSeries]) -> [SeriesText] {
    var byMetric: [Metric: [(labels: [String], series: MetricSeries)]] = [:]
    for (key, series) in series { byMetric[key.metric, default: []].append((key.labels, series)) }
    var texts: [SeriesText] = []
    for metric in Metric.allCases {
      let ordered = (byMetric[metric] ?? []).sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
      for (index, one) in ordered.enumerated() {
        texts.append(SeriesText(metric, one.labels, one.series, isFirst: index == 0))
      }
    }
    return texts
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
