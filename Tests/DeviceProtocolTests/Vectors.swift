import DeviceProtocol
import Foundation

/// A JSON value as the vectors hold it.
enum JSONValue: Decodable, Equatable {
  case bool(Bool)
  case integer(Int64)
  case text(String)
  case array([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let integer = try? value.decode(Int64.self) {
      self = .integer(integer)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let array = try? value.decode([JSONValue].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  var text: String? { if case .text(let value) = self { value } else { nil } }
  var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
}

/// The messages the C library made.
struct Vectors: Decodable {
  struct Message: Decodable, CustomStringConvertible {
    var name: String
    var topic: String
    var key: String
    var message: String
    var frame: JSONValue?
    var expect: String?
    var receipt: JSONValue?

    var description: String { name }
    var bytes: [UInt8] { hex(message) }
    var macKey: MACKey { MACKey(hex(key), topic: Array(topic.utf8)) }
  }

  var good: [Message]
  var bad: [Message]
  var receipts: [Message]

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../firmware-protocol/vectors").standardized

  /// Another file in the same form can be tried without touching the code.
  static let device: Vectors = {
    let other = ProcessInfo.processInfo.environment["CAMPUS_VECTORS"].map { URL(filePath: $0) }
    let data = try! Data(contentsOf: other ?? folder.appending(path: "device-v1.json"))
    return try! JSONDecoder().decode(Vectors.self, from: data)
  }()
}
