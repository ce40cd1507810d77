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
    let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    arguments += [filter.limit]
    return try read("listing warnings") { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM warning \(condition) ORDER BY id DESC LIMIT ?", arguments: arguments
      ).map { try WarningTable.warningCase($0).warning }
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
      try Row.fetchAll(
        db, sql: "SELECT id, changed_at FROM warning WHERE changed_at >= ? ORDER BY changed_at DESC, id DESC LIMIT ?",
        arguments: [since, limit]
      ).map { (id: $0["id"] as Int64, changedAt: $0["changed_at"] as Int64) }
    }
  }

  /// How many warnings are open, by urgency; levels without any are left out.
  public func openCounts() throws(DiagnosisError) -> [Level: Int] {
    try read("counting warnings") { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT min(3, level + escalations) AS urgency, count(*) AS count FROM warning
          WHERE closed_at IS NULL GROUP BY 1
          """)
      var counts: [Level: Int] = [:]
      for row in rows {
        if let level = Level(grade: row["urgency"]) { counts[level] = row["count"] }
      }
      return counts
    }
  }
}
