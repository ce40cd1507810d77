import ArgumentParser

struct SizeBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "size", abstract: "Bytes of store a one-reading frame, at 500 and 10,000 devices.")
  static let title = "Bytes of store a frame"
  static let frames = 1_000_000

  @OptionGroup var options: Options

  func run() throws {
    try options.measure { place in
      var rows: [[String]] = []
      for devices in [500, 10000] {
        let folder = try place.fresh()
        let broker = try Broker(in: folder)
        let gateway = try GatewayRun(place, devices: devices, port: broker.port, in: folder)
        let empty = gateway.bytes(["", "-wal"])
        _ = try BrokerBench.publish(place, broker, frames: SizeBench.frames, devices: devices, in: folder)
        _ = try gateway.wait(forReceived: SizeBench.frames)
        let running = gateway.bytes(["", "-wal"])
        try gateway.stop()
        let stopped = gateway.bytes(["", "-wal"])
        try broker.stop()
        try place.discard(folder)
        func each(_ bytes: Int) -> String { Samples.text(Double(bytes) / Double(SizeBench.frames), 1) }
        rows.append([Samples.text(Double(devices), 0), each(stopped), each(running), each(empty)])
        print("size: \(rows[rows.count - 1])")
      }
      return [
        Section(
          title: SizeBench.title,
          about:
            "\(Samples.text(Double(SizeBench.frames), 0)) frames of one reading: bytes of the store divided by the frames.",
          header: [
            "devices", "after a clean stop", "running, with the write-ahead log",
            "of which devices and keys, before any frame",
          ], rows: rows, runs: 1)
      ]
    }
  }
}
