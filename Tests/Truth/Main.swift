import ArgumentParser
import Foundation

/// Computes once more, slowly and plainly, what the gateway's aggregates must be, and lists every difference.
///
/// Shares no code with the gateway: what both of them rest on is the written contract alone. Exit codes: 0 they agree,
/// 1 they differ, 3 cannot run.
@main
struct CampusTruth: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "campus-truth",
    abstract: "Compare a gateway's aggregates with what a simulator's ledger and the campus directory say.")

  @Option(help: "A ledger of `campus-simulator run`; may be given several times.") var ledger: [String]
  @Option(help: "The campus directory.") var campus: String
  @Option(help: "Another, put in force once every meeting of the first was final.") var later: String?
  @Option(help: "What `campus-gateway aggregates --json` printed.") var aggregates: String
  @Option(help: "What `campus-gateway export` printed: which readings are stored, and at what corrected time.")
  var export: String?
  @Option(help: "The campus's time zone.") var timeZone = "Asia/Shanghai"
  @Option(help: "Minutes after the start from which a check-in is late.") var lateAfterMinutes: Int64 = 10
  @Option(help: "When dormitories close.") var curfew = "23:00"
  @Option(help: "The log's time, Unix milliseconds. Without it the latest in the export, else the clock's.")
  var logTime: Int64?
  @Option(help: "List so many differences at most.") var examples = 20

  func run() throws {
    do {
      let comparison = try compare()
      print(comparison.text(limit: examples))
      if !comparison.differences.isEmpty { throw ExitCode(1) }
    } catch let unreadable as Unreadable {
      FileHandle.standardError.write(Data("\(unreadable)\n".utf8))
      throw ExitCode(3)
    }
  }

  private func compare() throws -> Comparison {
    let campus = try PlainCampus(directory: self.campus)
    let calendar = try LocalCalendar(timeZone)
    var readings = try ledger.flatMap { try Ledger.readings(file: $0) }
    var latest = Int64(Date().timeIntervalSince1970 * 1_000)
    if let export {
      let stored = try Export.times(file: export)
      readings = try Export.apply(stored, to: readings)
      latest = stored.values.map(\.received).max() ?? latest
    }
    guard let rules = Rules(lateAfterMinutes: lateAfterMinutes, curfew: curfew) else {
      throw Unreadable("--curfew \(curfew): not a time of day; write it as 23:00")
    }
    let truth = Truth(
      campus: campus, later: try later.map { try PlainCampus(directory: $0) }, calendar: calendar, rules: rules,
      readings: readings, logTime: logTime ?? latest)
    return Comparison(
      expected: truth.aggregates(), printed: try Printed.aggregates(file: aggregates), logTime: logTime ?? latest)
  }
}

/// A file that is not what it should be.
struct Unreadable: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// The settings that decide what a reading means.
struct Rules {
  var lateAfter: Int64 = 10 * 60_000
  /// Minutes after midnight.
  var curfew = 23 * 60
  static let checkInBefore: Int64 = 15 * 60_000
  static let finalAfter: Int64 = 5 * 60_000

  init() {}

  init?(lateAfterMinutes: Int64, curfew: String) {
    let parts = curfew.split(separator: ":").compactMap { Int($0) }
    guard parts.count == 2, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]) else { return nil }
    lateAfter = lateAfterMinutes * 60_000
    self.curfew = parts[0] * 60 + parts[1]
  }
}
