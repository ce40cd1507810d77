import Campus

extension CampusBuilder {
  /// A meeting that repeats every week: minutes after midnight of its first day, clocks read as they stand.
  private struct Odd {
    var name: String
    var group: String
    var room: String
    var weekday: Int
    var from: Double
    var to: Double
  }

  /// Adds what a real timetable has and a tidy one has not. After everything else is made.
  mutating func makeAwkward(from first: LocalDay, days: Int) {
    guard let room = rooms.first, let other = rooms.last, let teacher = teachers.first?.first else { return }
    let bare = "room-bare"
    places.append(Place(id: bare, parentID: "campus", kind: .room, name: "无终端教室", unitID: "col-1"))
    courses.append(Course(id: "c-elective", name: "公共选修课", unitID: "school"))
    handOutCards()
    enrolElectives()
    let week = [
      // Two groups in one room at once, some people in both; then two that overlap by half.
      Odd(name: "clash-a", group: "g-elective-1", room: room, weekday: 1, from: 18.5 * 60, to: 20 * 60),
      Odd(name: "clash-b", group: "g-elective-2", room: room, weekday: 1, from: 18.5 * 60, to: 20 * 60),
      Odd(name: "half-a", group: "g-elective-1", room: room, weekday: 3, from: 18.5 * 60, to: 20 * 60),
      Odd(name: "half-b", group: "g-elective-2", room: room, weekday: 3, from: 19.25 * 60, to: 20.75 * 60),
      // At the time of ordinary lessons: whoever is in both is expected in both.
      Odd(name: "double", group: "g-elective-3", room: other, weekday: 2, from: 8.5 * 60, to: 9.5 * 60),
      // Five minutes before the next lesson in that room.
      Odd(name: "close", group: "g-elective-3", room: room, weekday: 0, from: 13 * 60 + 12, to: 13 * 60 + 55),
      // Over midnight into another day, a night of a clock change, another week.
      Odd(name: "late", group: "g-night", room: room, weekday: 4, from: 23.5 * 60, to: 24.75 * 60),
      Odd(name: "watch", group: "g-night", room: other, weekday: 5, from: 22 * 60, to: 28 * 60),
      Odd(name: "eve", group: "g-night", room: room, weekday: 6, from: 23.25 * 60, to: 24.5 * 60),
      Odd(name: "empty", group: "g-nobody", room: room, weekday: 0, from: 12 * 60 + 6, to: 12 * 60 + 54),
      Odd(name: "bare", group: "g-elective-1", room: bare, weekday: 4, from: 18 * 60, to: 19 * 60),
    ]
    for offset in 0..<days {
      let day = first.adding(offset)
      for odd in week where odd.weekday == day.weekday {
        let next = odd.to >= 24 * 60
        sessions.append(
          Session(
            id: "odd-\(odd.name)-\(day.text.filter { $0 != "-" })", courseID: "c-elective", groupID: odd.group,
            teacherID: people[teacher].id, placeID: odd.room, start: day.time(odd.from),
            end: next ? day.adding(1).time(odd.to - 24 * 60) : day.time(odd.to)))
      }
    }
    sessions.sort { ($0.start, $0.placeID, $0.id) < ($1.start, $1.placeID, $1.id) }
  }

  /// Every seventh student has two cards, every nineteenth none.
  private mutating func handOutCards() {
    var dice = Dice(seed, .awkward)
    var known = Set(people.flatMap(\.cards))
    for index in people.indices where people[index].role == .student {
      if index % 19 == 4 {
        people[index].cards = []
      } else if index % 7 == 3 {
        // Campus cards of another make: four bytes.
        let card: [UInt8] = [0x08] + withUnsafeBytes(of: dice.next()) { Array($0.prefix(3)) }
        if known.insert(card).inserted { people[index].cards.append(card) }
      }
    }
  }

  private mutating func enrolElectives() {
    var dice = Dice(seed, .awkward, 1)
    for person in people where person.role == .student {
      for (group, share) in [("g-elective-1", 0.3), ("g-elective-2", 0.3), ("g-elective-3", 0.25), ("g-night", 0.1)]
      where dice.chance(share) {
        enrolments.append((group: group, person: person.id))
      }
    }
  }
}
