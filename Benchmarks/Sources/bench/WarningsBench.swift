import ArgumentParser
import CLoad
import Foundation

struct WarningsBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "warnings", abstract: "From the publish of the frame that causes a warning until it is raised.")
  static let title = "Latency from publish to warning"
  private static let standard = "bench-low-vote"

  @OptionGroup var options: Options
  @Option(help: "Frames a second.") var rate = 2_000
  @Option(help: "Seconds of load.") var seconds = 60
  @Option(help: "Subjects that turn bad, one after the other.") var subjects = 400
  @Option(help: "Connections that publish.") var connections = 2

  private struct Warning: Decodable {
    var subject: String
    /// Unix milliseconds.
    var raisedAt: Int64
  }

  func validate() throws {
    guard (10...500).contains(subjects) else { throw ValidationError("--subjects is 10 to 500") }
    guard (1...8).contains(connections) else { throw ValidationError("--connections is 1 to 8") }
    guard (10...500).contains(seconds) else { throw ValidationError("--seconds is 10 to 500") }
  }

  func run() throws {
    try options.measure { place in
      var (busy, quiet) = (Samples(), Samples())
      for run in 1...options.runs {
        let latencies = try measure(in: place)
        for (counter, milliseconds) in latencies {
          if load_is_busy(UInt32(counter)) { busy.add(milliseconds) } else { quiet.add(milliseconds) }
        }
        print("warnings, run \(run) of \(options.runs): \(row("all", Samples(values: busy.values + quiet.values)))")
      }
      return [
        Section(
          title: WarningsBench.title,
          about: """
            \(Samples.text(Double(rate), 0)) one-reading frames a second of 10,000 devices over \(connections) \
            connections for \(seconds) seconds: check-ins at 500 open meetings, passages, states, votes at 500 \
            counters with their open windows of 5 minutes, meal, day, month and term. At \(subjects) counters, one \
            after the other, somebody votes low; a standard beside the shipped ones watches for that. From the time \
            the frame was due (its `sent`) until the embedded core raised the warning, milliseconds, all runs \
            together. Counters with many votes wait for the second between two running revisions.
            """,
          header: ["subjects", "warnings", "p50", "p99", "max"],
          rows: [
            row("all", Samples(values: busy.values + quiet.values)), row("with a vote every second", busy),
            row("with a vote every ten seconds", quiet),
          ], runs: options.runs)
      ]
    }
  }

  private func row(_ name: String, _ samples: Samples) -> [String] {
    func text(_ share: Double) -> String { Samples.text(samples.quantile(share), 0) }
    return [name, "\(samples.values.count)", text(0.5), text(0.99), text(1)]
  }

  /// Milliseconds until the warning about each counter.
  private func measure(in place: Workplace) throws -> [Int: Double] {
    let folder = try place.fresh()
    let broker = try Broker(in: folder)
    let campus = BenchCampus(devices: 10_000)
    let standards = try writeStandards(to: folder)
    let gateway = try GatewayRun(
      place, campus: campus, port: broker.port, in: folder, settings: "diagnosis: {standards: \"\(standards)\"}")
    _ = try BrokerBench.publish(
      place, broker, frames: 10_000, devices: 10_000, in: folder, more: ["-c", campus.argument])
    _ = try gateway.wait(forReceived: 10_000)
    try gateway.waitUntilSettled()
    let begin = load_unix_s() + 5 + Double(rate * seconds) * 4e-5
    let publishers = try (0..<connections).map { number in
      let (first, count) = share(number)
      return try Child(
        place.program("publish"),
        [
          "-p", "\(broker.port)", "-n", "\(rate * seconds / connections)", "-f", "\(first)", "-d", "\(count)",
          "-q", "2", "-s", "\(Double(rate) / Double(connections))", "-b", "\(begin)", "-c", campus.argument,
          "-l", "\(subjects)", "-o", "\(folder)/low-\(number)",
        ], in: folder, named: "publish-\(number)")
    }
    for publisher in publishers { try publisher.finish() }
    _ = try gateway.wait(forReceived: 10_000 + rate * seconds / connections * connections)
    let caused = try lowVotes(in: folder)
    var raised: [Int: Double] = [:]
    try gateway.child.wait("\(caused.count) warnings", limit: 30, every: 500_000) {
      raised = try warnings(of: gateway)
      return raised.count >= caused.count
    }
    try gateway.stop()
    try broker.stop()
    try place.discard(folder)
    var latencies: [Int: Double] = [:]
    for (counter, time) in caused { latencies[counter] = (raised[counter] ?? .infinity) - time }
    return latencies
  }

  /// A part of the devices for each connection, whole fours, so that each has all kinds.
  private func share(_ number: Int) -> (first: Int, count: Int) {
    let fours = 10_000 / 4
    let (first, end) = (fours * number / connections, fours * (number + 1) / connections)
    return (first * 4, (end - first) * 4)
  }

  private func writeStandards(to folder: String) throws -> String {
    let shipped = try String(contentsOfFile: "config/standards.yaml", encoding: .utf8)
    let path = "\(folder)/standards.yaml"
    let text = """
      \(shipped)
        \(WarningsBench.standard):
          name: 差评
          name_en: A low vote
          layer: place
          aggregate: satisfaction
          scope: place
          grain: day
          ids: ["counter-*"]
          measure: low_share
          direction: above
          levels: {notice: 0.000001}
          minimum_sample: 1
          judge: running
          responsible_unit: office

      """
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  /// When the first low vote at each counter was due, Unix milliseconds.
  private func lowVotes(in folder: String) throws -> [Int: Double] {
    var times: [Int: Double] = [:]
    for number in 0..<connections {
      for line in try String(contentsOfFile: "\(folder)/low-\(number)", encoding: .utf8).split(separator: "\n") {
        let parts = line.split(separator: " ")
        guard parts.count == 2, let counter = Int(parts[0]), let time = Double(parts[1]) else { continue }
        times[counter] = min(times[counter] ?? .infinity, time)
      }
    }
    return times
  }

  private func warnings(of gateway: GatewayRun) throws -> [Int: Double] {
    let text = try gateway.command(
      "warnings", "list", "--all", "--json", "--standard", WarningsBench.standard, "--limit", "100000")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var times: [Int: Double] = [:]
    for warning in try decoder.decode([Warning].self, from: Data(text.utf8)) {
      guard let counter = Int(warning.subject.dropFirst("counter-".count).prefix { $0 != "/" }) else { continue }
      times[counter] = Double(warning.raisedAt)
    }
    return times
  }
}
