import Foundation

/// Where a page ended, as a text nobody needs to understand. Takes the list's name and the parts of the last key,
/// and gives them back; refuses what it did not make, and cursors of other lists.
enum Cursor {
  /// Bytes of the longest cursor that is looked at.
  static let limitBytes = 1_024

  static func encode(_ list: String, _ parts: [String]) -> String {
    let bytes = Array(([list] + parts).map(PercentText.encode).joined(separator: "&").utf8)
    var cursor: [UInt8] = []
    cursor.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for byte in group { bits = bits << 8 | UInt32(byte) }
      // One digit more than there are bytes, and no padding (RFC 4648, section 5).
      var shift = 8 * group.count
      for _ in 0...group.count {
        shift -= 6
        let digit = shift < 0 ? bits << UInt32(-shift) : bits >> UInt32(shift)
        cursor.append(digits[Int(digit & 63)])
      }
    }
    return String(decoding: cursor, as: UTF8.self)
  }

  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  static func decode(_ cursor: String, of list: String, count: Int) throws(Problem) -> [String] {
    let problem = Problem(.notFound, "cursor: there is no such page: this is not the “next” of a page of this list: begin without a cursor")
    guard cursor.utf8.count <= limitBytes else { throw problem }
    var text = cursor.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    while text.utf8.count % 4 != 0 { text += "=" }
    guard let data = Data(base64Encoded: text), let decoded = String(validating: data, as: UTF8.self) else {
      throw problem
    }
    let parts = decoded.split(separator: "&", omittingEmptySubsequences: false).map { PercentText.decode($0) }
    let known = parts.compactMap { $0 }
    guard known.count == parts.count, known.count == count + 1, known[0] == list else { throw problem }
    return Array(known.dropFirst())
  }

  /// The same for parts that are numbers.
  static func numbers(_ cursor: String, of list: String, count: Int) throws(Problem) -> [Int64] {
    let parts = try decode(cursor, of: list, count: count)
    let numbers = parts.compactMap { Int64($0) }
    guard numbers.count == parts.count else {
      throw Problem(.notFound, "cursor: there is no such page: this is not the “next” of a page of this list: begin without a cursor")
    }
    return numbers
  }
}

extension Query {
  /// Parameters every list takes.
  static let paging = ["limit", "cursor"]

  /// Items of a page.
  func limit() throws(Problem) -> Int { Int(try integer("limit", in: 1...1_000) ?? 100) }

  func cursor(of list: String, count: Int) throws(Problem) -> [String]? {
    guard let cursor = try text("cursor") else { return nil }
    return try Cursor.decode(cursor, of: list, count: count)
  }

  func cursorNumbers(of list: String, count: Int) throws(Problem) -> [Int64]? {
    guard let cursor = try text("cursor") else { return nil }
    return try Cursor.numbers(cursor, of: list, count: count)
  }
}
