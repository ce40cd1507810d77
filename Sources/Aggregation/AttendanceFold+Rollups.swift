import ReadingLog

/// From meetings to the roll-ups of their days, and from there to weeks and months.
extension AttendanceFold {
  /// Whether a day has something to write now.
  var hasRollups: Bool {
    books.values.contains { book in
      isEnding(book) || book.isUrgent || (isBehind(book) && table.logTime >= book.lookAt)
        || (book.isNoted && isSettled(book))
    }
  }

  private func isBehind(_ book: DayBook) -> Bool { !book.changed.isEmpty || !book.rolling.isEmpty }

  /// Nothing will change any more, but by late data.
  private func isSettled(_ book: DayBook) -> Bool {
    book.isOver && !isBehind(book) && !book.meetings.contains { meetings[Int($0)].isListed }
  }

  private func isEnding(_ book: DayBook) -> Bool {
    !book.isOver && clock >= timetable.finalTime(of: book.day.window)
  }

  /// Whether a day's totals are to be looked at now.
  private func isDue(_ book: DayBook, all: Bool) -> Bool { all || book.isUrgent || table.logTime >= book.lookAt }

  /// Adds up the days that are due and finds the weeks and months of `limit` totals, before a transaction: only what
  /// needs the writer is done in one, because intake waits for it.
  func addUp(all: Bool, limit: Int) throws(LogError) {
    for book in books.values {
      if isEnding(book) {
        book.isOver = true
        book.isUrgent = true
        book.listAll()
      }
      guard isDue(book, all: all) else { continue }
      for meeting in book.rolling {
        meetings[Int(meeting)].isRollListed = false
        if meetings[Int(meeting)].hasBegun { roll(Int(meeting), in: book) }
      }
      book.rolling.removeAll(keepingCapacity: true)
      var left = limit
      for place in book.changed where left > 0 {
        let total = book.totals[Int(place)]
        guard total.sums != total.written, mayWrite(total, of: book, all: all) else { continue }
        left -= 1
        for (grain, window) in book.spans { _ = try table.slot(.attendance, total.scope, total.name, grain, window) }
      }
    }
  }

  /// Writes the roll-ups of days that are due, `all` even those that are not, as far as the budget reaches.
  func writeRollups(_ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool) throws(LogError) {
    for book in books.values {
      if isDue(book, all: all) { try write(book, outbox, writer, &budget, all: all) }
      guard budget > 0 else { return }
      if book.isNoted, isSettled(book) {
        try writer.forget(day: book.day.window.start)
        book.isNoted = false
        budget -= 1
      }
    }
  }

  private func write(
    _ book: DayBook, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool
  ) throws(LogError) {
    var kept: [Int32] = []
    var next = 0
    while next < book.changed.count, budget > 0 {
      let place = Int(book.changed[next])
      next += 1
      if try write(place, of: book, outbox, writer, &budget, all: all) {
        book.totals[place].isListed = false
      } else {
        kept.append(Int32(place))
      }
    }
    let isDone = next == book.changed.count
    book.changed.replaceSubrange(..<next, with: kept)
    guard isDone else { return }
    book.isUrgent = false
    book.lookAt = table.logTime + table.settings.revisionInterval
  }

  /// Whether a total need not wait for its interval.
  private func mayWrite(_ total: DayBook.Total, of book: DayBook, all: Bool) -> Bool {
    let interval = total.scope == .student ? table.settings.studentInterval : table.settings.rollupInterval
    return all || book.isOver || total.revisedAt == .min || table.logTime - total.revisedAt >= interval
  }

  /// Writes one total, and what it has grown by to its week and month. false: it waits for its interval.
  private func write(
    _ place: Int, of book: DayBook, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool
  ) throws(LogError) -> Bool {
    let total = book.totals[place]
    let delta = total.sums &- total.written
    let isChanged = delta != AttendanceSums(repeating: 0)
    guard isChanged || total.number > 0 else { return true }
    guard isChanged || (book.isOver && !total.isFinal) else { return true }
    guard mayWrite(total, of: book, all: all) else { return false }
    if total.number == 0 {
      book.totals[place].number = try writer.aggregates.add(
        kind: AggregateKind.attendance.rawValue, scope: total.scope.rawValue, grain: AggregateGrain.day.rawValue,
        name: names.text(total.name), start: book.day.window.start, end: book.day.window.end)
      budget -= 1
    }
    book.totals[place].revision += 1
    book.totals[place].isFinal = total.isFinal || book.isOver
    book.totals[place].revisedAt = table.logTime
    book.totals[place].written = total.sums
    try outbox.make(
      Outbox.Revision(
        number: book.totals[place].number, revision: total.revision + 1, isFinal: book.totals[place].isFinal,
        watermark: table.logTime, through: table.row, end: book.day.window.end, sums: total.sums.vector,
        isBulk: Outbox.isBulk(.attendance, total.scope)),
      writer, &budget)
    guard isChanged else { return true }
    for (grain, window) in book.spans {
      let slot = try table.slot(.attendance, total.scope, total.name, grain, window)
      try table.add(delta, to: slot, outbox, writer, &budget, all: all)
    }
    return true
  }

  // MARK: Adding up

  /// Brings a day's totals up to a meeting's sums.
  func roll(_ meeting: Int, in book: DayBook) {
    if let rolled = meetings[meeting].rolled { contribute(rolled, sign: -1, to: book) }
    let rolled = Meeting.Rolled(
      sums: meetings[meeting].sums, standings: meetings[meeting].standings, roster: meetings[meeting].roster,
      course: meetings[meeting].session.course, teacher: meetings[meeting].session.teacher)
    contribute(rolled, sign: 1, to: book)
    meetings[meeting].rolled = rolled
  }

  private func contribute(_ rolled: Meeting.Rolled, sign: Int64, to book: DayBook) {
    book.add(.course, rolled.course, rolled.sums &* sign)
    book.add(.teacher, rolled.teacher, rolled.sums &* sign)
    // What a person and a unit share with the meeting, whoever was there.
    var shared = AttendanceSums(repeating: 0)
    for place in [SumsLayout.devicesExpected, SumsLayout.devicesHeard, SumsLayout.Attendance.meetings] {
      shared[place] = rolled.sums[place]
    }
    let view = rolled.roster.view
    var lists: [Int32: AttendanceSums] = [:]
    for (seat, person) in rolled.roster.members.enumerated() {
      var one = AttendanceSums(repeating: 0)
      one[SumsLayout.Attendance.expected] = 1
      switch rolled.standings[seat] {
      case Meeting.Standing.present: one[SumsLayout.Attendance.present] = 1
      case Meeting.Standing.late: one[SumsLayout.Attendance.late] = 1
      default: break
      }
      book.add(.student, view.personNames[Int(person)], (one &+ shared) &* sign)
      lists[view.personUnits[Int(person)], default: AttendanceSums(repeating: 0)] &+= one
    }
    var units: [CampusView.Unit: AttendanceSums] = [:]
    for (list, sums) in lists {
      for unit in view.unitLists[Int(list)] { units[unit, default: shared] &+= sums }
    }
    for (unit, sums) in units { book.add(unit.scope, unit.name, sums &* sign) }
  }
}
