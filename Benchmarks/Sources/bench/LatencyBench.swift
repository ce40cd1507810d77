import ArgumentParser

struct LatencyBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency", abstract: "Publish to commit at 5,000 and 20,000 frames a second, beside the disk alone.")
  static let title = "Latency from publish to commit"
  static let seconds = 15
  private static let rates = [5000, 20000]

  private struct Disk: Decodable {
    var p50, p99, max: Double
  }

  private struct Figures {
    var p50 = Samples()
    var p99 = Samples()
    var commits = Samples()
    var disk50 = Samples()
    var disk99 = Samples()
    var diskMost = Samples()
  }

  @OptionGroup var options: Options

  func run() throws {
    try options.measure { place in
      var all = LatencyBench.rates.map { _ in Figures() }
      for run in 1...options.runs {
        for (index, rate) in LatencyBench.rates.enumerated() {
          try measure(rate, in: place, into: &all[index])
          print(
            "latency, run \(run) of \(options.runs), \(rate)/s: p99 ≤ \(all[index].p99.values.last ?? 0) ms, disk alone \(all[index].disk99.values.last ?? 0) ms")
        }
      }
      return [
        Section(
          title: LatencyBench.title,
          about:
            "One-reading frames of 500 devices at an even rate for \(LatencyBench.seconds) seconds, from the time each was due (its `sent`) to its commit, by the upper bounds of the gateway's histogram. Beside it, in the same seconds, the disk alone: 32 KiB written and synced forty times a second. Milliseconds.",
          header: ["frames/s", "p50 ≤", "p99 ≤", "commits/s", "disk alone: p50", "p99", "max"],
          rows: zip(LatencyBench.rates, all).map { rate, figures in
            [
              Samples.text(Double(rate), 0), figures.p50.text(digits: 0), figures.p99.text(digits: 0),
              figures.commits.text(digits: 0), figures.disk50.text(digits: 2), figures.disk99.text(digits: 2),
              figures.diskMost.text(digits: 1),
            ]
          }, runs: options.runs)
      ]
    }
  }

  private func measure(_ rate: Int, in place: Workplace, into figures: inout Figures) throws {
    let folder = try place.fresh()
    let broker = try Broker(in: folder)
    let gateway = try GatewayRun(place, devices: 500, port: broker.port, in: folder)
    let frames = rate * LatencyBench.seconds
    let disk = try Child(
      place.program("sync-loop"), ["\(folder)/disk", "\(LatencyBench.seconds)", "32768", "25"], in: folder)
    _ = try BrokerBench.publish(
      place, broker, frames: frames, devices: 500, in: folder, more: ["-s", "\(rate)", "-w", "20000"])
    let status = try gateway.wait(forReceived: frames)
    let beside: Disk = try Workplace.decode(disk.finish())
    try gateway.stop()
    try broker.stop()
    try place.discard(folder)
    // Over the last bound: five seconds.
    figures.p50.add(Double(status.gateway?.publishToCommitP50Ms ?? 5000))
    figures.p99.add(Double(status.gateway?.publishToCommitP99Ms ?? 5000))
    figures.commits.add(Double(status.commits) / Double(LatencyBench.seconds))
    figures.disk50.add(beside.p50)
    figures.disk99.add(beside.p99)
    figures.diskMost.add(beside.max)
  }
}
