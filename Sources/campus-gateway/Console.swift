import CPlatform
import Campus
import Foundation

/// Standard output and error of a command, unbuffered by the language, whole lines at a time.
enum Console {
  /// Whether the reader prefers Chinese.
  static let isChinese: Bool = {
    let environment = ProcessInfo.processInfo.environment
    let language = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    return language?.hasPrefix("zh") ?? false
  }()

  /// Where nobody reads any more, what follows is left out, and the command's verdict stays what it is.
  static func print(_ text: String) {
    var text = text + "\n"
    let problem = text.withUTF8 { send(UnsafeRawBufferPointer($0), to: 1) }
    if problem != 0, problem != EPIPE { exit(3) }
  }

  static func error(_ text: String) { write(text + "\n", to: 2) }

  static func write(_ text: String, to file: Int32) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0), to: file) }
  }

  /// For what may have no end: where nobody reads any more, the command ends.
  static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32) {
    let problem = send(bytes, to: file)
    // Where the errors go nobody can be told; how the command ends stays what it is.
    if problem != 0, file != 2 { exit(problem == EPIPE ? 0 : 3) }
  }

  /// Gives the system's error; 0: everything is written.
  private static func send(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Int32 {
    var rest = bytes
    while rest.count > 0 {
      let count = Glibc.write(file, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          _ = platform_wait(file, true, -1, 1_000_000_000)
          continue
        }
        return errno
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
    return 0
  }

  /// A JSON object or array, members in alphabetical order.
  static func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func printJSON(_ value: some Encodable) throws { print(try json(value)) }

  /// Columns as wide as their widest cell.
  static func printTable(_ head: [String], _ rows: [[String]]) {
    var widths = head.map(\.count)
    for row in rows { for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) } }
    for row in [head] + rows {
      let line = row.enumerated().map { index, cell in
        index == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[index] - cell.count)
      }
      print(line.joined(separator: "  "))
    }
  }
}

/// Times as people read and write them: the campus's zone is configuration, UTC is shown with its Z.
enum TimeText {
  /// Takes ISO 8601 with offset or Unix milliseconds, gives the latter.
  static func milliseconds(_ text: String) throws -> Int64 {
    if let milliseconds = Int64(text) { return milliseconds }
    do {
      return try ISO8601.milliseconds(text)
    } catch {
      throw Refusal.usage("\(text) is no time: write 2026-09-07T08:00:00+08:00, or Unix milliseconds")
    }
  }

  static func utc(_ milliseconds: Int64) -> String {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
    return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
  }

  static func ago(_ milliseconds: Int64?, now: Int64) -> String {
    guard let milliseconds else { return "-" }
    let seconds = max(0, now - milliseconds) / 1000
    switch seconds {
    case 0..<120: return "\(seconds) s ago"
    case 120..<7200: return "\(seconds / 60) min ago"
    case 7200..<172_800: return "\(seconds / 3600) h ago"
    default: return "\(seconds / 86400) days ago"
    }
  }
}
