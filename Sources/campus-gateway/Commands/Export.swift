import ArgumentParser
import Campus
import DeviceProtocol
import Foundation
import Operations
import ReadingLog

struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stored readings whose event time is in [from, to), in commit order, one a line.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case ndjson, csv }

  @OptionGroup var common: CommonOptions
  @Option(help: "First event time: ISO 8601 with offset, or Unix milliseconds.") var from: String?
  @Option(help: "Event time to stop before.") var to: String?
  @Option(help: "checkin, passage, response, status or incident.") var kind: String?
  @Option(help: "A device's name, or site/device.") var device: String?
  @Option(help: "ndjson or csv.") var format = Format.ndjson

  func run() throws {
    var filter = ReadingFilter()
    if let from { filter.from = try TimeText.milliseconds(from) }
    if let to { filter.to = try TimeText.milliseconds(to) }
    guard filter.from <= filter.to else { throw Refusal.usage("--to must not be earlier than --from") }
    if let kind {
      guard let known = ReadingKind(name: kind) else {
        throw Refusal.usage("there is no kind \(kind): \(ReadingKind.allCases.map(\.description).joined(separator: ", "))")
      }
      filter.kind = known
    }
    if let device {
      let parts = device.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      (filter.site, filter.device) = parts.count == 2 ? (parts[0], parts[1]) : (nil, device)
    }
    let store = try common.openStore()
    if let device {
      let isKnown = try store.devices().contains { known in
        known.device == filter.device && (filter.site == nil || known.site == filter.site)
      }
      if !isKnown { Console.error("note: the store knows no device \(device)") }
    }
    // Readings that run over the screen say themselves how far they are.
    let shows = !Terminal.isOutput
    var bar = ProgressBar(Wording("exporting", "正在导出"))
    if format == .csv { Console.print(CSV.line(ReadingLine.columns)) }
    var bytes: ContiguousArray<UInt8> = []
    try store.export(
      filter,
      progress: { row, last in if shows { bar.update(row, of: last) } }
    ) { readings in
      bytes.removeAll(keepingCapacity: true)
      for reading in readings {
        if format == .csv {
          bytes.append(contentsOf: ReadingLine.csv(reading).utf8)
        } else {
          ReadingLine.json(reading, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
      }
      bytes.withUnsafeBytes { Console.write($0, to: 1) }
    }
    bar.finish()
  }
}
