extension DiagnosisCore {
  /// The rankings of the standards that ask for one, or of one standard; of the window that starts at `start`, or of
  /// the latest that is wholly final. A standard without such a window is left out.
  public func rankings(standard id: String? = nil, start: Int64? = nil) throws(DiagnosisError) -> [Ranking] {
    let asked = standards.all.filter { $0.ranking != nil && (id == nil || $0.id == id) }
    return try read("ranking") { db in
      let table = ObservationTable(db: db)
      return try asked.compactMap { standard in
        guard let rule = standard.ranking, let start = try start ?? table.latestFinalStart(standard) else { return nil }
        let subjects = try table.subjects(standard, start: start).filter { standard.watches($0.subject) }
        return Ranking(standard, rule, subjects)
      }
    }
  }
}
