import ReadingLog

extension Fold {
  private var hasFacts: Bool { !attendance.unwritten.isEmpty || incident.hasFacts }

  /// Revisions that wait for their interval.
  var pending: Int {
    attendance.revising.count + attendance.books.values.reduce(0) { $0 + $1.unwritten } + table.pending
  }

  /// Begins a cycle of writing where one is due: when little has changed, when it is long ago, or when `isForced`.
  func beginCycle(isForced: Bool) {
    guard cycleCursor == nil, cursor != durable || isForced else { return }
    let isSmall = table.changed.count <= settings.writesPerTransaction
    let isLongAgo =
      table.logTime - durable.logTime >= settings.cycleInterval
      || cursor.row - durable.row >= Int64(settings.rowsPerCycle)
    guard isForced || isSmall || isLongAgo else { return }
    table.beginCycle()
    cycleCursor = cursor
  }

  /// Writes what is due, `all` even what is not, in transactions of bounded size. false: the outbox is full, or there
  /// is no more time.
  func write(all: Bool) throws(LogError) -> Bool {
    while isAnythingDue(all: all) {
      if isOutOfTime() { return false }
      try outbox.makeRoom(for: 2 * settings.writesPerTransaction)
      if outbox.isFull { return false }
      try attendance.addUp(all: all, limit: settings.writesPerTransaction)
      table.sortPrompt()
      if try writeOnce(all: all) { break }
    }
    table.trim()
    attendance.trim()
    return true
  }

  private func isAnythingDue(all: Bool) -> Bool {
    all || cycleCursor != nil || hasFacts || attendance.hasRevisions || table.hasPrompt || attendance.hasRollups
      || table.hasLagging
  }

  /// One transaction; true: nothing is left that is due.
  private func writeOnce(all: Bool) throws(LogError) -> Bool {
    var budget = settings.writesPerTransaction
    var moved: FoldCursor?
    try log.transaction { (writer) throws(LogError) in
      guard try attendance.writeFacts(writer, &budget), try incident.writeFacts(writer, &budget) else { return }
      if budget > 0 { try attendance.writeMeetings(outbox, writer, &budget, all: all) }
      if budget > 0 { try table.writePrompt(outbox, writer, &budget, all: all) }
      if budget > 0 { try attendance.writeRollups(outbox, writer, &budget, all: all) }
      if budget > 0 { try table.writeLagging(outbox, writer, &budget, all: all) }
      guard budget > 0, let cycleCursor else { return }
      guard try table.writeCycle(outbox, writer, &budget, all: all) else { return }
      try writer.move(to: cycleCursor)
      moved = cycleCursor
    }
    outbox.wakeRelays()
    if let moved {
      durable = moved
      cycleCursor = nil
    }
    return budget > 0
  }

  /// Writes everything, running revisions before their interval too. false: the outbox is full.
  func writeAll() throws(LogError) -> Bool {
    table.listAhead()
    // One that was begun before holds the cursor back; a second brings it up to the last row.
    for _ in 0..<2 {
      beginCycle(isForced: true)
      guard try write(all: true) else { return false }
    }
    return true
  }
}
