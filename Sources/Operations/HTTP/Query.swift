import Campus
import HTTPTypes

/// Percent-encoded text (RFC 3986, section 2.1).
enum PercentText {
  /// nil: not well encoded, not UTF-8, or with control characters in it.
  static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      } else {
        bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// Encodes everything but what RFC 3986 calls unreserved.
  static func encode(_ text: String) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      if isUnreserved(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static let hex = Array("0123456789ABCDEF".utf8)

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }
}

/// The parameters of a request. Takes the query as it came and the names the endpoint knows, gives values, refuses
/// unknown names with the nearest known one, repeated names, and values that are not what the name is for.
struct Query: Sendable {
  private var values: [String: String] = [:]

  init(_ text: String?, known: [String]) throws(Problem) {
    for part in (text ?? "").split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = PercentText.decode(pair[0], plusIsSpace: true),
        let value = PercentText.decode(pair.count > 1 ? pair[1] : "", plusIsSpace: true)
      else { throw Problem(.badRequest, "the query is not well encoded: write UTF-8, percent-encoded") }
      guard known.contains(name) else { throw Query.unknown(name, known) }
      guard values[name] == nil else { throw Problem(.badRequest, "\(name) stands twice: give it once") }
      values[name] = value
    }
  }

  private static func unknown(_ name: String, _ known: [String]) -> Problem {
    let hint: String
    if known.isEmpty {
      hint = "this path takes none"
    } else if let near = nearest(name, among: known) {
      hint = "did you mean \(near)?"
    } else {
      hint = "known here: \(known.joined(separator: ", "))"
    }
    return Problem(.badRequest, "unknown parameter “\(name)”: \(hint)")
  }

  /// nil: not given. Refuses an empty one.
  func text(_ name: String) throws(Problem) -> String? {
    guard let value = values[name] else { return nil }
    guard !value.isEmpty else { throw Problem(.badRequest, "\(name) is empty: leave it out, or give a value") }
    return value
  }

  func integer(_ name: String, in range: ClosedRange<Int64>) throws(Problem) -> Int64? {
    guard let value = values[name] else { return nil }
    guard let number = Int64(value), range.contains(number), value.utf8.first != UInt8(ascii: "+") else {
      throw Problem(
        .badRequest, "\(name): “\(value)” is no whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func boolean(_ name: String) throws(Problem) -> Bool? {
    switch values[name] {
    case nil: return nil
    case "true": return true
    case "false": return false
    case let value?: throw Problem(.badRequest, "\(name): “\(value)” is neither true nor false")
    }
  }

  func choice<Choice>(
    _ name: String, _ choices: [Choice], called text: (Choice) -> String
  ) throws(Problem) -> Choice? {
    guard let value = values[name] else { return nil }
    if let choice = choices.first(where: { text($0) == value }) { return choice }
    let known = choices.map(text)
    let hint = nearest(value, among: known).map { "did you mean \($0)?" } ?? "one of \(known.joined(separator: ", "))"
    throw Problem(.badRequest, "\(name): there is no “\(value)”: \(hint)")
  }

  /// A time: Unix milliseconds, or ISO 8601 with offset.
  func time(_ name: String) throws(Problem) -> Int64? {
    guard let value = values[name] else { return nil }
    if let number = Int64(value) {
      guard Query.times.contains(number) else {
        throw Problem(.badRequest, "\(name): \(value) is no time from 0 to \(Query.times.upperBound)")
      }
      return number
    }
    do {
      return try ISO8601.milliseconds(value)
    } catch {
      throw Problem(
        .badRequest,
        "\(name): “\(value)” is no time: write Unix milliseconds, or ISO 8601 with offset and + as %2B")
    }
  }

  /// To 9999-12-31T23:59:59.999Z.
  static let times: ClosedRange<Int64> = 0...253_402_300_799_999
}
