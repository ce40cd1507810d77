import Foundation
import Logging

extension Configuration.Log {
  /// A logger to standard error, as text or as one JSON object a line.
  func logger() -> Logger {
    var logger = Logger(label: "campus-gateway") { label in
      LineHandler(label: label, isJSON: format == .json)
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
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  init(label: String, isJSON: Bool) {
    self.label = label
    self.isJSON = isJSON
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
    let time = TimeText.utc(unixNow())
    if isJSON {
      var line = ["time": time, "level": event.level.rawValue, "message": event.message.description]
      for (key, value) in all { line[key] = "\(value)" }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      do { Console.error(String(decoding: try encoder.encode(line), as: UTF8.self)) } catch { return }
    } else {
      let details = all.map { " \($0.key)=\($0.value)" }.joined()
      Console.error("\(time) \(event.level.rawValue) \(event.message)\(details)")
    }
  }
}
