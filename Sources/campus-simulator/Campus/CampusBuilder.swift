import Campus

/// A campus under construction: takes a seed and sizes, gives the lists of a campus directory.
struct CampusBuilder {
  struct Class {
    var unit: String
    var college: Int
    var programme: Int
    /// Positions in `people`.
    var students: Range<Int>
  }

  let seed: UInt64
  let studentCount: Int
  let zone: CampusZone
  var units: [OrganisationUnit] = []
  var people: [Person] = []
  var places: [Place] = []
  var devices: [Device] = []
  var courses: [Course] = []
  var sessions: [Session] = []
  var enrolments: [(group: String, person: String)] = []
  var surveys: [SurveyItem] = []

  var classes: [Class] = []
  var rooms: [String] = []
  /// Positions in `people`, by college.
  var teachers: [[Int]] = []
  var collegeCount: Int { min(Names.colleges.count, max(2, (studentCount + 849) / 850)) }
  /// Programmes of a college: a small school does not offer all.
  func programmes(of college: Int) -> [String] {
    let all = Names.colleges[college].programmes
    return Array(all.prefix(max(1, min(all.count, studentCount / collegeCount / 120))))
  }

  init(seed: UInt64, students: Int, zone: CampusZone = .china) {
    self.seed = seed
    self.zone = zone
    studentCount = students
  }

  /// School, offices, colleges with a teaching office each, programmes and classes.
  mutating func makeUnits() {
    unit("school", nil, .school, Names.school)
    for (index, name) in Names.offices.enumerated() { unit("office-\(index + 1)", "school", .office, name) }
    let perCollege = (studentCount + collegeCount - 1) / collegeCount
    var left = studentCount
    for college in 0..<collegeCount {
      let id = "col-\(college + 1)"
      unit(id, "school", .college, Names.colleges[college].name)
      unit("\(id)-office", id, .office, Names.colleges[college].name + "教研室")
      let names = programmes(of: college)
      for (index, name) in names.enumerated() { unit("prog-\(college + 1)-\(index + 1)", id, .programme, name) }
      let here = min(left, perCollege)
      left -= here
      makeClasses(college, names, students: here)
    }
  }

  private mutating func makeClasses(_ college: Int, _ names: [String], students: Int) {
    let count = max(1, (students + 39) / 40)
    for number in 0..<count {
      let programme = number % names.count
      let year = 24 + number / names.count % 3
      let inYear = number / names.count / 3 + 1
      let unit = "class-\(college + 1)-\(number + 1)"
      self.unit(
        unit, "prog-\(college + 1)-\(programme + 1)", .class, "\(names[programme])\(year)\(LocalDay.two(inYear))班")
      let first = students * number / count
      let last = students * (number + 1) / count
      // Positions follow when the people are made; here only how many.
      classes.append(Class(unit: unit, college: college, programme: programme, students: first..<last))
    }
  }

  private mutating func unit(_ id: String, _ parent: String?, _ level: OrganisationUnit.Level, _ name: String) {
    units.append(OrganisationUnit(id: id, parentID: parent, level: level, name: name))
  }

  /// Students in their classes, teachers in teaching offices, staff in offices; each with a card of seven bytes.
  mutating func makePeople() {
    var dice = Dice(seed, .campus, 1)
    var cards: Set<[UInt8]> = []
    for index in classes.indices {
      let first = people.count
      for _ in classes[index].students {
        person("s\(people.count + 1)", .student, classes[index].unit, &dice, &cards)
      }
      classes[index].students = first..<people.count
    }
    for college in 0..<collegeCount {
      let first = people.count
      let lessons = classes.count(where: { $0.college == college })
      for number in 0..<max(3, lessons * 2 / 3 + 1) {
        person("t\(college + 1)-\(number + 1)", .teacher, "col-\(college + 1)-office", &dice, &cards)
      }
      teachers.append(Array(first..<people.count))
    }
    for number in 0..<max(4, studentCount / 80) {
      person("w\(number + 1)", .staff, "office-\(number % Names.offices.count + 1)", &dice, &cards)
    }
  }

  private mutating func person(
    _ id: String, _ role: Person.Role, _ unit: String, _ dice: inout Dice, _ cards: inout Set<[UInt8]>
  ) {
    var card: [UInt8]
    repeat {
      // NFC cards have seven bytes and a maker's first byte.
      card = [0x04] + withUnsafeBytes(of: dice.next()) { Array($0.prefix(6)) }
    } while !cards.insert(card).inserted
    let name = Names.person(&dice)
    people.append(Person(id: id, role: role, name: name, unitID: unit, cards: [card]))
  }
}
