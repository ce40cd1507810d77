import ArgumentParser

struct LatencyBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency", abstract: "Publish to commit at 5,000 and 20,000 frames a second, beside the disk alone.")
  static let title = "Latency from publish to commit"
  static let seconds = 20

  private struct Disk: Decodable {
    var p50, p99, max: Double
  }

  @OptionGroup var options: Options

  func run() throws {
    try options.measure { place in
      var rows: [[String]] = []
      for rate in [5000, 20000] {
        let folder = try place.fresh()
        let broker = try Broker(in: folder)
        let gateway = try GatewayRun(place, devices: 500, port: broker.port, in: folder)
        let frames = rate * LatencyBench.seconds
        let load = try BrokerBench.publish(
          place, broker, frames: frames, devices: 500, in: folder, more: ["-s", "\(rate)", "-w", "20000"])
        let status = try gateway.wait(forReceived: frames)
        try gateway.stop()
        try broker.stop()
        // What a commit at this rate writes: a page or a few, again and again.
        let disk: Disk = try place.run("sync-loop", ["\(folder)/disk", "10", "32768"], in: folder)
        try place.discard(folder)
        func bound(_ milliseconds: Int64?) -> String { milliseconds.map { "≤ \($0)" } ?? "> 5,000" }
        rows.append([
          Samples.text(load.perSecond, 0), bound(status.gateway?.publishToCommitP50Ms),
          bound(status.gateway?.publishToCommitP99Ms),
          Samples.text(Double(status.commits) / Double(LatencyBench.seconds), 0),
          Samples.text(disk.p50, 2), Samples.text(disk.p99, 2), Samples.text(disk.max, 1),
        ])
        print("latency at \(rate): \(rows[rows.count - 1])")
      }
      return [
        Section(
          title: LatencyBench.title,
          about:
            "One-reading frames of 500 devices at an even rate for \(LatencyBench.seconds) seconds, from the time each was due (its `sent`) to its commit, by the upper bounds of the gateway's histogram; then, in the same minute, the disk alone: write 32 KiB, fdatasync, for 10 seconds. Milliseconds.",
          header: [
            "frames/s", "p50", "p99", "commits/s", "disk alone: p50", "p99", "max",
          ], rows: rows, runs: 1)
      ]
    }
  }
}
