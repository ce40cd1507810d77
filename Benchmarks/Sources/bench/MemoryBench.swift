import ArgumentParser

struct MemoryBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "memory", abstract: "Resident memory after 1, 2 and 3 million frames from 10,000 devices.")
  static let title = "Resident memory"
  static let devices = 10000
  static let frames = 1_000_000

  @OptionGroup var options: Options

  func run() throws {
    try options.measure { place in
      let folder = try place.fresh()
      let broker = try Broker(in: folder)
      let gateway = try GatewayRun(place, devices: MemoryBench.devices, port: broker.port, in: folder)
      var row = [mebibytes(try gateway.status())]
      for million in 1...3 {
        let first = (million - 1) * MemoryBench.frames / MemoryBench.devices + 1
        _ = try BrokerBench.publish(
          place, broker, frames: MemoryBench.frames, devices: MemoryBench.devices, in: folder, more: ["-q", "\(first)"])
        row.append(mebibytes(try gateway.wait(forReceived: million * MemoryBench.frames)))
        print("memory: \(row)")
      }
      try gateway.stop()
      try broker.stop()
      return [
        Section(
          title: MemoryBench.title,
          about: "Of the running gateway with 10,000 devices, one-reading frames as fast as they come. MiB.",
          header: ["", "before", "1 million frames", "2 million", "3 million"], rows: [["resident"] + row], runs: 1)
      ]
    }
  }

  private func mebibytes(_ status: GatewayRun.Status) -> String {
    Samples.text(Double(status.gateway?.residentKib ?? 0) / 1024, 0)
  }
}
