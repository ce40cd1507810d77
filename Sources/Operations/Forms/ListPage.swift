import Campus
import DeviceProtocol
import HTTPTypes
import Hummingbird
import ReadingLog

/// One page of a list, and where the next begins. Takes its items one after the other, and writes each at once in the
/// form that is asked for.
struct ListPage: Sendable {
  /// nil: this is the last page.
  var next: String?
  /// Members beside the items.
  var beside: [(name: String, value: JSON)] = []
  private(set) var count = 0
  private let form: Form
  /// Of the table.
  private let columns: [String]
  private var bytes: ContiguousArray<UInt8> = []

  init(_ form: Form, columns: [String] = []) {
    self.form = form
    self.columns = columns
    bytes.reserveCapacity(16 << 10)
    switch form {
    case .json: JSONText.append("{\"items\":[", to: &bytes)
    case .lines: break
    case .table: append(line: CSV.line(columns))
    }
  }

  mutating func add(_ item: some Members) {
    if form == .table {
      var row = CellWriter()
      item.write(to: &row)
      append(line: CSV.line(columns.map { Form.harmless(row.cells[$0] ?? "") }))
    } else {
      begin()
      JSONMembers.appendObject(to: &bytes) { members in item.write(to: &members) }
      end()
    }
    count += 1
  }

  mutating func add(_ reading: ExportedReading) {
    if form == .table {
      append(line: ReadingLine.csv(reading, text: Form.harmless))
    } else {
      begin()
      ReadingLine.json(reading, to: &bytes)
      end()
    }
    count += 1
  }

  private mutating func begin() {
    if form == .json, count > 0 { bytes.append(UInt8(ascii: ",")) }
  }

  private mutating func end() {
    if form == .lines { bytes.append(UInt8(ascii: "\n")) }
  }

  private mutating func append(line: String) {
    bytes.append(contentsOf: line.utf8)
    JSONText.append("\r\n", to: &bytes)
  }

  func response(to call: Call) -> Response {
    var headers = HTTPFields()
    if let next, form != .json, let link = HTTPField.Name("Link") {
      headers[link] = "<\(ListPage.address(call, next))>; rel=\"next\""
    }
    let type = form == .table ? "text/csv; charset=utf-8" : form.rawValue
    return Answer.bytes(whole, type: type, headers: headers)
  }

  var whole: ContiguousArray<UInt8> {
    guard form == .json else { return bytes }
    var whole = bytes
    JSONText.append("]", to: &whole)
    for (name, value) in beside { ListPage.append(name, value, to: &whole) }
    if let next { ListPage.append("next", .text(next), to: &whole) }
    JSONText.append("}\n", to: &whole)
    return whole
  }

  private static func append(_ name: String, _ value: JSON, to bytes: inout ContiguousArray<UInt8>) {
    JSONText.append(",", to: &bytes)
    JSONText.appendQuoted(name, to: &bytes)
    JSONText.append(":", to: &bytes)
    value.append(to: &bytes)
  }

  /// The same question with another cursor.
  private static func address(_ call: Call, _ cursor: String) -> String {
    let parts = (call.request.uri.query ?? "").split(separator: "&").filter {
      !$0.hasPrefix("cursor=") && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ">") }
    }
    return call.request.uri.path + "?" + (parts.map(String.init) + ["cursor=\(cursor)"]).joined(separator: "&")
  }
}
