import Campus
import Foundation

/// What a text in the configuration must be.
enum TextRule: Sendable, Equatable {
  case path, host, name, timeZone, timeOfDay, url, topicFilter

  func accepts(_ text: String) -> Bool {
    switch self {
    case .path: !text.utf8.contains(0)
    case .host:
      !text.isEmpty && !text.contains("/")
        && text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }
    case .name:
      !text.isEmpty && text.utf8.count <= 256
        && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    case .timeZone: Self.isTimeZone(text)
    case .timeOfDay: TimeOfDay.minutes(text) != nil
    case .url: Self.isWebAddress(text)
    case .topicFilter: Self.isTopicFilter(text)
    }
  }

  /// What may have been meant.
  func suggestion(for text: String) -> String? {
    self == .timeZone ? nearest(text, among: TimeZone.knownTimeZoneIdentifiers) : nil
  }

  /// Names of places, and those beneath Etc. Foundation also takes offsets and abbreviations (GMT+8, EST5, CST): they
  /// know no summer time, or more than one place goes by them.
  private static func isTimeZone(_ text: String) -> Bool {
    if TimeZone.knownTimeZoneIdentifiers.contains(text) || text == "UTC" { return true }
    guard TimeZone(identifier: text) != nil else { return false }
    if text.hasPrefix("Etc/") { return text != "Etc/Unknown" }
    return TimeZone.abbreviationDictionary[text] == nil
      && !text.contains { $0 == "+" || $0 == ":" || $0.isWhitespace || $0.isNumber }
  }

  private static func isWebAddress(_ text: String) -> Bool {
    guard let url = URL(string: text), let host = url.host, !host.isEmpty else { return false }
    return url.scheme == "http" || url.scheme == "https"
  }

  /// MQTT 5.0, 4.7.1: `+` fills a level, `#` fills the last.
  private static func isTopicFilter(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 65_535, !text.utf8.contains(0) else { return false }
    let levels = text.split(separator: "/", omittingEmptySubsequences: false)
    return levels.enumerated().allSatisfy { index, level in
      if level == "#" { return index == levels.count - 1 }
      return level == "+"
        || !level.utf8.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "#") }
    }
  }

  var english: String {
    switch self {
    case .path: "a path"
    case .host: "a host name or address (without scheme and port)"
    case .name: "a name of 1 to 256 bytes without spaces"
    case .timeZone: "a time zone such as Asia/Shanghai"
    case .timeOfDay: "a time of day from 00:00 to 23:59, in quotes, such as \"23:00\""
    case .url: "an address that starts with http:// or https://"
    case .topicFilter: "an MQTT topic filter (+ and # fill whole levels, # the last)"
    }
  }

  var chinese: String {
    switch self {
    case .path: "路径"
    case .host: "主机名或地址（不含协议与端口）"
    case .name: "1 至 256 字节且不含空格的名称"
    case .timeZone: "时区名，如 Asia/Shanghai"
    case .timeOfDay: "00:00 至 23:59 的时刻，须加引号，如 \"23:00\""
    case .url: "以 http:// 或 https:// 开头的地址"
    case .topicFilter: "MQTT 主题过滤器（+ 与 # 须独占一级，# 只能在最后）"
    }
  }
}
