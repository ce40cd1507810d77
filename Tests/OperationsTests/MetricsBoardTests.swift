import CoreMetrics
import Testing

@testable import Operations

@Suite struct MetricsBoardTests {
  @Test func countersAndGaugesAreWrittenWithHelpAndType() {
    let board = MetricsBoard()
    Counter(
      label: "campus_gateway_http_requests_total", dimensions: [("route", "/"), ("code", "200")], factory: board
    ).increment(by: 3)
    board.series(.brokerConnected, []).set(1.0)
    #expect(
      board.render() == """
        # HELP campus_gateway_broker_connected 1 while the broker grants the subscriptions.
        # TYPE campus_gateway_broker_connected gauge
        campus_gateway_broker_connected 1
        # HELP campus_gateway_http_requests_total Answers given over HTTP, by path and status, since the start.
        # TYPE campus_gateway_http_requests_total counter
        campus_gateway_http_requests_total{route="/",code="200"} 3

        """)
  }

  @Test func aHistogramIsCumulativeAndEndsWithInfinity() {
    let board = MetricsBoard()
    board.series(.batchMessages, []).replace(counts: [2, 1] + [Int64](repeating: 0, count: 10) + [4], sum: 50_004)
    let lines = board.render().split(separator: "\n").map(String.init)
    #expect(lines.contains("campus_gateway_batch_messages_bucket{le=\"1\"} 2"))
    #expect(lines.contains("campus_gateway_batch_messages_bucket{le=\"5000\"} 3"))
    #expect(lines.contains("campus_gateway_batch_messages_bucket{le=\"+Inf\"} 7"))
    #expect(lines.contains("campus_gateway_batch_messages_sum 50004"))
    #expect(lines.contains("campus_gateway_batch_messages_count 7"))
  }

  @Test func aTimerFillsTheBucketsOfItsHistogram() {
    let board = MetricsBoard()
    let timer = Timer(label: Metric.commit.rawValue, factory: board)
    timer.recordNanoseconds(900_000)
    timer.recordNanoseconds(30_000_000_000)
    let lines = board.render().split(separator: "\n").map(String.init)
    #expect(lines.contains("campus_gateway_commit_seconds_bucket{le=\"0.0005\"} 0"))
    #expect(lines.contains("campus_gateway_commit_seconds_bucket{le=\"0.001\"} 1"))
    #expect(lines.contains("campus_gateway_commit_seconds_bucket{le=\"5\"} 1"))
    #expect(lines.contains("campus_gateway_commit_seconds_bucket{le=\"+Inf\"} 2"))
  }

  @Test func labelsAreEscaped() {
    let board = MetricsBoard()
    board.series(.cursorLag, [("cursor", "a\"b\\c\nd")]).set(1.0)
    #expect(board.render().contains("{cursor=\"a\\\"b\\\\c\\nd\"} 1\n"))
  }

  @Test func whatNobodyDescribedIsNotShown() {
    let board = MetricsBoard()
    Counter(label: "somebodys_counter", factory: board).increment()
    #expect(board.render().isEmpty)
  }

  @Test func aLabelWithoutEndDoesNotTakeTheMemory() {
    let board = MetricsBoard()
    for number in 0..<(MetricsBoard.seriesLimit + 100) { board.series(.requests, [("route", "\(number)")]).set(1.0) }
    let count = board.render().split(separator: "\n").count { $0.hasPrefix("campus_gateway_http_requests_total{") }
    #expect(count == MetricsBoard.seriesLimit)
  }

  /// The rules of `promtool check metrics`.
  @Test(arguments: Metric.allCases)
  func namesFollowTheRules(metric: Metric) {
    let name = metric.rawValue
    #expect(!metric.help.isEmpty && metric.help.last == ".")
    #expect((metric.kind == .counter) == name.hasSuffix("_total"))
    for suffix in ["_count", "_sum", "_bucket", "_ms", "_kb", "_minutes"] { #expect(!name.hasSuffix(suffix)) }
    #expect(name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
  }
}
