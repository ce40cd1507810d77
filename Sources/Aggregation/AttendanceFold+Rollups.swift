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

  private func isBehind(_ book: DayBook) -> Bool { book.unwritten > 0 }

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
      try findSpans(of: book.changed, in: book, &left) { mayWrite($0, of: book, all: all) }
      guard areStudentsDue(book, all: all) else { continue }
      book.sortStudents()
      try findSpans(of: book.changedStudents, in: book, &left) { _ in true }
    }
  }

  private func findSpans(
    of places: [Int32], in book: DayBook, _ left: inout Int, where isWanted: (DayBook.Total) -> Bool
  ) throws(LogError) {
    for place in places {
      guard left > 0 else { return }
      let total = book.totals[Int(place)]
      guard total.sums != total.written, isWanted(total) else { continue }
      left -= 1
      for (grain, window) in book.spans { _ = try table.slot(.attendance, total.scope, total.name, grain, window) }
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
    guard isDone, try writeStudents(of: book, outbox, writer, &budget, all: all) else { return }
    book.isUrgent = false
    book.lookAt = table.logTime + table.settings.revisionInterval
  }

  /// true: none is left that is due.
  private func writeStudents(
    of book: DayBook, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool
  ) throws(LogError) -> Bool {
    guard areStudentsDue(book, all: all) else { return true }
    var next = 0
    while next < book.changedStudents.count, budget > 0 {
      let place = Int(book.changedStudents[next])
      next += 1
      _ = try write(place, of: book, outbox, writer, &budget, all: true)
      book.totals[place].isListed = false
    }
    book.changedStudents.removeFirst(next)
    guard book.changedStudents.isEmpty else { return false }
    book.studentsAt = table.logTime
    return true
  }

  private func areStudentsDue(_ book: DayBook, all: Bool) -> Bool {
    let count = book.changedStudents.count
    guard count > 0 else { return false }
    if all || book.isOver { return true }
    let isFew = count <= table.settings.studentsAtOnce
    return table.logTime - book.studentsAt >= (isFew ? table.settings.rollupInterval : table.settings.studentInterval)
  }

  /// Whether a total need not wait for its interval.
  private func mayWrite(_ total: DayBook.Total, of book: DayBook, all: Bool) -> Bool {
    all || book.isOver || total.revisedAt == .min
      || table.logTime - total.revisedAt >= table.settings.rollupInterval
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
    book.totals[place].revision += 1
    book.totals[place].isFinal = total.isFinal || book.isOver
    book.totals[place].revisedAt = table.logTime
    book.totals[place].written = total.sums
    book.totals[place].number = try outbox.make(
      StoredAggregate(
        number: total.number, kind: AggregateKind.attendance.rawValue, scope: total.scope.rawValue,
        grain: AggregateGrain.day.rawValue, name: names.text(total.name), start: book.day.window.start,
        end: book.day.window.end, revision: total.revision + 1, isFinal: book.totals[place].isFinal,
        watermark: table.logTime, sums: total.sums.vector), through: table.row, writer, &budget)
    guard isChanged else { return true }
    for (grain, window) in book.spans {
      let slot = try table.slot(.attendance, total.scope, total.name, grain, window)
      // A student's week and month are revised with the day: nobody looks at them oftener.
      try table.add(delta, to: slot, outbox, writer, &budget, all: all || total.scope == .student)
    }
    return true
  }

  // MARK: Adding up

  /// Brings a day's totals up to a meeting's sums.
  func roll(_ meeting: Int, in book: DayBook) {
    let rolled = Meeting.Rolled(
      sums: meetings[meeting].sums, standings: meetings[meeting].standings, roster: meetings[meeting].roster,
      course: meetings[meeting].session.course, teacher: meetings[meeting].session.teacher)
    if let before = meetings[meeting].rolled {
      if before.isShared(with: rolled) {
        contribute(from: before, to: rolled, to: book)
      } else {
        contribute(before, sign: -1, to: book)
        contribute(rolled, sign: 1, to: book)
      }
    } else {
      contribute(rolled, sign: 1, to: book)
    }
    meetings[meeting].rolled = rolled
  }

  /// The same where nothing but standings and unknown cards have changed: only those who stand otherwise are touched.
  private func contribute(from before: Meeting.Rolled, to after: Meeting.Rolled, to book: DayBook) {
    let grown = after.sums &- before.sums
    guard grown != AttendanceSums(repeating: 0) else { return }
    book.add(.course, after.course, grown)
    book.add(.teacher, after.teacher, grown)
    let view = after.roster.view
    for (seat, person) in after.roster.members.enumerated() where after.standings[seat] != before.standings[seat] {
      let one = standing(after.standings[seat]) &- standing(before.standings[seat])
      book.add(.student, view.personNames[Int(person)], one)
      for unit in view.unitLists[Int(view.personUnits[Int(person)])] { book.add(unit.scope, unit.name, one) }
    }
  }

  /// What one person expected adds to the sums.
  private func standing(_ standing: UInt8) -> AttendanceSums {
    var one = AttendanceSums(repeating: 0)
    one[SumsLayout.Attendance.expected] = 1
    switch standing {
    case Meeting.Standing.present: one[SumsLayout.Attendance.present] = 1
    case Meeting.Standing.late: one[SumsLayout.Attendance.late] = 1
    default: break
    }
    return one
  }

  private func contribute(_ rolled: Meeting.Rolled, sign: Int64, to book: DayBook) {
    book.add(.course, rolled.course, rolled.sums &* sign)
    book.add(.teacher, rolled.teacher, rolled.sums &* sign)
    // What a person and a unit share with the meeting, whoever was there.
    var shared = AttendanceSums(repeating: 0)
    for place in Meeting.Rolled.shared { shared[place] = rolled.sums[place] }
    let view = rolled.roster.view
    var lists: [Int32: AttendanceSums] = [:]
    for (seat, person) in rolled.roster.members.enumerated() {
      let one = standing(rolled.standings[seat])
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
