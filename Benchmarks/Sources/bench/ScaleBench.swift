import ArgumentParser

struct ScaleBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "CPU a frame at 100 and at 20,000 devices.")
  static let title = "CPU a frame by number of devices"

  @OptionGroup var options: Options

  /// Some twenty seconds: what each device costs every five seconds and every minute counts in its measure.
  private var count: Int { options.frames * 6 }

  func run() throws {
    try options.measure { place in
      var costs = [Samples(), Samples()]
      var rates = [Samples(), Samples()]
      for run in 1...options.runs {
        for (index, devices) in [100, 20000].enumerated() {
          let folder = try place.fresh()
          let broker = try Broker(in: folder)
          let (load, measured) = try BrokerBench.gateway(
            place, broker, count, devices: devices, warmUp: devices * 2, in: folder)
          try broker.stop()
          try place.discard(folder)
          costs[index].add(measured.cpuMicroseconds)
          rates[index].add(measured.count / (measured.ended - load.began))
        }
        print("scale, run \(run) of \(options.runs): \(costs.map { Samples.text($0.values[run - 1], 2) }) µs")
      }
      return [
        Section(
          title: ScaleBench.title,
          about:
            "\(Samples.text(Double(count), 0)) one-reading frames behind mosquitto, evenly from all devices, after two of each, once everything of those was delivered: a first frame makes its boot's row, once. CPU is the whole process's, fold, relay and diagnosis core included.",
          header: ["devices", "CPU µs a frame", "÷ 100 devices", "frames/s"],
          rows: [
            ["100", costs[0].text(digits: 1), "", rates[0].text(digits: 0)],
            ["20,000", costs[1].text(digits: 1), (costs[1] / costs[0]).text(digits: 2), rates[1].text(digits: 0)],
          ], runs: options.runs)
      ]
    }
  }
}
