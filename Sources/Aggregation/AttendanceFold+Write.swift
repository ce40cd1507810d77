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
    if known.aggregate > 0, known.aggregateEnd != known.session.end {
      try writer.aggregates.extend(known.aggregate, to: known.session.end)
    }
    meetings[meeting].aggregateEnd = known.session.end
    meetings[meeting].revision += 1
    meetings[meeting].revised = sums
    meetings[meeting].isRevisedFinal = known.isFinal
    meetings[meeting].revisedAt = table.logTime
    meetings[meeting].aggregate = try outbox.make(
      StoredAggregate(
        number: known.aggregate, kind: AggregateKind.attendance.rawValue, scope: AggregateScope.session.rawValue,
        grain: AggregateGrain.meeting.rawValue, name: names.text(known.session.name), start: known.session.start,
        end: known.session.end, revision: known.revision + 1, isFinal: known.isFinal, watermark: table.logTime,
        sums: sums.vector), through: table.row, mayTurn: known.isRevisedFinal != known.isFinal, writer, &budget)
  }
}
