import ArgumentParser
import CLoad
import Foundation

struct OutageBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outage", abstract: "The diagnosis core away at 2,000 frames a second: intake, growth, its return.")
  static let title = "The diagnosis core away"
  private static let sliceSeconds = 60
  private static let drainLimit = 900.0
  /// Revisions that leave in one request: so many wait at times while the core is present.
  private static let batch = 500

  @OptionGroup var options: Options
  @Option(help: "Seconds the core is away.") var seconds = 3_600
  @Option(help: "Frames a second.") var rate = 2_000
  @Option(help: "Seconds of each turn in which the core is present or away.") var turn = 30

  func validate() throws {
    guard seconds >= 10, (10...300).contains(turn), (100...20_000).contains(rate) else {
      throw ValidationError("--seconds is 10 or more, --turn 10 to 300, --rate 100 to 20,000")
    }
  }

  /// What intake did in some turns.
  private struct Figures {
    var rate = Samples()
    var lane = Samples()
    var process = Samples()
  }

  func run() throws {
    try options.measure { place in
      let folder = try place.fresh()
      let broker = try Broker(in: folder)
      let core = try CoreRun(place, in: folder)
      let gateway = try GatewayRun(
        place, campus: BenchCampus(devices: 10_000), port: broker.port, in: folder,
        settings: "diagnosis: {embedded: false, url: \"\(core.url)\"}")
      var stream = LoadStream(place, broker, gateway, rate: rate, in: folder)
      try core.start()
      try stream.run(seconds: 10)
      try gateway.waitUntilSettled()

      var (present, away) = (Figures(), Figures())
      for run in 1...options.runs {
        try measure(&stream, gateway, into: &present)
        try core.stop()
        try measure(&stream, gateway, into: &away)
        try core.start()
        try gateway.waitUntilSettled(limit: OutageBench.drainLimit)
        print("outage, turn \(run) of \(options.runs): \((away.lane / present.lane).text(digits: 3)) of the lane's CPU")
      }

      let empty = gateway.bytes(["", "-wal"])
      try core.stop()
      let growth = try goWithout(&stream, gateway)
      let grown = gateway.bytes(["", "-wal"]) - empty
      let returned = load_unix_s()
      try core.start()
      let drained = try drain(&stream, gateway, since: returned)
      let last = try gateway.waitUntilSettled(limit: OutageBench.drainLimit)
      try gateway.stop()
      try core.stop()
      let delivered: Delivered = try place.run(
        "store-look", ["delivered", "\(folder)/data/gateway.sqlite", core.store], in: folder)
      try broker.stop()
      guard last.outbox.allSatisfy({ $0.putAside == 0 }), delivered.missing == 0 else {
        throw Failure("not everything was delivered: \(delivered), \(last.outbox)")
      }
      return [section(present, away, growth, bytes: grown, drained: drained, delivered)]
    }
  }

  /// What the core knows of the latest revisions.
  private struct Delivered: Decodable {
    var revisions, finals, missing: Int
  }

  private func measure(_ stream: inout LoadStream, _ gateway: GatewayRun, into figures: inout Figures) throws {
    let before = try FoldBench.Spent(gateway.child)
    let (count, seconds) = try stream.run(seconds: turn)
    let after = try FoldBench.Spent(gateway.child)
    figures.rate.add(Double(count) / seconds)
    figures.lane.add((after.lane - before.lane) / Double(count) * 1e6)
    figures.process.add((after.all - before.all) / Double(count) * 1e6)
  }

  /// The load goes on without a core, and without a pause; gives what waits in the outbox after each slice.
  private func goWithout(_ stream: inout LoadStream, _ gateway: GatewayRun) throws -> [Int64] {
    var waiting: [Int64] = []
    var left = seconds
    var publisher = try stream.begin(seconds: min(left, OutageBench.sliceSeconds))
    while left > 0 {
      left -= min(left, OutageBench.sliceSeconds)
      var next: Child?
      if left > 0 {
        // Made while the one before is still under way.
        usleep(UInt32(max(0, stream.end - load_unix_s() - 10) * 1e6))
        next = try stream.begin(seconds: min(left, OutageBench.sliceSeconds), follows: true)
      }
      try publisher.finish()
      let status = try gateway.status()
      waiting.append(status.waiting)
      let lag = status.lag.values.max() ?? 0
      print("outage, \(seconds - left) s: \(status.waiting) revisions wait, \(lag) rows to fold, ", terminator: "")
      let bytes = gateway.bytes(["", "-wal"])
      print("\(bytes >> 20) MiB, \(Samples.text(gateway.child.residentMebibytes, 0)) MiB resident")
      if let next { publisher = next }
    }
    _ = try gateway.wait(forReceived: stream.frames)
    return waiting
  }

  /// The load goes on; gives the seconds after which less than one batch waits.
  private func drain(_ stream: inout LoadStream, _ gateway: GatewayRun, since returned: Double) throws -> Double {
    while load_unix_s() - returned < OutageBench.drainLimit {
      let publisher = try stream.begin(seconds: OutageBench.sliceSeconds)
      while publisher.isRunning {
        if try gateway.status().waiting < OutageBench.batch {
          let seconds = load_unix_s() - returned
          try stream.finish(publisher)
          return seconds
        }
        usleep(500_000)
      }
      try stream.finish(publisher)
    }
    let outbox = try gateway.status().outbox
    throw Failure("after \(OutageBench.drainLimit) seconds not everything was delivered: \(outbox)")
  }

  private func section(
    _ present: Figures, _ away: Figures, _ growth: [Int64], bytes: Int, drained: Double, _ delivered: Delivered
  ) -> Section {
    let frames = Samples.text(Double(rate), 0)
    func row(_ name: String, _ figures: Figures) -> [String] {
      [name, figures.rate.text(digits: 0), figures.lane.text(digits: 2), figures.process.text(digits: 2)]
    }
    return Section(
      title: OutageBench.title,
      about: """
        \(frames) one-reading frames a second of 10,000 devices at 500 open meetings and 500 counters, a core in a \
        process of its own that watches every aggregate. In turns of \(turn) seconds it is present and away: what \
        intake spends, µs a frame. Then it is away for \(Samples.text(Double(seconds), 0)) seconds: \
        \(Samples.text(Double(growth.max() ?? 0), 0)) revisions wait at most, the store grows by \(bytes >> 20) MiB \
        with its readings, and \(Samples.text(drained, 1)) seconds after its return, while the load goes on, less \
        than one batch of \(OutageBench.batch) waits. In the end it knows all \
        \(Samples.text(Double(delivered.revisions), 0)) latest revisions, \
        \(Samples.text(Double(delivered.finals), 0)) of them final.
        """,
      header: ["core", "frames/s", "CPU of the lane", "of the whole process"],
      rows: [
        row("present", present), row("away", away),
        [
          "away ÷ present", (away.rate / present.rate).text(digits: 3), (away.lane / present.lane).text(digits: 3),
          (away.process / present.process).text(digits: 3),
        ],
      ], runs: options.runs)
  }
}
