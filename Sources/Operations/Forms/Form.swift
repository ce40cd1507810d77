import HTTPTypes

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

extension Form {
  /// A cell that a spreadsheet takes for a formula would do as it says.
  static func harmless(_ cell: String) -> String {
    guard let first = cell.utf8.first, "=+-@\t\r".utf8.contains(first) else { return cell }
    // A number below zero is one.
    return first == UInt8(ascii: "-") && Double(cell) != nil ? cell : "'" + cell
  }
}
