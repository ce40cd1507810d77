import ArgumentParser
import Glibc

struct FoldBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fold", abstract: "CPU of the fold a reading against that of the lane, and the memory it takes.")
  static let title = "Cost of the fold"
  static let lane = "lane"
  static let fold = "aggregation"

  @OptionGroup var options: Options
  @Option(help: "Devices.") var devices = 10_000
  @Option(help: "Meetings that are open.") var meetings = 2_000
  @Option(help: "Students in a meeting.") var students = 20

  func validate() throws {
    guard devices >= 4 * meetings / 2 else {
      throw ValidationError("half of the devices are terminals: at least two for each meeting")
    }
  }

  private struct Figures {
    var rate = Samples()
    var lane = Samples()
    /// Of the fold until the last row was folded, and until the last revision was written.
    var folded = Samples()
    var written = Samples()
    /// Everything else: relay, diagnosis core, checkpoints.
    var others = Samples()
    var idle = Samples()
    var resident = Samples()
  }

  func run() throws {
    try options.measure { place in
      var (full, bare) = (Figures(), Figures())
      for run in 1...options.runs {
        try measure(true, in: place, into: &full)
        try measure(false, in: place, into: &bare)
        print("fold, run \(run) of \(options.runs): \(line(full, run)); without a timetable \(line(bare, run))")
      }
      let frames = Samples.text(Double(count), 0)
      return [
        Section(
          title: FoldBench.title,
          about: """
            \(frames) one-reading frames of \(Samples.text(Double(devices), 0)) devices as fast as they come, after \
            two of each: half are check-ins at \(Samples.text(Double(meetings), 0)) open meetings of \(students) \
            students, a quarter passages, the others votes at 500 counters and states. CPU by thread, µs a reading: \
            the fold until every row was folded, and until every revision was written besides. Against it the same \
            devices in one room without people and timetable: device health alone is folded there. Memory before and \
            after, MiB.
            """,
          header: [
            "", "frames/s", "lane", "fold", "fold, all written", "÷ lane", "relay, core and others", "resident before",
            "after",
          ], rows: [row("campus", full), row("without a timetable", bare)], runs: options.runs)
      ]
    }
  }

  /// Some forty seconds: in a shorter run most of what is written is the first revision of everything.
  private var count: Int { options.frames * 10 }

  private func line(_ figures: Figures, _ run: Int) -> String {
    let ratio = (figures.written / figures.lane).values[run - 1]
    return "fold ÷ lane \(Samples.text(ratio, 2)), \(Samples.text(figures.resident.values[run - 1], 0)) MiB"
  }

  private func row(_ name: String, _ figures: Figures) -> [String] {
    [
      name, figures.rate.text(digits: 0), figures.lane.text(digits: 2), figures.folded.text(digits: 2),
      figures.written.text(digits: 2), (figures.written / figures.lane).text(digits: 2),
      figures.others.text(digits: 2), figures.idle.text(digits: 0), figures.resident.text(digits: 0),
    ]
  }

  private func measure(_ hasCampus: Bool, in place: Workplace, into figures: inout Figures) throws {
    let folder = try place.fresh()
    let broker = try Broker(in: folder)
    let campus = BenchCampus(devices: devices, rooms: meetings, students: students)
    let gateway =
      try hasCampus
      ? GatewayRun(place, campus: campus, port: broker.port, in: folder)
      : GatewayRun(place, devices: devices, port: broker.port, in: folder)
    // The same frames either way.
    let more = ["-c", campus.argument]
    _ = try BrokerBench.publish(place, broker, frames: devices * 2, devices: devices, in: folder, more: more)
    _ = try gateway.wait(forReceived: devices * 2)
    try settle(gateway)
    figures.idle.add(gateway.child.residentMebibytes)

    let before = try Spent(gateway.child)
    let load = try BrokerBench.publish(
      place, broker, frames: count, devices: devices, in: folder, more: more + ["-q", "3"])
    let status = try gateway.wait(forReceived: devices * 2 + count)
    let ended = Double(status.gateway?.lastCommit ?? 0) / 1000
    try gateway.waitUntilFolded()
    let folded = try Spent(gateway.child)
    try settle(gateway)
    let written = try Spent(gateway.child)
    let each = 1e6 / Double(count)
    figures.rate.add(Double(count) / (ended - load.began))
    figures.lane.add((written.lane - before.lane) * each)
    figures.folded.add((folded.fold - before.fold) * each)
    figures.written.add((written.fold - before.fold) * each)
    figures.others.add((written.all - before.all - written.lane + before.lane - written.fold + before.fold) * each)
    figures.resident.add(gateway.child.residentMebibytes)
    try gateway.stop()
    try broker.stop()
    try place.discard(folder)
  }

  /// Waits until everything is folded, written and delivered, and the fold's thread rests.
  private func settle(_ gateway: GatewayRun) throws {
    var isResting = false
    while !isResting {
      try gateway.waitUntilSettled(limit: 300)
      let before = try Spent(gateway.child).fold
      // Revisions that waited for their interval are written a second after the last row.
      sleep(3)
      isResting = try Spent(gateway.child).fold - before < 0.05
    }
  }

  /// CPU seconds of a gateway so far.
  struct Spent {
    var lane, fold, all: Double

    init(_ child: Child) throws {
      let threads = child.threads
      guard let lane = threads[FoldBench.lane], let fold = threads[FoldBench.fold] else {
        throw Failure("no thread of the names \(FoldBench.lane) and \(FoldBench.fold): \(threads.keys.sorted())")
      }
      self.lane = lane
      self.fold = fold
      all = child.cpu
    }
  }
}
