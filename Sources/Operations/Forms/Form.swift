import Campus
import DeviceProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import ReadingLog

/// In what form an answer is given.
enum Form: String, Sendable, CaseIterable {
  case json = "application/json"
  case lines = "application/x-ndjson"
  case table = "text/csv"

  static let lists: [Form] = [.json, .lines, .table]

  /// Takes an Accept header (RFC 9110, section 12.5.1), gives the form it wants most of those there are; refuses it
  /// where there is none.
  static func wanted(_ accept: String?, of forms: [Form]) throws(Problem) -> Form {
    guard let usual = forms.first else { return .json }
    guard let accept, !accept.isEmpty else { return usual }
    var best: (form: Form, weight: Double)?
    for part in accept.split(separator: ",") {
      let fields = part.split(separator: ";").map { $0.trimmingSpaces().lowercased() }
      guard let range = fields.first else { continue }
      let quality = fields.dropFirst().first { $0.hasPrefix("q=") }
      let weight = quality.flatMap { Double($0.dropFirst(2)) } ?? 1
      guard weight > 0, let form = forms.first(where: { $0.is(range) }) else { continue }
      if weight > best?.weight ?? 0 { best = (form, weight) }
    }
    if let best { return best.form }
    throw Problem(
      .notAcceptable, "only \(forms.map(\.rawValue).joined(separator: ", ")) can be had here, not “\(accept.prefix(80))”")
  }

  private func `is`(_ range: String) -> Bool {
    if range == "*/*" || range == rawValue { return true }
    return range.hasSuffix("/*") && rawValue.hasPrefix(range.dropLast())
  }
}

/// One thing of a list.
enum ListItem: Sendable {
  case members(JSONMembers)
  case reading(ExportedReading)

  func appendJSON(to bytes: inout ContiguousArray<UInt8>) {
    switch self {
    case .members(let members): members.json.append(to: &bytes)
    case .reading(let reading): ReadingLine.json(reading, to: &bytes)
    }
  }

  func line(_ columns: [String]) -> String {
    switch self {
    case .reading(let reading): return ReadingLine.csv(reading, text: Form.harmless)
    case .members(let members):
      var cells: [String: String] = [:]
      for (name, value) in members.list { cells[name] = value.cell }
      return CSV.line(columns.map { Form.harmless(cells[$0] ?? "") })
    }
  }
}

extension Form {
  /// A cell that a spreadsheet takes for a formula would do as it says.
  static func harmless(_ cell: String) -> String {
    guard let first = cell.utf8.first, "=+-@\t\r".utf8.contains(first) else { return cell }
    // A number below zero is one.
    return first == UInt8(ascii: "-") && Double(cell) != nil ? cell : "'" + cell
  }
}

/// One page of a list, and where the next begins.
struct ListPage: Sendable {
  var items: [ListItem]
  /// nil: this is the last page.
  var next: String?
  /// Members beside the items.
  var beside = JSONMembers()
  /// Of the table.
  var columns: [String] = []

  func response(to call: Call) -> Response {
    var headers = HTTPFields()
    if let next, call.form != .json, let link = HTTPField.Name("Link") {
      headers[link] = "<\(ListPage.address(call, next))>; rel=\"next\""
    }
    var bytes: ContiguousArray<UInt8> = []
    switch call.form {
    case .json:
      appendJSON(to: &bytes)
    case .lines:
      for item in items {
        item.appendJSON(to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
      }
    case .table:
      bytes.append(contentsOf: (CSV.line(columns) + "\r\n").utf8)
      for item in items { bytes.append(contentsOf: (item.line(columns) + "\r\n").utf8) }
    }
    let type = call.form == .table ? "text/csv; charset=utf-8" : call.form.rawValue
    return Answer.bytes(bytes, type: type, headers: headers)
  }

  private func appendJSON(to bytes: inout ContiguousArray<UInt8>) {
    bytes.append(contentsOf: "{\"items\":[".utf8)
    for (index, item) in items.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      item.appendJSON(to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
    var rest = beside
    if let next { rest.add("next", .text(next)) }
    for (name, value) in rest.list {
      bytes.append(contentsOf: ",\"\(name)\":".utf8)
      value.append(to: &bytes)
    }
    bytes.append(contentsOf: "}\n".utf8)
  }

  /// The same question with another cursor.
  private static func address(_ call: Call, _ cursor: String) -> String {
    let parts = (call.request.uri.query ?? "").split(separator: "&").filter {
      !$0.hasPrefix("cursor=") && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ">") }
    }
    return call.request.uri.path + "?" + (parts.map(String.init) + ["cursor=\(cursor)"]).joined(separator: "&")
  }
}
