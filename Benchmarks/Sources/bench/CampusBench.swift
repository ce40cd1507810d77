import ArgumentParser
import CLoad
import Foundation
import Glibc

struct CampusBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campus", abstract: "Loading a campus of 100,000 people and a million enrolments, and its reload.")
  static let title = "A large campus"

  @OptionGroup var options: Options
  @Option(help: "People.") var people = 100_000
  @Option(help: "Groups, each with a meeting.") var groups = 10_000
  @Option(help: "People in a group.") var members = 100
  @Option(help: "Frames a second during the reload.") var rate = 2_000

  private struct Gaps: Decodable {
    var commits: Int
    /// Milliseconds.
    var longest: Double
  }

  /// The campus version the fold goes by, and the newest.
  private struct Versions: Decodable {
    var folded, newest: Int64
  }

  private struct Figures {
    var check = Samples()
    var ready = Samples()
    var reload = Samples()
    var folded = Samples()
    var before = Samples()
    var during = Samples()
    var resident = Samples()
  }

  func run() throws {
    try options.measure { place in
      var figures = Figures()
      for run in 1...options.runs {
        try measure(in: place, into: &figures)
        print("campus, run \(run) of \(options.runs): \(rows(figures))")
      }
      return [
        Section(
          title: CampusBench.title,
          about: """
            \(Samples.text(Double(people), 0)) people, \(Samples.text(Double(groups * members), 0)) enrolments in \
            \(Samples.text(Double(groups), 0)) groups with a meeting each, 20,000 devices. `check` alone; the start \
            with a store that knows this campus; then, under \(Samples.text(Double(rate), 0)) frames a second and \
            once the fold has begun all the meetings, a SIGHUP with a changed campus: until it is in force, until the \
            fold goes by it, and the longest time between two commits, in the five seconds before and from the signal \
            until the fold has switched.
            """,
          header: ["", ""], rows: rows(figures), runs: options.runs)
      ]
    }
  }

  private func rows(_ figures: Figures) -> [[String]] {
    [
      ["`campus-gateway check`, s", figures.check.text(digits: 2)],
      ["start until `ready`, s", figures.ready.text(digits: 2)],
      ["reload until in force, s", figures.reload.text(digits: 2)],
      ["reload until the fold has switched, s", figures.folded.text(digits: 2)],
      ["longest between commits before, ms", figures.before.text(digits: 0)],
      ["longest between commits while reloading, ms", figures.during.text(digits: 0)],
      ["resident after the reload, MiB", figures.resident.text(digits: 0)],
    ]
  }

  private func measure(in place: Workplace, into figures: inout Figures) throws {
    let folder = try place.fresh()
    let broker = try Broker(in: folder)
    let campus = BenchCampus(devices: 20_000, rooms: groups, students: members, people: people)
    let gateway = try GatewayRun(place, campus: campus, port: broker.port, in: folder)
    try gateway.waitUntilSettled(limit: 600)
    try gateway.stop()
    figures.ready.add(try gateway.timedRestart(port: broker.port).ready)
    try gateway.waitUntilSettled(limit: 600)
    figures.check.add(try seconds { _ = try gateway.command("check") })

    let stream = 240
    let publisher = try Child(
      place.program("publish"),
      [
        "-p", "\(broker.port)", "-n", "\(rate * stream)", "-d", "20000", "-s", "\(rate)", "-c", campus.argument,
      ], in: folder)
    try gateway.child.wait("the load", limit: 60, every: 100_000) {
      try gateway.status().totals["received"] ?? 0 >= rate * 12
    }
    // All the meetings begin with the first frame. What is not written yet are a cycle's rows.
    try gateway.waitUntilFolded(allBut: Int64(rate * 8), limit: 150)
    try change(campus, in: folder)
    let signalled = load_unix_s()
    gateway.child.kill(SIGHUP)
    try gateway.child.wait("it was reloaded", limit: 120) { gateway.child.log.contains(" reloaded") }
    let reloaded = load_unix_s()
    try gateway.child.wait("the fold had switched", limit: 300, every: 50_000) {
      let versions: Versions = try place.run("store-look", ["versions", "\(folder)/data/gateway.sqlite"], in: folder)
      return versions.folded == versions.newest
    }
    let switched = load_unix_s()
    figures.reload.add(reloaded - signalled)
    figures.folded.add(switched - signalled)
    figures.resident.add(gateway.child.residentMebibytes)
    guard publisher.isRunning else { throw Failure("the load ended before the fold had switched: a smaller campus") }
    figures.before.add(try gaps(place, folder, from: signalled - 5, to: signalled))
    figures.during.add(try gaps(place, folder, from: signalled, to: switched))
    try publisher.finish()
    _ = try gateway.wait(forReceived: rate * stream)
    try gateway.stop()
    try broker.stop()
    try place.discard(folder)
  }

  /// One more enrolment, in the last group.
  private func change(_ campus: BenchCampus, in folder: String) throws {
    guard let file = FileHandle(forWritingAtPath: "\(folder)/campus/enrolments.csv") else {
      throw Failure("enrolments.csv cannot be opened")
    }
    try file.seekToEnd()
    try file.write(contentsOf: Data("group-\(groups - 1),student-\(people / 2)\n".utf8))
    try file.close()
  }

  private func gaps(_ place: Workplace, _ folder: String, from: Double, to: Double) throws -> Double {
    let gaps: Gaps = try place.run(
      "store-look", ["gaps", "\(folder)/data/gateway.sqlite", "\(Int(from * 1000))", "\(Int(to * 1000))"], in: folder)
    return gaps.longest
  }

  private func seconds(_ body: () throws -> Void) rethrows -> Double {
    let begin = load_monotonic_s()
    try body()
    return load_monotonic_s() - begin
  }
}
