import Foundation
import Glibc

/// One part of RESULTS.md.
struct Section {
  var title: String
  /// What was measured, in a sentence or two.
  var about: String
  var header: [String]
  var rows: [[String]]
  var runs: Int

  var markdown: String {
    var lines = ["## \(title)", "", about, "", Conditions.line(runs: runs), ""]
    lines.append("| \(header.joined(separator: " | ")) |")
    lines.append("|\(header.indices.map { $0 == 0 ? "---" : "---:" }.joined(separator: "|"))|")
    lines += rows.map { "| \($0.joined(separator: " | ")) |" }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// RESULTS.md: a section a benchmark, in a fixed order; one that is measured again replaces the old.
struct Results {
  static let order = [
    PipelineBench.title, BrokerBench.title, LatencyBench.title, ScaleBench.title, SizeBench.title, MemoryBench.title,
    StartBench.title, StartBench.termTitle, FoldBench.title, WarningsBench.title, OutageBench.title, CampusBench.title,
  ]
  static let head = """
    # Results

    Written by `scripts/bench`; [README.md](README.md) says what each figure is and how it is measured. Medians, with
    the least and the largest run in brackets. Absolute figures belong to one machine and move with whatever else it
    does; what was measured in turn in one run can be compared.

    """

  private let path: String

  init(_ path: String) { self.path = path }

  func replace(_ new: [Section]) throws {
    var parts: [String: String] = [:]
    let old = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    for part in old.components(separatedBy: "\n## ").dropFirst() {
      guard let title = part.split(separator: "\n").first else { continue }
      parts[String(title)] = "## \(part.trimmingCharacters(in: .newlines))\n"
    }
    for section in new { parts[section.title] = section.markdown }
    let text = ([Results.head] + Results.order.compactMap { parts[$0] }).joined(separator: "\n")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}

/// Under what conditions a section was measured.
enum Conditions {
  static func line(runs: Int) -> String {
    var parts = ["\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores (\(processor))", kernel, broker, sqlite]
    parts.append("\(runs) run\(runs == 1 ? "" : "s")")
    parts.append(date)
    return "<sub>\(parts.joined(separator: " · "))</sub>"
  }

  private static var processor: String {
    let line = text(of: "/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
  }

  private static var kernel: String {
    // The version's numbers; what follows names a build.
    "Linux \(text(of: "/proc/sys/kernel/osrelease").prefix { $0.isNumber || $0 == "." })"
  }

  private static func text(of path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }

  private static func firstLine(_ program: String, _ arguments: [String]) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { return "" }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
  }

  private static var broker: String { firstLine("mosquitto", ["-h"]).replacingOccurrences(of: "version ", with: "") }
  private static var sqlite: String { "SQLite \(firstLine("pkg-config", ["--modversion", "sqlite3"]))" }

  private static var date: String {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withFullDate]
    return formatter.string(from: Date())
  }
}
