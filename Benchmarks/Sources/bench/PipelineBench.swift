import ArgumentParser

struct PipelineBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline", abstract: "Rows a second without a broker, against SQLite alone.")
  static let title = "Pipeline without a broker"
  static let rows = 1_000_000
  static let rowsPerCommit = 2000
  /// Readings a frame and lanes; nil: SQLite alone.
  private static let loads: [(readings: Int, lanes: Int)?] = [nil, (1, 1), (1, 2), (20, 1), (20, 2)]

  @OptionGroup var options: Options

  func run() throws { try options.measure { try [PipelineBench.section($0, options)] } }

  static func section(_ place: Workplace, _ options: Options) throws -> Section {
    var rates = [Samples](repeating: Samples(), count: loads.count)
    var costs = [Samples](repeating: Samples(), count: loads.count)
    for run in 1...options.runs {
      for (index, load) in loads.enumerated() {
        let folder = try place.fresh()
        let measured: Measured =
          if let load {
            try place.run(
              "pipeline", [folder, "\(rows)", "\(load.readings)", "\(rowsPerCommit)", "\(load.lanes)"], in: folder)
          } else {
            try place.run("bare-insert", ["\(folder)/bare.sqlite", "\(rows)", "\(rowsPerCommit)"], in: folder)
          }
        rates[index].add(measured.perSecond)
        costs[index].add(measured.cpuMicroseconds)
        try place.discard(folder)
      }
      print("pipeline, run \(run) of \(options.runs): \(rates.map { Samples.text($0.values[run - 1], 0) }) rows/s")
    }
    let names = loads.map { load in
      load.map { "frames of \($0.readings) reading\($0.readings == 1 ? "" : "s"), \($0.lanes) lane\($0.lanes == 1 ? "" : "s")" }
        ?? "SQLite alone, five columns, one thread"
    }
    return Section(
      title: title,
      about:
        "COSE, MAC, decoding, admission, receipts and rows, \(Samples.text(Double(rows), 0)) rows in commits of \(Samples.text(Double(rowsPerCommit), 0)), each fsynced; against a C loop that inserts as many bare rows.",
      header: ["", "rows/s", "of SQLite alone", "CPU µs a row"],
      rows: names.indices.map { index in
        [
          names[index], rates[index].text(digits: 0), index == 0 ? "" : (rates[index] / rates[0]).text(digits: 2),
          costs[index].text(digits: 2),
        ]
      }, runs: options.runs)
  }
}
