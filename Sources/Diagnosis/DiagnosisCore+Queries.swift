import GRDB

extension DiagnosisCore {
  /// The warnings a filter lets through, the newest first, without their steps.
  public func warnings(_ filter: WarningFilter = .open) throws(DiagnosisError) -> [Warning] {
    var conditions: [String] = []
    var arguments: StatementArguments = []
    func add(_ condition: String, _ values: [(any DatabaseValueConvertible)?]) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    if !filter.states.isEmpty {
      let marks = Array(repeating: "?", count: filter.states.count).joined(separator: ", ")
      add("state IN (\(marks))", filter.states.map { $0.rawValue })
    }
    if let standard = filter.standard { add("standard = ?", [standard]) }
    if let layer = filter.layer { add("layer = ?", [layer.rawValue]) }
    if let unit = filter.unit { add("unit = ?", [unit]) }
    if let subject = filter.subject { add("subject = ?", [subject]) }
    if let urgency = filter.urgency { add("level + escalations >= ?", [urgency.grade]) }
    if let before = filter.before { add("id < ?", [before]) }
    // The few that are open have an index of their own; by their id they lie among all there ever were.
    let isOpen = !filter.states.isEmpty && !filter.states.contains(.closed)
    if isOpen { conditions.append("closed_at IS NULL") }
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let index = isOpen ? "INDEXED BY warning_open" : ""
    arguments += [filter.limit]
    return try read("listing warnings") { db in
      let list = try db.cachedStatement(
        sql: "SELECT \(Warning.columnList) FROM warning \(index) \(condition) ORDER BY id DESC LIMIT ?")
      let rows = try Row.fetchCursor(list, arguments: arguments)
      var warnings: [Warning] = []
      while let row = try rows.next() { warnings.append(try Warning(row)) }
      return warnings
    }
  }

  /// A warning with its steps.
  public func warning(_ id: Int64) throws(DiagnosisError) -> Warning {
    try read("reading warning \(id)") { db in
      let table = WarningTable(db: db)
      var warning = try table.warning(id).warning
      warning.steps = try table.steps(id)
      return warning
    }
  }

  /// The warnings that changed at or after a time (milliseconds UTC), the newest change first; `limit` at most.
  public func changes(since: Int64, limit: Int) throws(DiagnosisError) -> [(id: Int64, changedAt: Int64)] {
    try read("looking for changed warnings") { db in
      let find = try db.cachedStatement(
        sql: "SELECT id, changed_at FROM warning WHERE changed_at >= ? ORDER BY changed_at DESC, id DESC LIMIT ?")
      return try Row.fetchAll(find, arguments: [since, limit]).map { (id: $0[0] as Int64, changedAt: $0[1] as Int64) }
    }
  }

  /// How many warnings are open, by urgency; levels without any are left out.
  public func openCounts() throws(DiagnosisError) -> [Level: Int] {
    try read("counting warnings") { db in
      let count = try db.cachedStatement(
        sql: "SELECT min(3, level + escalations), count(*) FROM warning WHERE closed_at IS NULL GROUP BY 1")
      var counts: [Level: Int] = [:]
      for row in try Row.fetchAll(count) {
        if let level = Level(grade: row[0]) { counts[level] = row[1] }
      }
      return counts
    }
  }
}

extension Warning {
  /// In the order in which they are taken from a row.
  private static let columns = [
    "id", "standard", "name", "name_en", "layer", "unit", "level", "escalations", "state", "aggregate", "scope",
    "subject", "grain", "start", "\"end\"", "measure", "direction", "value", "threshold", "sample", "cause",
    "cause_time", "raised_at", "changed_at", "closed_at", "due_at",
  ]

  fileprivate static let columnList = columns.joined(separator: ", ")

  /// Takes a row of a list, by position: by name each column would be looked for among all.
  fileprivate init(_ row: Row) throws {
    let grade: Int = row[6]
    guard let level = Level(grade: grade) else {
      throw DiagnosisError.store("a warning has the level \(grade)", doing: "reading warnings")
    }
    self.init(
      id: row[0], standard: row[1], name: row[2], nameEn: row[3], layer: try Warning.choice(row, 4), unit: row[5],
      level: level, escalations: row[7], state: try Warning.choice(row, 8), aggregate: try Warning.choice(row, 9),
      scope: row[10], subject: row[11], grain: row[12], window: Window(start: row[13], end: row[14]),
      measure: row[15], direction: try Warning.choice(row, 16), value: row[17], threshold: row[18], sample: row[19],
      cause: row[20], causeTime: row[21], raisedAt: row[22], changedAt: row[23], closedAt: row[24], dueAt: row[25])
  }

  private static func choice<Choice: RawRepresentable<String>>(_ row: Row, _ column: Int) throws -> Choice {
    let text: String = row[column]
    guard let choice = Choice(rawValue: text) else {
      throw DiagnosisError.store("\(columns[column]) is “\(text)”", doing: "reading warnings")
    }
    return choice
  }
}
