import GRDB

/// Warnings and their steps, within a transaction.
struct WarningTable {
  let db: Database

  // MARK: One warning

  func warning(_ id: Int64) throws -> WarningCase {
    guard let row = try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM warning WHERE id = ?"), arguments: [id])
    else { throw DiagnosisError.noSuchWarning(id) }
    return try Self.warningCase(row)
  }

  /// The open warning of a subject.
  func open(_ standard: Standard, subject: String) throws -> WarningCase? {
    // It is asked for once a revision, and hardly any subject has one: only then is more than an index looked at.
    let find = try RawStatement(
      db, "SELECT id FROM warning WHERE standard = ?1 AND subject = ?2 AND closed_at IS NULL")
    find.bind(1, standard.id)
    find.bind(2, subject)
    guard try find.next() else { return nil }
    let id = find.integer(0)
    find.reset()
    return try warning(id)
  }

  /// The warning of a subject closed last, those aside whose window turned out good.
  func lastClosed(_ standard: Standard, subject: String) throws -> Warning? {
    let find = try db.cachedStatement(
      sql: """
        SELECT * FROM warning WHERE standard = ? AND subject = ? AND closed_at IS NOT NULL AND corrected = 0
        ORDER BY closed_at DESC, id DESC LIMIT 1
        """)
    return try Row.fetchOne(find, arguments: [standard.id, subject]).map { try Self.warningCase($0).warning }
  }

  /// Warnings whose time has come, the longest due first.
  func due(_ now: Int64, limit: Int) throws -> [WarningCase] {
    let find = try db.cachedStatement(
      sql: "SELECT * FROM warning WHERE due_at <= ? ORDER BY due_at, id LIMIT ?")
    return try Row.fetchAll(find, arguments: [now, limit]).map(Self.warningCase)
  }

  func steps(_ id: Int64) throws -> [Warning.Step] {
    try Row.fetchAll(db, sql: "SELECT * FROM step WHERE warning = ? ORDER BY number", arguments: [id]).map { row in
      let start: Int64? = row["start"]
      let end: Int64? = row["end"]
      var window: Window?
      if let start, let end { window = Window(start: start, end: end) }
      return Warning.Step(
        at: row["at"], kind: try row.choice("kind"), state: try row.choice("state"), by: row["actor"],
        note: row["note"], value: row["value"], window: window)
    }
  }

  // MARK: Writing

  func insert(_ entry: inout WarningCase) throws {
    let warning = entry.warning
    let insert = try db.cachedStatement(
      sql: """
        INSERT INTO warning (standard, name, name_en, layer, aggregate, scope, subject, grain, measure, direction,
          cause, cause_time, raised_at, first_start, unit, level, escalations, state, start, "end", value, threshold,
          sample, changed_at, closed_at, due_at, verify_after, corrected)
        VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
        """)
    let fixed: StatementArguments = [
      warning.standard, warning.name, warning.nameEn, warning.layer.rawValue, warning.aggregate.rawValue,
      warning.scope, warning.subject, warning.grain, warning.measure, warning.direction.rawValue, warning.cause,
      warning.causeTime, warning.raisedAt, entry.firstStart,
    ]
    try insert.execute(arguments: fixed + Self.changing(entry))
    entry.gotID(db.lastInsertedRowID)
    try writeSteps(&entry)
  }

  func update(_ entry: inout WarningCase) throws {
    let update = try db.cachedStatement(
      sql: """
        UPDATE warning SET unit = ?, level = ?, escalations = ?, state = ?, start = ?, "end" = ?, value = ?,
          threshold = ?, sample = ?, changed_at = ?, closed_at = ?, due_at = ?, verify_after = ?, corrected = ?
        WHERE id = ?
        """)
    try update.execute(arguments: Self.changing(entry) + [entry.warning.id])
    try writeSteps(&entry)
  }

  private static func changing(_ entry: WarningCase) -> StatementArguments {
    let warning = entry.warning
    return [
      warning.unit, warning.level.grade, warning.escalations, warning.state.rawValue, warning.window.start,
      warning.window.end, warning.value, warning.threshold, warning.sample, warning.changedAt, warning.closedAt,
      warning.dueAt, entry.verifyAfter, entry.isCorrected,
    ]
  }

  private func writeSteps(_ entry: inout WarningCase) throws {
    let insert = try db.cachedStatement(
      sql: """
        INSERT INTO step (warning, number, at, kind, state, actor, note, value, start, "end")
        VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM step WHERE warning = ?1), ?,?,?,?,?,?,?,?)
        """)
    for step in entry.newSteps {
      try insert.execute(arguments: [
        entry.warning.id, step.at, step.kind.rawValue, step.state.rawValue, step.by, step.note, step.value,
        step.window?.start, step.window?.end,
      ])
    }
    entry.wroteSteps()
  }

  // MARK: Rows

  static func warningCase(_ row: Row) throws -> WarningCase {
    guard let level = Level(grade: row["level"]) else {
      throw DiagnosisError.store("a warning has the level \(row["level"] as Int)", doing: "reading warnings")
    }
    let warning = Warning(
      id: row["id"], standard: row["standard"], name: row["name"], nameEn: row["name_en"],
      layer: try row.choice("layer"), unit: row["unit"], level: level, escalations: row["escalations"],
      state: try row.choice("state"), aggregate: try row.choice("aggregate"), scope: row["scope"],
      subject: row["subject"], grain: row["grain"], window: Window(start: row["start"], end: row["end"]),
      measure: row["measure"], direction: try row.choice("direction"), value: row["value"],
      threshold: row["threshold"], sample: row["sample"], cause: row["cause"], causeTime: row["cause_time"],
      raisedAt: row["raised_at"], changedAt: row["changed_at"], closedAt: row["closed_at"], dueAt: row["due_at"])
    return WarningCase(
      warning, firstStart: row["first_start"], verifyAfter: row["verify_after"], isCorrected: row["corrected"])
  }
}

extension Row {
  fileprivate func choice<Choice: RawRepresentable<String>>(_ column: String) throws -> Choice {
    let text: String = self[column]
    guard let choice = Choice(rawValue: text) else {
      throw DiagnosisError.store("\(column) is “\(text)”", doing: "reading warnings")
    }
    return choice
  }
}
