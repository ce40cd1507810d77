import DeviceProtocol
import ReadingLog

extension Fold {
  /// Puts the next campus version in force, once everything before it is folded. false: the outbox is full, and it is
  /// to be tried again.
  ///
  /// Meetings that are over by the version's commit are made final first, with the roster they had. Whoever was at
  /// the others is counted anew from the rows of their time. A crash in the middle begins all of it again.
  func switchCampus(to version: CampusVersion) throws(LogError) -> Bool {
    if !cursor.isSwitching { guard try closeBooks(before: version) else { return false } }
    let before = attendance.view
    let view = try views.view(version.id)
    let isCounting = !isSameAttendance(before, view)
    let stored = try log.meetings(from: try log.horizon())
    for meeting in stored where meeting.state == .open || meeting.state == .awaited {
      if isCounting || view.session(table.names.number(meeting.session), at: meeting.start) == nil {
        try attendance.reset(meeting, under: view, outbox)
      }
    }
    try begin(under: view)
    if isCounting {
      try attendance.beginOngoing(at: table.logTime)
      try countAgain()
    }
    cursor.version = version.id
    cursor.isSwitching = false
    let moved = cursor
    try log.transaction { (writer) throws(LogError) in try writer.move(to: moved) }
    durable = cursor
    next = nil
    return true
  }

  /// Begins anew with the meetings of a campus version; of those before, nothing is unwritten.
  private func begin(under view: CampusView) throws(LogError) {
    let horizon = try log.horizon()
    let timetable = AttendanceFold.timetable(view, try log.meetings(from: horizon), table.names, from: horizon)
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
    try begin(under: attendance.view)
  }

  /// Ends what is over by a version's commit, and brings the store up to the last row before it.
  private func closeBooks(before version: CampusVersion) throws(LogError) -> Bool {
    guard try close(at: version.committedTime) else { return false }
    cursor.logTime = table.logTime
    guard try writeAll() else { return false }
    cursor.isSwitching = true
    let marked = cursor
    try log.transaction { (writer) throws(LogError) in try writer.move(to: marked) }
    durable = cursor
    return true
  }

  /// Whether no meeting can have other people, another time, place or device under another version.
  private func isSameAttendance(_ one: CampusView, _ other: CampusView) -> Bool {
    one.rules == other.rules && one.version.timeZone == other.version.timeZone
      && one.campus.sessions == other.campus.sessions && one.campus.enrolments == other.campus.enrolments
      && one.campus.people == other.campus.people && one.campus.devices == other.campus.devices
      && one.campus.units == other.campus.units
  }

  /// Counts who was at the meetings that are not final from the rows of their time.
  private func countAgain() throws(LogError) {
    if let time = attendance.firstOpenTime(at: table.logTime) {
      for range in try log.rows(from: time, through: cursor.row) {
        for first in stride(from: range.lowerBound, through: range.upperBound, by: settings.rowsPerStep) {
          guard !isStopped() else { throw .other("the fold was asked to stop, and counts again at the next start") }
          try countAgain(first...min(range.upperBound, first + Int64(settings.rowsPerStep) - 1))
        }
      }
    }
    while !attendance.unwritten.isEmpty {
      try log.transaction { (writer) throws(LogError) in
        var budget = settings.writesPerTransaction
        _ = try attendance.writeFacts(writer, &budget)
      }
    }
  }

  private func countAgain(_ rows: ClosedRange<Int64>) throws(LogError) {
    try log.read(rows: rows, into: &chunk)
    for row in chunk.rows where devices.has(row.device) && devices.entries[Int(row.device)].place >= 0 {
      try attendance.hear(row, onlyOpen: true)
      if row.kind == ReadingKind.checkin.rawValue, row.hasSubject { try attendance.checkIn(row, onlyOpen: true) }
    }
  }
}
