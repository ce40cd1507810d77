import ReadingLog

extension AttendanceFold {
  /// Writes facts that the store does not have yet, as far as the budget reaches; true once it has all.
  func writeFacts(_ writer: FoldWriter, _ budget: inout Int) throws(LogError) -> Bool {
    while let day = unwritten.days.last, budget > 0 {
      try writer.note(day: day)
      unwritten.days.removeLast()
      budget -= 1
    }
    while let meeting = unwritten.meetings.last, budget > 0 {
      try write(Int(meeting), writer)
      unwritten.meetings.removeLast()
      budget -= 1
    }
    guard unwritten.days.isEmpty, unwritten.meetings.isEmpty else { return false }
    while let card = unwritten.cards.last, budget > 0 {
      try writer.checkIn(card.token, at: card.time, meeting: meetings[Int(card.meeting)].number)
      unwritten.cards.removeLast()
      budget -= 1
    }
    while let heard = unwritten.devices.last, budget > 0 {
      try writer.hear(device: heard.device, meeting: meetings[Int(heard.meeting)].number)
      unwritten.devices.removeLast()
      budget -= 1
    }
    return unwritten.isEmpty
  }

  private func write(_ meeting: Int, _ writer: FoldWriter) throws(LogError) {
    let known = meetings[meeting]
    let entry = timetable.entries[Int(known.entry)]
    let state: StoredMeeting.State = known.isFinal ? .final : known.hasBegun ? .open : .awaited
    let row = StoredMeeting(
      number: known.number, session: names.text(entry.session), version: entry.version, state: state,
      place: names.text(entry.place), start: entry.start, end: entry.end)
    if row.number > 0 {
      try writer.change(row)
    } else {
      let number = try writer.add(row)
      meetings[meeting].number = number
      timetable.entries[Int(known.entry)].stored = number
    }
  }

  // MARK: Meetings

  private func isDue(_ meeting: Meeting) -> Bool {
    meeting.isFinal || meeting.revisedAt == .min
      || table.logTime - meeting.revisedAt >= table.settings.revisionInterval
  }

  /// Whether a revision of a meeting is due.
  var hasRevisions: Bool { revising.contains { isDue(meetings[Int($0)]) } }

  /// Writes the revisions of meetings that are due, `all` even those that are not, as far as the budget reaches.
  func writeMeetings(_ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool) throws(LogError) {
    var kept: [Int32] = []
    var next = 0
    while next < revising.count, budget > 0 {
      let meeting = Int(revising[next])
      next += 1
      if all || isDue(meetings[meeting]) {
        meetings[meeting].isListed = false
        try revise(meeting, outbox, writer, &budget)
      } else {
        kept.append(Int32(meeting))
      }
    }
    revising.replaceSubrange(..<next, with: kept)
  }

  private func revise(
    _ meeting: Int, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) {
    let known = meetings[meeting]
    guard known.isBehind else { return }
    let sums = known.sums
    if known.aggregate == 0 {
      meetings[meeting].aggregate = try writer.aggregates.add(
        kind: AggregateKind.attendance.rawValue, scope: AggregateScope.session.rawValue,
        grain: AggregateGrain.meeting.rawValue, name: names.text(known.session.name), start: known.session.start,
        end: known.session.end)
      budget -= 1
    } else if known.aggregateEnd != known.session.end {
      try writer.aggregates.extend(known.aggregate, to: known.session.end)
    }
    meetings[meeting].aggregateEnd = known.session.end
    meetings[meeting].revision += 1
    meetings[meeting].revised = sums
    meetings[meeting].isRevisedFinal = known.isFinal
    meetings[meeting].revisedAt = table.logTime
    try outbox.make(
      Outbox.Revision(
        number: meetings[meeting].aggregate, revision: known.revision + 1, isFinal: known.isFinal,
        watermark: table.logTime, through: table.row, end: known.session.end, sums: sums.vector), writer, &budget)
  }

  // MARK: Roll-ups

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

  /// Writes the roll-ups of days that are due, `all` even those that are not, as far as the budget reaches.
  func writeRollups(_ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool) throws(LogError) {
    for book in books.values {
      if isEnding(book) {
        book.isOver = true
        book.isUrgent = true
        book.listAll()
      }
      if all || book.isUrgent || table.logTime >= book.lookAt {
        try write(book, outbox, writer, &budget, all: all)
      }
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
    for meeting in book.rolling {
      meetings[Int(meeting)].isRollListed = false
      if meetings[Int(meeting)].hasBegun { roll(Int(meeting), in: book) }
    }
    book.rolling.removeAll(keepingCapacity: true)
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

  /// Writes one total, and what it has grown by to its week and month. false: it waits for its interval.
  private func write(
    _ place: Int, of book: DayBook, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool
  ) throws(LogError) -> Bool {
    let total = book.totals[place]
    let delta = total.sums &- total.written
    let isChanged = delta != AttendanceSums(repeating: 0)
    guard isChanged || total.number > 0 else { return true }
    guard isChanged || (book.isOver && !total.isFinal) else { return true }
    let interval = total.scope == .student ? table.settings.studentInterval : table.settings.rollupInterval
    guard all || book.isOver || total.revisedAt == .min || table.logTime - total.revisedAt >= interval else {
      return false
    }
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
        watermark: table.logTime, through: table.row, end: book.day.window.end, sums: total.sums.vector),
      writer, &budget)
    guard isChanged else { return true }
    for (grain, window) in [(AggregateGrain.week, book.day.week), (.month, book.day.month)] {
      let slot = try table.slot(.attendance, total.scope, total.name, grain, window)
      try table.add(delta, to: slot, outbox, writer, &budget, all: all)
    }
    return true
  }
}
