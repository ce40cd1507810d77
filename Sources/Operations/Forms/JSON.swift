import DeviceProtocol
import Foundation

/// The members of a JSON object, one after the other.
struct JSONMembers: Sendable {
  private(set) var list: [(String, JSON)] = []

  mutating func add(_ name: String, _ value: JSON) { list.append((name, value)) }
  mutating func add(_ other: JSONMembers) { list += other.list }

  var json: JSON { .object(list) }
}

/// A JSON value, written as it stands: members in the order given, absent ones as null.
enum JSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([(String, JSON)])
  /// JSON already.
  case raw(ContiguousArray<UInt8>)

  init(_ value: String?) { self = value.map { JSON.text($0) } ?? .null }
  init(_ value: Int64?) { self = value.map { JSON.integer($0) } ?? .null }
  init(_ value: Double?) { self = value.map { JSON.number($0) } ?? .null }
  init(_ value: Bool?) { self = value.map { JSON.bool($0) } ?? .null }
  init(count: Int) { self = .integer(Int64(count)) }

  /// What a type encodes itself as, members in alphabetical order.
  init(encoding value: some Encodable) throws {
    self = .raw(ContiguousArray(try JSON.encoder().encode(value)))
  }

  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  var bytes: ContiguousArray<UInt8> {
    var bytes: ContiguousArray<UInt8> = []
    append(to: &bytes)
    return bytes
  }

  func append(to bytes: inout ContiguousArray<UInt8>) {
    switch self {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): bytes.append(contentsOf: String(value).utf8)
    case .number(let value): bytes.append(contentsOf: JSON.text(of: value).utf8)
    case .text(let value): JSONText.appendQuoted(value.utf8, to: &bytes)
    case .array(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, (name, value)) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        JSONText.appendQuoted(name.utf8, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        value.append(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    case .raw(let json): bytes.append(contentsOf: json)
    }
  }

  /// JSON has no infinities; whole numbers are written without a fraction.
  private static func text(of value: Double) -> String {
    guard value.isFinite else { return "null" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return String(value)
  }

  /// As a cell of a table: texts bare, nothing for null, everything else as JSON.
  var cell: String {
    switch self {
    case .null: ""
    case .text(let value): value
    default: String(decoding: bytes, as: UTF8.self)
    }
  }
}
