import DeviceProtocol
import Foundation

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
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    self = .raw(ContiguousArray(try encoder.encode(value)))
  }

  var bytes: ContiguousArray<UInt8> {
    var bytes: ContiguousArray<UInt8> = []
    append(to: &bytes)
    return bytes
  }

  func append(to bytes: inout ContiguousArray<UInt8>) {
    switch self {
    case .null: JSONText.append("null", to: &bytes)
    case .bool(let value): JSONText.append(value ? "true" : "false", to: &bytes)
    case .integer(let value): JSONText.append(value, to: &bytes)
    case .number(let value): JSON.append(value, to: &bytes)
    case .text(let value): JSONText.appendQuoted(value, to: &bytes)
    case .array(let values):
      JSONText.append("[", to: &bytes)
      for (index, value) in values.enumerated() {
        if index > 0 { JSONText.append(",", to: &bytes) }
        value.append(to: &bytes)
      }
      JSONText.append("]", to: &bytes)
    case .object(let members):
      JSONMembers.appendObject(to: &bytes) { object in
        for (name, value) in members { object.add(name, value) }
      }
    case .raw(let json): bytes.append(contentsOf: json)
    }
  }

  /// JSON has no infinities; whole numbers are written without a fraction.
  private static func append(_ value: Double, to bytes: inout ContiguousArray<UInt8>) {
    if !value.isFinite {
      JSONText.append("null", to: &bytes)
    } else if value == value.rounded(), abs(value) < 1e15 {
      JSONText.append(Int64(value), to: &bytes)
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
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
