import DeviceProtocol

/// The lines of a series in the text format of Prometheus, version 0.0.4: all of each but its number, which alone
/// changes.
struct SeriesText: Sendable {
  private let series: MetricSeries
  /// Help and type, before the first series of a metric.
  private let preface: ContiguousArray<UInt8>
  /// One of a counter or a gauge; of a histogram its buckets, sum and count.
  private let heads: [ContiguousArray<UInt8>]
  private let isHistogram: Bool

  /// `labels`: name and value in turn.
  init(_ metric: Metric, _ labels: [String], _ series: MetricSeries, isFirst: Bool) {
    self.series = series
    let name = metric.rawValue
    let help = SeriesText.escaped(metric.help, quotes: false)
    preface = isFirst ? ContiguousArray("# HELP \(name) \(help)\n# TYPE \(name) \(metric.kind.name)\n".utf8) : []
    var heads: [String] = []
    if case .histogram(let bounds) = metric.kind {
      isHistogram = true
      for bound in bounds.map(SeriesText.number) + ["+Inf"] {
        heads.append("\(name)_bucket\(SeriesText.written(labels + ["le", bound]))")
      }
      heads += ["_sum", "_count"].map { "\(name)\($0)\(SeriesText.written(labels))" }
    } else {
      isHistogram = false
      heads = ["\(name)\(SeriesText.written(labels))"]
    }
    self.heads = heads.map { ContiguousArray(($0 + " ").utf8) }
  }

  func append(to page: inout ContiguousArray<UInt8>) {
    page.append(contentsOf: preface)
    let content = series.current
    guard isHistogram else {
      line(0, to: &page) { SeriesText.append(content.value, to: &$0) }
      return
    }
    var sum: Int64 = 0
    for (index, count) in content.counts.enumerated() {
      sum += count
      line(index, to: &page) { JSONText.append(sum, to: &$0) }
    }
    line(heads.count - 2, to: &page) { SeriesText.append(content.sum, to: &$0) }
    line(heads.count - 1, to: &page) { JSONText.append(sum, to: &$0) }
  }

  private func line(
    _ head: Int, to page: inout ContiguousArray<UInt8>, _ number: (inout ContiguousArray<UInt8>) -> Void
  ) {
    page.append(contentsOf: heads[head])
    number(&page)
    page.append(UInt8(ascii: "\n"))
  }

  private static func append(_ value: Double, to page: inout ContiguousArray<UInt8>) {
    if value == value.rounded(), abs(value) < 1e15 {
      JSONText.append(Int64(value), to: &page)
    } else {
      page.append(contentsOf: String(value).utf8)
    }
  }

  private static func number(_ value: Double) -> String {
    var text: ContiguousArray<UInt8> = []
    append(value, to: &text)
    return String(decoding: text, as: UTF8.self)
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
}
