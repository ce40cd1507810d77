import ReadingLog

extension AttendanceFold {
  /// The timetable under a campus version: final meetings as they were, all others as the version has them. A session
  /// that begins at another time is another meeting, so that an id may be used again. Meetings that began before
  /// `horizon` are over and done with.
  static func timetable(
    _ view: CampusView, _ stored: [StoredMeeting], _ names: Names, from horizon: Int64
  ) -> Timetable {
    var entries: [Timetable.Entry] = []
    entries.reserveCapacity(view.sessions.count)
    var known: [Meeting.Key: StoredMeeting] = [:]
    for meeting in stored where meeting.start >= horizon {
      let session = names.number(meeting.session)
      if meeting.state == .final {
        entries.append(
          Timetable.Entry(
            session: session, place: names.number(meeting.place), start: meeting.start, end: meeting.end,
            version: meeting.version, stored: meeting.number, hasBegun: true, isFinal: true))
      }
      known[Meeting.Key(session: session, start: meeting.start)] = meeting
    }
    for session in view.sessions where session.start >= horizon {
      let meeting = known[Meeting.Key(session: session.name, start: session.start)]
      if meeting?.state == .final { continue }
      entries.append(
        Timetable.Entry(
          session: session.name, place: session.place, start: session.start, end: session.end,
          version: view.version.id, stored: meeting?.number ?? 0, hasBegun: meeting?.state == .open))
    }
    return Timetable(entries)
  }

  /// Reads the days whose roll-ups may lie behind their meetings.
  func loadOpenDays() throws(LogError) {
    for start in try log.openDays() {
      var calendar = view.calendar
      if calendar.day(at: start).window.start != start {
        // The day of an earlier campus version, in its time zone.
        for version in try log.store.campusVersions() {
          let earlier = try views.calendar(version.id)
          if earlier.day(at: start).window.start == start { calendar = earlier }
        }
      }
      let book = try book(calendar.day(at: start))
      book.isNoted = true
    }
  }

  /// Positions in `timetable`, which is about to come in force with `view`, of the meetings to be counted anew: all of
  /// those whose time has come and that are not final, or those of them that the versions have otherwise.
  func changed(under view: CampusView, _ timetable: Timetable, all: Bool) -> [Int] {
    // An event time may lie ahead of its commit by as much as a clock may be wrong.
    let time = table.logTime + AggregateTable.grace
    let begun = timetable.entries.indices.filter { position in
      let entry = timetable.entries[position]
      return !entry.isFinal && (entry.stored > 0 || entry.window.start <= time)
    }
    let hasSameRules = view.rules == self.view.rules && view.version.timeZone == self.view.version.timeZone
    if all || !hasSameRules || begun.isEmpty { return begun }
    var difference = CampusDifference(from: self.view, self.timetable, to: view, timetable)
    return begun.filter { difference.isChanged(timetable.entries[$0]) }
  }

  /// Of the stored meetings, those that may not stay as they are: the changed ones, by their numbers, and those that
  /// `view` does not have.
  func outdated(_ stored: [StoredMeeting], by changed: [Int64], under view: CampusView) -> [StoredMeeting] {
    let changed = Set(changed)
    return stored.filter { meeting in
      guard meeting.state == .open || meeting.state == .awaited else { return false }
      return changed.contains(meeting.number) || view.session(names.number(meeting.session), at: meeting.start) == nil
    }
  }

  /// What the store's aggregates of some meetings say.
  func latest(of meetings: [StoredMeeting]) throws(LogError) -> [Meeting.Key: StoredAggregate] {
    guard let first = meetings.map(\.start).min(), let last = meetings.map(\.start).max() else { return [:] }
    var latest: [Meeting.Key: StoredAggregate] = [:]
    for state in try log.aggregates(
      kind: AggregateKind.attendance.rawValue, grain: AggregateGrain.meeting.rawValue, from: first, to: last + 1)
    {
      latest[Meeting.Key(session: names.number(state.aggregate.name), start: state.aggregate.start)] = state.aggregate
    }
    return latest
  }

  /// Makes stored meetings as if nothing had been heard of them, in the store too: their roster, place or time may be
  /// another under the version that comes into force. Where that has none of its start, an aggregate is withdrawn.
  /// `latest`: what the aggregates say.
  /// Ends after some `limit` writes; gives how many meetings it came to.
  func reset(
    _ meetings: ArraySlice<StoredMeeting>, _ latest: [Meeting.Key: StoredAggregate], under view: CampusView,
    _ outbox: Outbox, limit: Int
  ) throws(LogError) -> Int {
    var days: Set<Int64> = []
    for meeting in meetings {
      days.insert(try views.calendar(meeting.version).day(at: meeting.start).window.start)
    }
    var budget = limit
    var done = 0
    try log.transaction { (writer) throws(LogError) in
      // They are to be added up again, whether their meetings end here or go on.
      for day in days { try writer.note(day: day) }
      for meeting in meetings where budget > 0 {
        done += 1
        let session = names.number(meeting.session)
        let aggregate = latest[Meeting.Key(session: session, start: meeting.start)]
        try reset(
          meeting, aggregate, to: view.session(session, at: meeting.start), of: view.version.id, outbox, writer, &budget)
      }
    }
    outbox.wakeRelays()
    return done
  }

  private func reset(
    _ stored: StoredMeeting, _ latest: StoredAggregate?, to session: CampusView.SessionEntry?, of version: Int64,
    _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) {
    var row = stored
    row.state = session == nil ? .withdrawn : .awaited
    row.version = version
    if let session {
      row.place = names.text(session.place)
      row.end = session.end
    }
    budget -= 2 + (try writer.clear(meeting: stored.number))
    try writer.change(row)
    guard let latest else { return }
    if let session {
      if session.end != latest.end { try writer.aggregates.extend(latest.number, to: session.end) }
      return
    }
    guard !latest.isFinal || AttendanceSums(vector: latest.sums) != AttendanceSums(repeating: 0) else { return }
    var withdrawn = latest
    withdrawn.revision += 1
    withdrawn.isFinal = true
    withdrawn.watermark = table.logTime
    withdrawn.sums = AttendanceSums(repeating: 0).vector
    try outbox.make(withdrawn, through: table.row, writer, &budget)
  }
}
