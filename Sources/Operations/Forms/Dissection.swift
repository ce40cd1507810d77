import DeviceProtocol
import Foundation
import ReadingLog

/// What a message says, value by value, as far as it can be decoded: for people who look for the fault in it. Takes
/// any bytes; understands CBOR (RFC 8949) with a COSE_Mac0 around it, and JSON.
struct Dissection: Sendable {
  struct Value: Sendable, Equatable {
    /// Such as `payload[5][0][1]`.
    var path: String
    var text: String

    var json: JSON { .object([("path", JSON.text(path)), ("value", JSON.text(text))]) }
  }

  /// Where decoding ended, and why.
  struct Break: Sendable, Equatable {
    var text: String
    var offset: Int

    var json: JSON { .object([("text", JSON.text(text)), ("offset", JSON(count: offset))]) }
  }

  private(set) var values: [Value] = []
  /// nil: everything was decoded.
  private(set) var brokeAt: Break?

  static let valueLimit = 1_000
  static let depthLimit = 16

  static func of(_ bytes: [UInt8], isJSON: Bool) -> Dissection {
    var dissection = Dissection()
    if isJSON { dissection.readJSON(bytes) } else { dissection.readMessage(bytes) }
    return dissection
  }

  private mutating func add(_ path: String, _ text: String) {
    guard values.count < Dissection.valueLimit else { return }
    values.append(Value(path: path, text: text))
  }

  // MARK: CBOR

  private static let messageParts = ["protected", "unprotected", "payload", "tag"]

  /// The four parts of a COSE_Mac0, and within its payload the frame.
  private mutating func readMessage(_ bytes: [UInt8]) {
    var reader = CBORWalk(bytes, from: 0, to: bytes.count)
    do throws(Break) {
      var head = try reader.head()
      if head.major == 6 { head = try reader.head() }
      guard head.major == 4, head.argument == 4 else {
        throw Break(text: "not an array of four, as a COSE_Mac0 is", offset: 0)
      }
      for part in Dissection.messageParts {
        if part == "payload" {
          let head = try reader.head()
          guard head.major == 2 else { throw Break(text: "the payload is no byte string", offset: reader.position) }
          let content = try reader.skip(head.argument)
          try readFrame(bytes, content)
        } else {
          try read(&reader, part, depth: 0)
        }
      }
      if reader.position < bytes.count { throw Break(text: "bytes follow the message", offset: reader.position) }
    } catch {
      brokeAt = error
    }
  }

  private mutating func readFrame(_ bytes: [UInt8], _ range: Range<Int>) throws(Break) {
    var reader = CBORWalk(bytes, from: range.lowerBound, to: range.upperBound)
    try read(&reader, "payload", depth: 0)
    if reader.position < range.upperBound { throw Break(text: "bytes follow the frame", offset: reader.position) }
  }

  private mutating func read(_ reader: inout CBORWalk, _ path: String, depth: Int) throws(Break) {
    guard depth <= Dissection.depthLimit else { throw Break(text: "nested too deeply", offset: reader.position) }
    let head = try reader.head()
    switch head.major {
    case 0: add(path, "\(head.argument)")
    case 1: add(path, head.argument < UInt64(Int64.max) ? "\(-1 - Int64(head.argument))" : "-1-\(head.argument)")
    case 2:
      let range = try reader.skip(head.argument)
      add(path, "h'\(Hex.string(reader.bytes[range]))'")
    case 3:
      let range = try reader.skip(head.argument)
      guard let text = String(validating: reader.bytes[range], as: UTF8.self) else {
        throw Break(text: "a text that is not UTF-8", offset: range.lowerBound)
      }
      add(path, "\"\(text)\"")
    case 4:
      // Every item takes a byte at least: a count that cannot be there ends with the message.
      for index in 0..<Int(clamping: head.argument) { try read(&reader, "\(path)[\(index)]", depth: depth + 1) }
    case 5:
      for index in 0..<Int(clamping: head.argument) {
        try read(&reader, "\(path){\(index)}.key", depth: depth + 1)
        try read(&reader, "\(path){\(index)}.value", depth: depth + 1)
      }
    case 6: try read(&reader, "\(path)#\(head.argument)", depth: depth + 1)
    default:
      let names: [UInt64: String] = [20: "false", 21: "true", 22: "null", 23: "undefined"]
      add(path, names[head.argument] ?? "simple(\(head.argument))")
    }
  }

  // MARK: JSON

  private mutating func readJSON(_ bytes: [UInt8]) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      brokeAt = Break(text: "not UTF-8", offset: 0)
      return
    }
    do {
      let value = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
      readJSON(value, "payload")
    } catch {
      let offset = (error as NSError).userInfo["NSJSONSerializationErrorIndex"] as? Int
      brokeAt = Break(text: "not JSON: \(error.localizedDescription)", offset: offset ?? 0)
    }
  }

  private mutating func readJSON(_ value: Any, _ path: String) {
    switch value {
    case let object as [String: Any]:
      for (name, member) in object.sorted(by: { $0.key < $1.key }) { readJSON(member, "\(path).\(name)") }
    case let array as [Any]:
      for (index, element) in array.enumerated() { readJSON(element, "\(path)[\(index)]") }
    case let text as String: add(path, "\"\(text)\"")
    default: add(path, "\(value)")
    }
  }
}

extension Dissection.Break: Error {}

/// Reads CBOR's heads one after the other.
struct CBORWalk {
  let bytes: [UInt8]
  private(set) var position: Int
  private let end: Int

  init(_ bytes: [UInt8], from start: Int, to end: Int) {
    self.bytes = bytes
    position = start
    self.end = end
  }

  /// The initial byte and its argument (RFC 8949, section 3).
  mutating func head() throws(Dissection.Break) -> (major: UInt8, argument: UInt64) {
    let start = position
    guard position < end else { throw Dissection.Break(text: "the message ends too early", offset: start) }
    let initial = bytes[position]
    position += 1
    let low = initial & 31
    if low < 24 { return (initial >> 5, UInt64(low)) }
    guard low <= 27 else {
      throw Dissection.Break(text: low == 31 ? "an indefinite length" : "a reserved initial byte", offset: start)
    }
    let width = 1 << Int(low - 24)
    guard end - position >= width else { throw Dissection.Break(text: "the message ends too early", offset: start) }
    var value: UInt64 = 0
    for index in 0..<width { value = value << 8 | UInt64(bytes[position + index]) }
    position += width
    return (initial >> 5, value)
  }

  /// Passes so many bytes; where they stand.
  mutating func skip(_ count: UInt64) throws(Dissection.Break) -> Range<Int> {
    try check(count)
    let range = position..<(position + Int(count))
    position = range.upperBound
    return range
  }

  /// Refuses a count of bytes that cannot be there.
  private func check(_ count: UInt64) throws(Dissection.Break) {
    guard count <= UInt64(end - position) else {
      throw Dissection.Break(text: "a length of \(count), and \(end - position) bytes are left", offset: position)
    }
  }
}
