import Campus

extension CampusBuilder {
  /// Minutes after midnight at which the double lessons of a day begin; each takes eighty.
  private static let slots = [8 * 60 + 30, 10 * 60 + 10, 14 * 60, 15 * 60 + 40]
  private static let lessonMinutes = 80

  private struct Lesson {
    var course: String
    var group: String
    var teacher: Int
    var room: Int
    var weekday: Int
    var slot: Int
  }

  /// A week's timetable without collisions of class, teacher or room, repeated on every working day.
  mutating func makeTimetable(from first: LocalDay, days: Int) {
    makeCourses()
    let week = makeWeek()
    for offset in 0..<days {
      let day = first.adding(offset)
      for (number, lesson) in week.enumerated() where lesson.weekday == day.weekday {
        let start = day.time(Double(Self.slots[lesson.slot]))
        let id = "m\(number + 1)-\(day.text.filter { $0 != "-" })"
        sessions.append(
          Session(
            id: id, courseID: lesson.course,
            groupID: lesson.group, teacherID: people[lesson.teacher].id, placeID: rooms[lesson.room],
            start: start, end: start + Int64(Self.lessonMinutes) * 60_000))
      }
    }
    sessions.sort { ($0.start, $0.placeID) < ($1.start, $1.placeID) }
  }

  private func courseID(_ item: Class, _ course: Int) -> String {
    "c\(item.college + 1)-\(item.programme + 1)-\(course + 1)"
  }

  /// Six courses a programme; a class is one group of each.
  private mutating func makeCourses() {
    var made: Set<String> = []
    for item in classes {
      let programme = programmes(of: item.college)[item.programme]
      for course in 0..<6 {
        // General courses have the same name everywhere, others belong to the programme.
        let name = course < 3 ? Names.courses[(item.programme + course) % 5] : programme + Names.courses[course + 2]
        let id = courseID(item, course)
        if made.insert(id).inserted {
          courses.append(Course(id: id, name: name, unitID: "col-\(item.college + 1)"))
        }
        for student in item.students {
          enrolments.append((group: "g-\(item.unit)-\(course + 1)", person: people[student].id))
        }
      }
    }
  }

  private func makeWeek() -> [Lesson] {
    var dice = Dice(seed, .campus, 2)
    let times = 5 * Self.slots.count
    var roomTaken = Set<Int>()
    var teacherTaken = Set<Int>()
    var week: [Lesson] = []
    for (number, item) in classes.enumerated() where !item.students.isEmpty {
      var classTaken = Set<Int>()
      for course in 0..<6 {
        let teacher = teachers[item.college][(number * 6 + course) % teachers[item.college].count]
        // Four of the six meet twice a week.
        for _ in 0..<(course < 4 ? 2 : 1) {
          let firstTime = dice.below(times)
          let firstRoom = dice.below(rooms.count)
          place: for step in 0..<times {
            let time = (firstTime + step) % times
            guard !classTaken.contains(time), !teacherTaken.contains(teacher * times + time) else { continue }
            for turn in rooms.indices {
              let room = (firstRoom + turn) % rooms.count
              guard roomTaken.insert(room * times + time).inserted else { continue }
              classTaken.insert(time)
              teacherTaken.insert(teacher * times + time)
              week.append(
                Lesson(
                  course: courseID(item, course), group: "g-\(item.unit)-\(course + 1)", teacher: teacher,
                  room: room, weekday: time / Self.slots.count, slot: time % Self.slots.count))
              break place
            }
          }
        }
      }
    }
    return week
  }
}
