import DeviceProtocol
import ReadingLog

extension Fold {
  /// Puts the next campus version in force, once everything before it is folded. false: the outbox is full, and it is
  /// to be tried again.
  ///
  /// Meetings that are over by the version's commit are made final first, with the roster they had. Of the others,
  /// those that the version has otherwise are counted anew from the rows of their time. A crash in the middle begins
  /// all of it again.
  func switchCampus(to version: CampusVersion) throws(LogError) -> Bool {
    let wasBrokenOff = cursor.isSwitching
    if !wasBrokenOff { guard try closeBooks(before: version) else { return false } }
    let view = try views.view(version.id)
    let horizon = try log.horizon()
    let stored = try log.meetings(from: horizon)
    let timetable = AttendanceFold.timetable(view, stored, table.names, from: horizon)
    // What was broken off may have left any meeting half counted.
    let changed = attendance.changed(under: view, timetable, all: wasBrokenOff)
    try reset(attendance.outdated(stored, by: changed.map { timetable.entries[$0].stored }, under: view), under: view)
    for position in changed { timetable.entries[position].hasBegun = false }
    try begin(under: view, timetable)
    if !changed.isEmpty {
      try attendance.beginOngoing(at: table.logTime)
      try countAgain(changed)
    }
    cursor.version = version.id
    cursor.isSwitching = false
    let moved = cursor
    try log.transaction { (writer) throws(LogError) in try writer.move(to: moved) }
    durable = cursor
    next = nil
    return true
  }

  /// Begins anew with the meetings of a campus version; of those before, no fact is unwritten.
  private func begin(under view: CampusView, _ timetable: Timetable) throws(LogError) {
    // Final meetings of the open days keep the rosters of earlier versions: those are not to be compiled again.
    let earlier = attendance.meetings
    defer { withExtendedLifetime(earlier) {} }
    attendance.replace(view, timetable)
    try devices.place(view, timetable)
    survey.reset()
    passage.reset()
    try attendance.loadOpenDays()
    resetTurns()
  }

  /// Is done with meetings that began more than so many days ago, by log time and by `now`: late rows find them no
  /// more, and what is noted of them may be removed. What they came to stays.
  func retire(days: Int, now: Int64) throws(LogError) {
    guard !cursor.isSwitching else { return }
    let time = min(table.logTime, now) - Int64(days) * 86_400_000
    var horizon = attendance.view.calendar.day(at: time).window.start
    guard let first = attendance.timetable.entries.first, first.start < horizon else { return }
    guard try endAll(), try writeAll() else { return }
    // A day that lies behind its meetings needs them.
    if let open = try log.openDays().first { horizon = min(horizon, open) }
    guard first.start < horizon else { return }
    try log.move(horizon: horizon)
    horizon = try log.horizon()
    let view = attendance.view
    let meetings = try log.meetings(from: horizon)
    try begin(under: view, AttendanceFold.timetable(view, meetings, table.names, from: horizon))
  }

  /// Ends what is over by a version's commit, and brings the store up to the last row before it.
  ///
  /// Whatever there is has a revision then, so that a refold finds the same aggregates however it comes to the version.
  /// Later revisions go on waiting for their interval: a day is added up again from its meetings.
  private func closeBooks(before version: CampusVersion) throws(LogError) -> Bool {
    guard try close(at: version.committedTime) else { return false }
    cursor.logTime = table.logTime
    for book in attendance.books.values { book.comeDue() }
    // A cycle that was begun before holds the cursor back; a second brings it up to the last row.
    for _ in 0..<2 {
      beginCycle(isForced: true)
      guard try write(all: false) else { return false }
    }
    cursor.isSwitching = true
    let marked = cursor
    try log.transaction { (writer) throws(LogError) in try writer.move(to: marked) }
    durable = cursor
    return true
  }

  private func reset(_ meetings: [StoredMeeting], under view: CampusView) throws(LogError) {
    let latest = try attendance.latest(of: meetings)
    var next = 0
    while next < meetings.count {
      try checkRunning()
      let end = min(next + settings.writesPerTransaction, meetings.count)
      try outbox.makeRoom(for: end - next)
      next += try attendance.reset(
        meetings[next..<end], latest, under: view, outbox, limit: settings.writesPerTransaction)
    }
  }

  private func checkRunning() throws(LogError) {
    guard !isStopped() else { throw .other("the fold was asked to stop, and counts again at the next start") }
  }

  /// Counts who was at some meetings from the rows of their time; gives their positions in the timetable.
  private func countAgain(_ changed: [Int]) throws(LogError) {
    let entries = changed.map { attendance.timetable.entries[$0] }
    guard let time = entries.map(\.window.start).min() else { return }
    let schedules = Set(entries.map { attendance.timetable.schedule(ofPlace: $0.place) })
    for range in try log.rows(from: time, through: cursor.row) {
      for first in stride(from: range.lowerBound, through: range.upperBound, by: settings.rowsPerStep) {
        try checkRunning()
        try countAgain(first...min(range.upperBound, first + Int64(settings.rowsPerStep) - 1), at: schedules)
        try writeFacts()
      }
    }
    try writeFacts()
  }

  private func countAgain(_ rows: ClosedRange<Int64>, at schedules: Set<Int32>) throws(LogError) {
    try log.read(rows: rows, into: &chunk)
    for row in chunk.rows where devices.has(row.device) {
      // The meetings of other rooms have what they had.
      guard schedules.contains(devices.entries[Int(row.device)].schedule) else { continue }
      try attendance.hear(row, onlyOpen: true)
      if row.kind == ReadingKind.checkin.rawValue, row.hasSubject { try attendance.checkIn(row, onlyOpen: true) }
    }
  }

  private func writeFacts() throws(LogError) {
    while !attendance.unwritten.isEmpty {
      try log.transaction { (writer) throws(LogError) in
        var budget = settings.writesPerTransaction
        _ = try attendance.writeFacts(writer, &budget)
      }
    }
  }
}
