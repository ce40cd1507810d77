extension Truth {
  /// What one meeting came to.
  struct Meeting {
    var session: PlainCampus.Session
    /// Whose people and units are its own.
    var campus: PlainCampus
    /// Enrolled people who are in none of the three others are absent.
    var expected: Set<String> = []
    var present: Set<String> = []
    var late: Set<String> = []
    /// Cards of nobody who belongs there.
    var unknown: Set<String> = []
    var devicesExpected = 0
    var devicesHeard = 0
    var hasCheckIn = false
    var isFinal = false

    /// Counts over some of the enrolled; `unknown` belongs to the whole meeting.
    func tally(of people: Set<String>, unknown: Int) -> Tally {
      let present = people.intersection(present).count
      let late = people.intersection(late).count
      return Tally(
        expected: people.count, present: present, late: late, absent: people.count - present - late,
        unknown: unknown, devicesExpected: devicesExpected, devicesHeard: devicesHeard, isFinal: isFinal)
    }
  }

  struct Tally {
    var expected = 0
    var present = 0
    var late = 0
    var absent = 0
    var unknown = 0
    var devicesExpected = 0
    var devicesHeard = 0
    var isFinal = true

    mutating func add(_ other: Tally) {
      expected += other.expected
      present += other.present
      late += other.late
      absent += other.absent
      unknown += other.unknown
      devicesExpected += other.devicesExpected
      devicesHeard += other.devicesHeard
      isFinal = isFinal && other.isFinal
    }
  }

  /// What one meeting adds to one roll-up.
  private struct Share {
    var scope: String
    var id: String
    var tally: Tally
  }

  func attendance() -> [Aggregate] {
    let meetings = meetings()
    var aggregates = meetings.map { meeting in
      aggregate(
        "session", meeting.session.id, "meeting",
        LocalCalendar.Window(start: meeting.session.start, end: meeting.session.end),
        meeting.tally(of: meeting.expected, unknown: meeting.unknown.count), isFinal: meeting.isFinal)
    }
    var rollUps: [Aggregate.Key: Tally] = [:]
    for meeting in meetings {
      let start = meeting.session.start
      let windows = [("day", calendar.day(start)), ("week", calendar.week(start)), ("month", calendar.month(start))]
      for share in shares(of: meeting) {
        for (grain, window) in windows {
          let key = Aggregate.Key(
            aggregate: "attendance", scope: share.scope, id: share.id, grain: grain, window: window)
          rollUps[key, default: Tally()].add(share.tally)
        }
      }
    }
    aggregates += rollUps.map { key, tally in
      aggregate(
        key.scope, key.id, key.grain, key.window, tally, isFinal: tally.isFinal && logTime >= key.window.end)
    }
    return aggregates
  }

  private func aggregate(
    _ scope: String, _ id: String, _ grain: String, _ window: LocalCalendar.Window, _ tally: Tally, isFinal: Bool
  ) -> Aggregate {
    Aggregate(
      key: Aggregate.Key(aggregate: "attendance", scope: scope, id: id, grain: grain, window: window),
      measures: [
        "expected": .count(tally.expected), "present": .count(tally.present), "late": .count(tally.late),
        "absent": .count(tally.absent), "unknown": .count(tally.unknown),
        "rate": .fraction(share(tally.present + tally.late, tally.expected)),
      ],
      devicesExpected: tally.devicesExpected, devicesHeard: tally.devicesHeard, isFinal: isFinal)
  }

  /// What a meeting adds to whom.
  private func shares(of meeting: Meeting) -> [Share] {
    let whole = meeting.tally(of: meeting.expected, unknown: meeting.unknown.count)
    var shares = [
      Share(scope: "course", id: meeting.session.course, tally: whole),
      Share(scope: "teacher", id: meeting.session.teacher, tally: whole),
    ]
    var people: [String: Set<String>] = [:]
    for person in meeting.expected {
      shares.append(Share(scope: "student", id: person, tally: meeting.tally(of: [person], unknown: 0)))
      for unit in meeting.campus.unitPath(meeting.campus.people[person] ?? "") {
        people[unit, default: []].insert(person)
      }
    }
    for (unit, members) in people {
      guard let level = meeting.campus.units[unit]?.level, ["programme", "college", "school"].contains(level) else {
        continue
      }
      shares.append(Share(scope: level, id: unit, tally: meeting.tally(of: members, unknown: 0)))
    }
    return shares
  }

  // MARK: Meetings

  /// The meetings that have begun: those of the campus, and those that only the later one has. What was final when
  /// the later one came into force stays as it was.
  func meetings() -> [Meeting] {
    let first = meetings(of: campus.sessions, under: campus)
    guard let later else { return first }
    // An id may be used again: the same session at another time is another meeting.
    func occurrence(_ session: PlainCampus.Session) -> String { "\(session.id) at \(session.start)" }
    let known = Set(campus.sessions.map(occurrence))
    return first + meetings(of: later.sessions.filter { !known.contains(occurrence($0)) }, under: later)
  }

  private func meetings(of sessions: [PlainCampus.Session], under campus: PlainCampus) -> [Meeting] {
    var meetings = sessions.map { session in
      Meeting(session: session, campus: campus, expected: campus.members[session.group] ?? [])
    }
    var byPlace: [String: [Int]] = [:]
    for (index, meeting) in meetings.enumerated() { byPlace[meeting.session.place, default: []].append(index) }
    countCheckIns(&meetings, byPlace, campus.personOfCard)
    countDevices(&meetings, byPlace)
    for index in meetings.indices {
      meetings[index].isFinal = logTime >= meetings[index].session.end + Rules.finalAfter
    }
    return meetings.filter { $0.session.start <= logTime || $0.hasCheckIn }
  }

  private func isInTime(_ time: Int64, _ session: PlainCampus.Session) -> Bool {
    session.start - Rules.checkInBefore <= time && time < session.end
  }

  private func countCheckIns(
    _ meetings: inout [Meeting], _ byPlace: [String: [Int]], _ personOfCard: [String: String]
  ) {
    // By meeting and person, the least time of a check-in, whichever card and device it came from.
    var first: [Int: [String: Int64]] = [:]
    for reading in readings where reading.kind == "checkin" {
      guard let place = place(reading) else { continue }
      let inTime = (byPlace[place] ?? []).filter { isInTime(reading.time, meetings[$0].session) }
      for index in inTime { meetings[index].hasCheckIn = true }
      let person = personOfCard[reading.card]
      let own = inTime.filter { index in person.map { meetings[index].expected.contains($0) } ?? false }
      if let person, !own.isEmpty {
        for index in own { first[index, default: [:]][person] = min(first[index]?[person] ?? .max, reading.time) }
      } else {
        for index in inTime { meetings[index].unknown.insert(reading.card) }
      }
    }
    for (index, people) in first {
      for (person, time) in people {
        if time <= meetings[index].session.start + rules.lateAfter {
          meetings[index].present.insert(person)
        } else {
          meetings[index].late.insert(person)
        }
      }
    }
  }

  /// A device is heard by a frame that arrived or a reading that happened from 15 minutes before the start to the end.
  private func countDevices(_ meetings: inout [Meeting], _ byPlace: [String: [Int]]) {
    var heard: [Int: Set<String>] = [:]
    for reading in readings {
      guard let place = place(reading) else { continue }
      for index in byPlace[place] ?? [] {
        let session = meetings[index].session
        if isInTime(reading.time, session) || reading.received.map({ isInTime($0, session) }) ?? false {
          heard[index, default: []].insert(reading.device)
        }
      }
    }
    for index in meetings.indices {
      meetings[index].devicesExpected = campus.devices(at: meetings[index].session.place).count
      meetings[index].devicesHeard = heard[index]?.count ?? 0
    }
  }
}
