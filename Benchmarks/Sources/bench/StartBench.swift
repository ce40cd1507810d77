import ArgumentParser
import Glibc

struct StartBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start", abstract: "Seconds from exec to online on a store of 10 million readings.")
  static let title = "Start on a full store"
  static let readings = 10_000_000
  static let devices = 1000

  @OptionGroup var options: Options

  func run() throws {
    try options.measure { place in
      let folder = try place.fresh()
      let broker = try Broker(in: folder)
      let gateway = try GatewayRun(place, devices: StartBench.devices, port: broker.port, in: folder)
      let frames = StartBench.readings / 64
      _ = try BrokerBench.publish(
        place, broker, frames: frames, devices: StartBench.devices, in: folder, more: ["-r", "64"])
      _ = try gateway.wait(forReceived: frames)
      // Killed at once: rows in the write-ahead log, and a tail that is not indexed yet.
      gateway.child.kill(SIGKILL)
      let bytes = gateway.bytes([""])
      let killed = try gateway.restart(port: broker.port)
      var stopped = Samples()
      for _ in 1...options.runs {
        try gateway.stop()
        stopped.add(try gateway.restart(port: broker.port))
      }
      guard try gateway.status().totals["stored"] == Int64(frames) else { throw Failure("frames are missing") }
      try gateway.stop()
      try broker.stop()
      return [
        Section(
          title: StartBench.title,
          about:
            "From exec to the log line `online`: \(Samples.text(Double(frames * 64), 0)) readings of \(StartBench.devices) devices in frames of 64, \(Samples.text(Double(bytes) / 1_048_576, 0)) MiB, still in the page cache. Seconds.",
          header: ["", "seconds"],
          rows: [["after a clean stop", stopped.text(digits: 2)], ["after SIGKILL, once", Samples.text(killed, 2)]],
          runs: options.runs)
      ]
    }
  }
}
