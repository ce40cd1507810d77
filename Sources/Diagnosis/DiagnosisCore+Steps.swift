import Foundation

extension DiagnosisCore {
  /// Notes that somebody looks after a raised or reopened warning: it is escalated no further.
  @discardableResult
  public func acknowledge(
    _ id: Int64, by: String, note: String? = nil, now: Int64
  ) throws(DiagnosisError) -> Warning {
    try step(id, by: by) { entry, standard, _, by in
      try entry.acknowledge(by: by, note: note.flatMap(Self.text), standard, now: now)
    }
  }

  /// Notes the measure taken against the cause. The windows that begin after those known now verify it, or reopen the
  /// warning. May be called again with a further measure.
  @discardableResult
  public func improve(_ id: Int64, by: String, measure: String, now: Int64) throws(DiagnosisError) -> Warning {
    guard let measure = Self.text(measure) else { throw .missingText(.measure) }
    return try step(id, by: by) { entry, standard, observations, by in
      let latest = try standard.flatMap { try observations.latestStart($0, subject: entry.warning.subject) }
      try entry.improve(by: by, measure: measure, latestStart: latest, standard, now: now)
    }
  }

  /// Closes a warning. Unless the data verified it, the note must say why.
  @discardableResult
  public func close(_ id: Int64, by: String, note: String? = nil, now: Int64) throws(DiagnosisError) -> Warning {
    try step(id, by: by) { entry, _, _, by in
      try entry.close(by: by, note: note.flatMap(Self.text), now: now)
    }
  }

  /// One transaction: the warning as it is, the step, the warning as it became.
  private func step(
    _ id: Int64, by: String,
    _ body: (inout WarningCase, Standard?, ObservationTable, _ by: String) throws -> Void
  ) throws(DiagnosisError) -> Warning {
    guard let by = Self.text(by) else { throw .missingText(.name) }
    let standards = self.standards
    return try write("noting a step of warning \(id)") { db in
      let table = WarningTable(db: db)
      var entry = try table.warning(id)
      try body(&entry, standards[entry.warning.standard], ObservationTable(db: db), by)
      try table.update(&entry)
      var warning = entry.warning
      warning.steps = try table.steps(id)
      return warning
    }
  }

  /// Without white space around it; nil if nothing is left.
  private static func text(_ text: String) -> String? {
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return trimmed.isEmpty ? nil : trimmed
  }
}
