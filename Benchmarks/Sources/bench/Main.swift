import ArgumentParser
import Foundation

/// Starts the programs of this package and writes what they measured into RESULTS.md.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scripts/bench", abstract: "Measures the gateway beside what it could at best reach.",
    subcommands: [
      Throughput.self, PipelineBench.self, BrokerBench.self, LatencyBench.self, ScaleBench.self, SizeBench.self,
      MemoryBench.self, StartBench.self, FoldBench.self, WarningsBench.self, OutageBench.self, CampusBench.self,
    ], defaultSubcommand: Throughput.self)
}

struct Options: ParsableArguments {
  @Option(help: "Times each is measured, in turn.") var runs = 5
  @Option(help: "Messages of a run behind the broker.") var frames = 300_000
  @Option(help: ArgumentHelp("Where the programs are.", visibility: .hidden)) var programs: String
  @Option(help: ArgumentHelp("Where stores and logs may stand.", visibility: .hidden)) var folder: String
  @Option(help: ArgumentHelp("The table's file.", visibility: .hidden)) var results: String

  func validate() throws {
    guard (1...99).contains(runs) else { throw ValidationError("--runs is 1 to 99") }
    guard (1000...10_000_000).contains(frames) else { throw ValidationError("--frames is 1,000 to 10,000,000") }
  }

  /// Runs `body` with a folder of its own; whatever happens, no process and no file of it stays.
  func measure(_ body: (Workplace) throws -> [Section]) throws {
    let place = try Workplace(programs: programs, under: folder)
    defer { place.leave() }
    let sections = try body(place)
    try Results(results).replace(sections)
    for section in sections { print("\n\(section.markdown)") }
  }
}

struct Throughput: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "throughput", abstract: "pipeline and broker (the default).")
  @OptionGroup var options: Options

  func run() throws {
    try options.measure { try [PipelineBench.section($0, options), BrokerBench.section($0, options)] }
  }
}
