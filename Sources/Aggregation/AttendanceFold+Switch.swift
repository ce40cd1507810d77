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

  /// Makes a stored meeting as if nothing had been heard of it, in the store too: its roster, place or time may be
  /// another under the version that comes into force. Where that has none of its start, its aggregate is withdrawn.
  func reset(_ stored: StoredMeeting, under view: CampusView, _ outbox: Outbox) throws(LogError) {
    let session = view.session(names.number(stored.session), at: stored.start)
    let state = try log.aggregate(
      kind: AggregateKind.attendance.rawValue, scope: AggregateScope.session.rawValue,
      grain: AggregateGrain.meeting.rawValue, name: stored.session, start: stored.start)
    var row = stored
    row.state = session == nil ? .withdrawn : .awaited
    row.version = view.version.id
    if let session {
      row.place = names.text(session.place)
      row.end = session.end
    }
    let day = try views.calendar(stored.version).day(at: stored.start).window.start
    try log.transaction { (writer) throws(LogError) in
      // Its day is to be added up again, whether this ends here or goes on.
      try writer.note(day: day)
      try writer.clear(meeting: stored.number)
      try writer.change(row)
      guard let aggregate = state?.aggregate else { return }
      if let session {
        if session.end != aggregate.end { try writer.aggregates.extend(aggregate.number, to: session.end) }
        return
      }
      guard !aggregate.isFinal || AttendanceSums(vector: aggregate.sums) != AttendanceSums(repeating: 0) else { return }
      var budget = 0
      var withdrawn = aggregate
      withdrawn.revision += 1
      withdrawn.isFinal = true
      withdrawn.watermark = table.logTime
      withdrawn.sums = AttendanceSums(repeating: 0).vector
      try outbox.make(withdrawn, through: table.row, writer, &budget)
    }
    outbox.wakeRelays()
  }

  /// From when on rows may tell of meetings that are not final and whose time has come; nil: there are none.
  func firstOpenTime(at time: Int64) -> Int64? {
    // An event time may lie ahead of its commit by as much as a clock may be wrong.
    timetable.entries.lazy.filter { !$0.isFinal && $0.start - Timetable.early <= time + AggregateTable.grace }
      .map { $0.start - Timetable.early }.min()
  }
}
