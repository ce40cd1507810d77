extension CampusProblem {
  /// One line of English, with what to do where that is not plain.
  public var message: String {
    switch self {
    case .directoryMissing:
      "no such directory; set campus.directory to the folder that holds devices.csv"
    case .fileMissing: "not found; the campus directory must have this file"
    case .fileUnreadable(let reason): "cannot be read: \(reason)"
    case .fileTooLarge(let limit): "larger than \(limit) bytes"
    case .enrolmentsWithoutPeople: "people.csv is missing, and enrolments name people"
    case .notUTF8: "not UTF-8; save the file as UTF-8 (in Excel: “CSV UTF-8”)"
    case .unterminatedQuote: "a quoted field that begins in this record is never closed"
    case .textAfterQuote: "text after a closing quote; write a quote inside a field twice"
    case .quoteInField: "a quote inside an unquoted field; quote the field and double the quote"
    case .noHeader(let columns):
      "empty; the first row must name the columns: \(columns.joined(separator: ","))"
    case .wrongSeparator(let separator):
      "fields are separated by \(separator == "\t" ? "tabs" : "“\(separator)”"); use commas"
    case .missingColumn(let name, let nearest):
      "no column “\(name)”" + (nearest.map { "; is “\($0)” meant for it?" } ?? "")
    case .repeatedColumn(let name): "the column “\(name)” stands twice"
    case .fieldCount(let found, let expected): "\(found) fields where the header has \(expected)"
    case .emptyCell(let column): "\(column) is empty"
    case .unknownValue(let column, let value, let known, let nearest):
      "unknown \(column) \(quoted(value)); "
        + (nearest.map { "did you mean “\($0)”?" } ?? "one of: \(known.joined(separator: " "))")
    case .badTopicName(let column, let value):
      "\(column) \(quoted(value)) cannot stand in a topic: 1 to 64 of A-Z a-z 0-9 . _ -, no dot first"
    case .badTime(let column, let value, let fault): "\(column) \(quoted(value)) \(fault.message)"
    case .badInteger(let column, let value, let least, let greatest):
      "\(column) \(quoted(value)) is not a whole number from \(least) to \(greatest)"
    case .badCard(let position, let fault): "card \(position) of this person \(fault.message)"
    case .duplicate(let column, let value, let firstLine):
      "\(column) \(quoted(value)) stands already on line \(firstLine)"
    case .repeatedEnrolment(let group, let firstLine):
      "this person stands in group “\(group)” already on line \(firstLine)"
    case .unknownReference(let column, let value, let file, let nearest):
      "\(column) \(quoted(value)) is not in \(file.rawValue)"
        + (nearest.map { "; did you mean “\($0)”?" } ?? "")
    case .notATeacher(let person, let role):
      "teacher_id “\(person)” is a person of role \(role.rawValue), not a teacher"
    case .cycle(let chain): "parent_id goes in a circle: \(chain.joined(separator: " → "))"
    case .misplaced(let kind, let parent, let parentKind):
      "a \(kind) cannot lie in “\(parent)”, which is a \(parentKind)"
    case .sharedCard(let position, let person, let line):
      "card \(position) of this person is already held by “\(person)” on line \(line)"
    case .endNotAfterStart: "ends_at is not after starts_at"
    case .meetingTooLong(let hours): "longer than \(hours) hours; give each day's meeting a row of its own"
    case .startOutOfYears(let first, let last):
      "starts_at is not in the years \(first) to \(last); leave out meetings that have no date yet"
    case .leastAboveGreatest(let least, let greatest): "min \(least) is above max \(greatest)"
    }
  }

  /// A cell's text, cut so that a message stays one readable line.
  func quoted(_ value: String) -> String {
    let shown = value.unicodeScalars.prefix(60).map { scalar in
      scalar.value < 0x20 || scalar.value == 0x7F ? "␣" : String(scalar)
    }
    return "“\(shown.joined())\(value.unicodeScalars.count > 60 ? "…" : "")”"
  }
}

extension ISO8601.Fault {
  fileprivate var message: String {
    switch self {
    case .malformed: "is not a time like 2026-09-07T08:30:00+08:00"
    case .noOffset: "has no offset from UTC; write it like 2026-09-07T08:30:00+08:00"
    case .outOfRange: "is no such day or time"
    }
  }
}

extension CampusProblem.CardFault {
  fileprivate var message: String {
    switch self {
    case .notHexadecimal: "is not hexadecimal"
    case .oddDigits: "has an odd number of hexadecimal digits; is a leading 0 lost?"
    case .length(let bytes): "has \(bytes) bytes; a card has 4 to 16"
    }
  }
}
