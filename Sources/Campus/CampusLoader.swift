/// Takes the files of a campus directory, gives the campus, refuses it with every fault there is.
///
/// Files are read in the order of their references, so that each cell is checked where it stands. A refused row
/// still counts as known: one fault does not raise others.
struct CampusLoader {
  private let files: [CampusFile: [UInt8]]
  /// Files that are there, but could not be read.
  private let unreadable: Set<CampusFile>
  /// They were accepted once: limits that came later do not refuse them.
  let wereAccepted: Bool
  private(set) var faults: [(file: CampusFile, fault: CSVTable.Fault)] = []

  init(_ files: [CampusFile: [UInt8]], unreadable: Set<CampusFile> = [], wereAccepted: Bool = false) {
    self.files = files
    self.unreadable = unreadable
    self.wereAccepted = wereAccepted
  }

  /// Gives the campus if no file had a fault.
  mutating func load() -> Campus? {
    for file in CampusFile.allCases
    where file.isRequired && files[file] == nil && !unreadable.contains(file) {
      faults.append((file, CSVTable.Fault(line: 1, problem: .fileMissing)))
    }
    let units = readUnits()
    let people = readPeople(units)
    let places = readPlaces(units)
    let devices = readDevices(places)
    let courses = readCourses(units)
    let sessions = readSessions(courses, people, places)
    let enrolments = readEnrolments(people)
    let surveys = readSurveys()
    guard faults.isEmpty else { return nil }
    return Campus(
      units: units.elements, people: people.elements, places: places.elements,
      devices: devices.elements, courses: courses.elements, sessions: sessions.elements,
      enrolments: enrolments, surveys: surveys.elements)
  }

  /// Reads one file row by row. `row` gives the row's id, under which it may stand only once, and the row itself
  /// if its cells are good; `finish` checks rows against each other.
  mutating func read<Element>(
    _ file: CampusFile,
    row: (inout CampusTable) -> (id: String?, element: Element?),
    finish: (inout CampusTable, Register<Element>) -> Void = { _, _ in }
  ) -> Register<Element> {
    guard let bytes = files[file] else { return Register(file, isComplete: false) }
    var table = CampusTable(file, bytes)
    var register = Register<Element>(file, isComplete: table.hasColumns)
    reading: while true {
      switch table.advance() {
      case .end:
        break reading
      case .malformed:
        if let id = table.optional(0) { _ = register.enter(id, line: table.line, nil) }
      case .row:
        let (id, element) = row(&table)
        guard let id, let first = register.enter(id, line: table.line, element) else { continue }
        let column = file == .devices ? "device" : file.columns[0]
        table.refuse(.duplicate(column: column, value: id, firstLine: first))
      }
    }
    finish(&table, register)
    faults += table.allFaults.map { (file, $0) }
    return register
  }

  /// Reads enrolments, which are pairs without an id.
  private mutating func readEnrolments(_ people: Register<Person>) -> Enrolments {
    guard let bytes = files[.enrolments] else { return Enrolments() }
    var table = CampusTable(.enrolments, bytes)
    if files[.people] == nil, !unreadable.contains(.people) {
      table.refuse(.enrolmentsWithoutPeople, line: 1)
    }
    var roster = EnrolmentReader()
    reading: while true {
      switch table.advance() {
      case .end: break reading
      case .malformed: continue
      case .row: roster.read(&table, people)
      }
    }
    let enrolments = roster.finish(&table)
    faults += table.allFaults.map { (.enrolments, $0) }
    return enrolments
  }
}
