import DeviceProtocol
import ReadingLog

extension AttendanceFold {
  /// The meeting of an entry, read from the store with the whole of its day where it is not in memory.
  @inline(__always)
  func meeting(at entry: Int) throws(LogError) -> Int {
    let known = timetable.entries[entry].meeting
    return known >= 0 ? Int(known) : try load(entry)
  }

  private func load(_ position: Int) throws(LogError) -> Int {
    let entry = timetable.entries[position]
    let book = try book(views.calendar(entry.version).day(at: entry.start))
    if timetable.entries[position].meeting >= 0 { return Int(timetable.entries[position].meeting) }
    return try take(position, in: book, entry.stored > 0 ? log.facts(ofMeeting: entry.stored) : MeetingFacts())
  }

  /// The book of a day, with every meeting of it that is stored.
  @discardableResult
  func book(_ day: LocalDay) throws(LogError) -> DayBook {
    if let known = books[day.window.start] {
      known.wantedAt = table.logTime
      return known
    }
    let book = DayBook(day, at: table.logTime)
    books[day.window.start] = book
    for state in try log.aggregates(
      kind: AggregateKind.attendance.rawValue, grain: AggregateGrain.meeting.rawValue,
      from: day.window.start, to: day.window.end)
    {
      let key = Meeting.Key(session: names.number(state.aggregate.name), start: state.aggregate.start)
      book.revisions[key] = state.aggregate
    }
    let facts = try log.facts(ofMeetingsFrom: day.window.start, to: day.window.end)
    for position in timetable.entries(in: day.window) where timetable.entries[position].stored > 0 {
      // An earlier version may have had other days, by another time zone.
      let own = try views.calendar(timetable.entries[position].version)
      guard own.day(at: timetable.entries[position].start).window.start == day.window.start else { continue }
      _ = try take(position, in: book, facts[timetable.entries[position].stored] ?? MeetingFacts())
    }
    let states = try log.aggregates(
      kind: AggregateKind.attendance.rawValue, grain: AggregateGrain.day.rawValue,
      from: day.window.start, to: day.window.start + 1)
    for state in states {
      guard let scope = AggregateScope(rawValue: state.aggregate.scope) else { continue }
      book.adopt(scope, names.number(state.aggregate.name), state)
    }
    return book
  }

  /// Takes a meeting into memory, with what the store knows of it.
  private func take(_ position: Int, in book: DayBook, _ facts: MeetingFacts) throws(LogError) -> Int {
    let meeting = try make(position, in: book)
    guard meetings[meeting].number > 0 else { return meeting }
    count(facts, at: meeting)
    if meetings[meeting].hasBegun { roll(meeting, in: book) }
    return meeting
  }

  private func make(_ position: Int, in book: DayBook) throws(LogError) -> Int {
    let entry = timetable.entries[position]
    let own = try entry.version == view.version.id ? view : views.view(entry.version)
    guard let session = own.session(entry.session, at: entry.start) else {
      let problem = "it has no session \(names.text(entry.session)), which the store says it has"
      throw .other(AggregationError.campus(version: entry.version, problem: problem).description)
    }
    var meeting = Meeting(
      entry: Int32(position), day: book.day.window.start, session: session,
      roster: Roster(view: own, members: own.members(ofGroup: session.group)),
      devices: own.devices[session.place] ?? [])
    meeting.number = entry.stored
    meeting.hasBegun = entry.hasBegun
    meeting.isFinal = entry.isFinal
    // Also one that is new may have an aggregate: of a meeting that was withdrawn.
    if let latest = book.revisions.removeValue(forKey: Meeting.Key(session: session.name, start: session.start)) {
      meeting.adopt(latest)
    }
    let place = insert(meeting)
    timetable.entries[position].meeting = Int32(place)
    book.meetings.append(Int32(place))
    book.versions.insert(entry.version)
    return place
  }

  /// Counts what the store has noted of a meeting.
  private func count(_ facts: MeetingFacts, at meeting: Int) {
    for (token, time) in facts.cards {
      if let seat = meetings[meeting].roster.seat(of: token) {
        _ = meetings[meeting].count(seat: seat, at: time)
      } else {
        meetings[meeting].unknown.insert(token)
      }
    }
    meetings[meeting].heard = facts.devices
    let place = meetings[meeting].devices
    meetings[meeting].devicesHeard = Int64(
      meetings[meeting].heard.count { devices.has($0) && place.contains(devices.entries[Int($0)].name) })
    if meetings[meeting].hasBegun, meetings[meeting].isBehind { touch(meeting) }
  }
}
