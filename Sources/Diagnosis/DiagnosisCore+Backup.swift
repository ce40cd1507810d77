import GRDB

extension DiagnosisCore {
  /// Pages of one step of a copy: 8 MiB.
  private static let pagesPerStep: Int32 = 2_048

  /// A consistent copy while the core runs.
  public func backup(
    to path: String, progress: @escaping (_ done: Int, _ total: Int) -> Void
  ) throws(DiagnosisError) {
    try wrap("backing up to \(path)") {
      let copy = try DatabaseQueue(path: path)
      try copy.writeWithoutTransaction { target in
        try pool.read { db in
          // A read that is under way holds the snapshot over all steps.
          _ = try Int64.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master")
          try db.backup(to: target, pagesPerStep: DiagnosisCore.pagesPerStep) { state in
            progress(state.completedPageCount, state.totalPageCount)
          }
        }
      }
      try copy.writeWithoutTransaction { db in
        // One file, without a write-ahead log beside it.
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        let verdict = try String.fetchOne(db, sql: "PRAGMA quick_check(1)")
        guard verdict == "ok" else {
          throw DiagnosisError.store("the copy is damaged (\(verdict ?? "no answer"))", doing: "backing up to \(path)")
        }
      }
      try copy.close()
    }
  }
}
