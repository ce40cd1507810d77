/// One file of the directory while it is read: gives cells by their type, and collects what is wrong with them.
struct CampusTable {
  let file: CampusFile
  private(set) var faults: [CSVTable.Fault] = []
  /// The `parent_id` of each row that has one.
  private(set) var links: [Link] = []

  struct Link {
    var id: String
    var parent: String
    var line: Int
  }

  private var table: CSVTable
  private let columns: [String]
  private var suggestions = Suggestions()

  init(_ file: CampusFile, _ bytes: [UInt8]) {
    self.file = file
    columns = file.columns + file.optionalColumns
    table = CSVTable(bytes, required: file.columns, optional: file.optionalColumns)
  }

  var hasColumns: Bool { table.hasColumns }
  var line: Int { table.line }
  var allFaults: [CSVTable.Fault] { table.faults + faults }

  mutating func advance() -> CSVTable.Advance { table.advance() }

  mutating func refuse(_ problem: CampusProblem, line: Int? = nil) {
    faults.append(CSVTable.Fault(line: line ?? table.line, problem: problem))
  }

  mutating func link(_ id: String?, to parent: String?) {
    guard let id, let parent else { return }
    links.append(Link(id: id, parent: parent, line: line))
  }

  func text(_ column: Int) -> String { table.text(column) }

  func optional(_ column: Int) -> String? {
    table.isEmpty(column) ? nil : table.text(column)
  }

  mutating func required(_ column: Int) -> String? {
    guard let text = optional(column) else {
      refuse(.emptyCell(column: columns[column]))
      return nil
    }
    return text
  }

  mutating func value<Value>(_ column: Int) -> Value?
  where Value: RawRepresentable<String> & CaseIterable {
    guard let text = required(column) else { return nil }
    if let value = Value(rawValue: text) { return value }
    let known = Value.allCases.map(\.rawValue)
    refuse(
      .unknownValue(
        column: columns[column], value: text, known: known, nearest: nearest(text, among: known)))
    return nil
  }

  mutating func integer<Value: FixedWidthInteger>(_ column: Int) -> Value? {
    guard let text = required(column) else { return nil }
    if let value = Value(text) { return value }
    refuse(
      .badInteger(
        column: columns[column], value: text, least: Int64(Value.min), greatest: Int64(Value.max)))
    return nil
  }

  mutating func time(_ column: Int) -> Int64? {
    guard let text = required(column) else { return nil }
    do throws(ISO8601.Fault) {
      return try ISO8601.milliseconds(text)
    } catch {
      refuse(.badTime(column: columns[column], value: text, error))
      return nil
    }
  }

  mutating func topicName(_ column: Int) -> String? {
    guard let text = required(column) else { return nil }
    if Device.isTopicName(text) { return text }
    refuse(.badTopicName(column: columns[column], value: text))
    return nil
  }

  /// The id of a row of another file; `nil` if it is empty or not there.
  mutating func reference<Element>(_ column: Int, to register: Register<Element>) -> String? {
    guard let id = required(column) else { return nil }
    return check(id, column: column, register)
  }

  /// The position in the register of the row that a cell names: one look-up for each of a million cells.
  mutating func position<Element>(_ column: Int, in register: Register<Element>) -> Int? {
    guard let id = required(column) else { return nil }
    if let position = register.position(of: id) { return position }
    _ = check(id, column: column, register)
    return nil
  }

  /// The id of a row of another file where the cell may be empty.
  mutating func optionalReference<Element>(
    _ column: Int, to register: Register<Element>
  ) -> String? {
    guard let id = optional(column) else { return nil }
    return check(id, column: column, register)
  }

  private mutating func check<Element>(
    _ id: String, column: Int, _ register: Register<Element>
  ) -> String? {
    if !register.isComplete || register.contains(id) { return id }
    refuseReference(id, column: column, line: line, register)
    return nil
  }

  mutating func refuseReference<Element>(
    _ id: String, column: Int, line: Int, _ register: Register<Element>
  ) {
    let suggestion = suggestions.suggest(id, in: register.file, register.ids)
    refuse(
      .unknownReference(
        column: columns[column], value: id, file: register.file, nearest: suggestion), line: line)
  }
}

/// Suggestions within a budget: a large file full of unknown ids must not take minutes to refuse.
private struct Suggestions {
  private var comparisonsLeft = 2_000_000
  private var known: [CampusFile: [String: String?]] = [:]

  mutating func suggest(_ id: String, in file: CampusFile, _ ids: [String]) -> String? {
    if let suggestion = known[file]?[id] { return suggestion }
    guard comparisonsLeft >= ids.count else { return nil }
    comparisonsLeft -= ids.count
    let suggestion = nearest(id, among: ids)
    known[file, default: [:]][id] = .some(suggestion)
    return suggestion
  }
}
