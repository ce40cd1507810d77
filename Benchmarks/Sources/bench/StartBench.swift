import ArgumentParser
import CLoad
import Glibc

struct StartBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Seconds from exec to online on a store of 10 million readings, and on a term of data of a whole campus.")
  static let title = "Start on a full store"
  static let readings = 10_000_000
  static let devices = 1000
  static let termTitle = "Start on a term of data"
  private static let termReadings = 1_000_000
  private static let termCampus = BenchCampus(
    devices: devices, rooms: 25, students: 40, counters: 50, pastDays: 119)

  @OptionGroup var options: Options

  func run() throws {
    try options.measure { place in try [full(place), term(place)] }
  }

  /// Rows alone: nothing is known of the campus but its devices.
  private func full(_ place: Workplace) throws -> Section {
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
    return Section(
      title: StartBench.title,
      about: """
        From exec to the log line `online`: \(Samples.text(Double(frames * 64), 0)) readings of \(StartBench.devices) \
        devices in frames of 64, \(Samples.text(Double(bytes) / 1_048_576, 0)) MiB, still in the page cache. Seconds.
        """,
      header: ["", "seconds"],
      rows: [["after a clean stop", stopped.text(digits: 2)], ["after SIGKILL, once", Samples.text(killed, 2)]],
      runs: options.runs)
  }

  /// Times of several starts, seconds.
  private struct Starts {
    var ready = Samples()
    var online = Samples()
    /// Until every row is folded.
    var folded = Samples()

    func row(_ name: String) -> [String] {
      [name, ready.text(digits: 2), online.text(digits: 2), folded.text(digits: 1)]
    }
  }

  /// A term of readings at meetings, gates and counters, folded and half folded.
  private func term(_ place: Workplace) throws -> Section {
    let (campus, frames) = (StartBench.termCampus, StartBench.termReadings / 64)
    var (whole, half) = (Starts(), Starts())
    var left: [Int64] = []
    for run in 1...options.runs {
      let folder = try place.fresh()
      let broker = try Broker(in: folder)
      let gateway = try GatewayRun(place, campus: campus, port: broker.port, in: folder)
      _ = try BrokerBench.publish(
        place, broker, frames: frames, devices: StartBench.devices, in: folder,
        more: ["-r", "64", "-c", campus.argument, "-a", "\(campus.pastDays)"])
      // Rows come faster than they are folded: most are still to be folded now.
      left.append(try gateway.wait(forReceived: frames).lag.values.max() ?? 0)
      gateway.child.kill(SIGKILL)
      try start(gateway, broker, into: &half)
      try gateway.waitUntilSettled(limit: 600)
      try gateway.stop()
      try start(gateway, broker, into: &whole)
      guard try gateway.status().totals["stored"] == Int64(frames) else { throw Failure("frames are missing") }
      try gateway.stop()
      try broker.stop()
      try place.discard(folder)
      print("start, run \(run) of \(options.runs): \(whole.row("folded")), killed with \(left[run - 1]) rows to fold")
      print("  \(half.row("killed"))")
    }
    let sessions = campus.rooms * (campus.pastDays + 1)
    return Section(
      title: StartBench.termTitle,
      about: """
        \(Samples.text(Double(frames * 64), 0)) readings of \(StartBench.devices) devices over \(campus.pastDays + 1) \
        days with \(Samples.text(Double(sessions), 0)) meetings of \(campus.students) students: from exec to the log \
        lines `ready` and `online`, and until every row is folded. Killed: SIGKILL once all were stored, with \
        \(Samples.text(Double(left.min() ?? 0), 0)) rows still to fold or more. Seconds.
        """,
      header: ["", "ready", "online", "folded"],
      rows: [whole.row("stopped, all folded"), half.row("killed while folding")], runs: options.runs)
  }

  private func start(_ gateway: GatewayRun, _ broker: Broker, into starts: inout Starts) throws {
    let begin = load_monotonic_s()
    let start = try gateway.timedRestart(port: broker.port)
    starts.ready.add(start.ready)
    starts.online.add(start.online)
    try gateway.waitUntilFolded(limit: 600)
    starts.folded.add(load_monotonic_s() - begin)
  }
}
