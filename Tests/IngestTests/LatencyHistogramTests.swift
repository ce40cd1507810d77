import Testing

@testable import Ingest

@Suite struct LatencyHistogramTests {
  @Test func whatIsTooSlowToMeasureIsToldFromNothing() {
    var latency = LatencyHistogram()
    #expect(latency.quantile(0.99) == nil)
    for _ in 0..<9 { latency.add(7) }
    #expect(latency.quantile(0.99) == 7)
    latency.add(60_000)
    #expect(latency.quantile(0.5) == 7)
    #expect(latency.quantile(0.99) == LatencyHistogram.above)
  }
}
