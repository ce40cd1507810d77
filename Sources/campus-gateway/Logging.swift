import Foundation
import Logging

extension Configuration.Log {
  /// A logger to standard error, as text or as one JSON object a line.
  func logger() -> Logger {
    let output = LogOutput(file: 2)
    var logger = Logger(label: "campus-gateway") { label in
      LineHandler(label: label, isJSON: format == .json, output: output)
    }
    logger.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
    return logger
  }
}

/// One line an event: time, level, message, then metadata. Warnings and errors that repeat are thinned out.
struct LineHandler: LogHandler {
  private static let filter = RepeatFilter()

  let label: String
  let isJSON: Bool
  let output: LogOutput
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  init(label: String, isJSON: Bool, output: LogOutput) {
    self.label = label
    self.isJSON = isJSON
    self.output = output
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    guard event.level >= .warning else { return write(event) }
    guard let heldBack = LineHandler.filter.pass(event.message.description, now: unixNow()) else { return }
    var event = event
    if heldBack > 0 { event.metadata = (event.metadata ?? [:]).merging(["left_out": "\(heldBack)"]) { $1 } }
    write(event)
  }

  private func write(_ event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    output.write(line(event.level, event.message.description, all.map { (name: $0.key, value: "\($0.value)") })) { lines in
      line(.warning, "\(lines) log line\(lines == 1 ? "" : "s") before this could not be written", [])
    }
  }

  private func line(_ level: Logger.Level, _ message: String, _ details: [(name: String, value: String)]) -> String {
    let time = TimeText.utc(unixNow())
    guard isJSON else {
      return "\(time) \(level.rawValue) \(message)\(details.map { " \($0.name)=\($0.value)" }.joined())"
    }
    var line = ["time": time, "level": level.rawValue, "message": message]
    for (name, value) in details { line[name] = value }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Strings alone: that cannot fail.
    do { return String(decoding: try encoder.encode(line), as: UTF8.self) } catch { return "{}" }
  }
}
