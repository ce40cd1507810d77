/// What can be wrong in a campus directory. Card numbers are personal data: no case carries one.
public enum CampusProblem: Error, Sendable, Equatable {
  // The directory and its files.
  case directoryMissing
  case fileMissing
  case fileUnreadable(reason: String)
  case fileTooLarge(limitBytes: Int)
  /// Enrolments say nothing without the people they name.
  case enrolmentsWithoutPeople

  // RFC 4180 and the header row.
  case notUTF8
  case unterminatedQuote
  case textAfterQuote
  case quoteInField
  case noHeader(columns: [String])
  case wrongSeparator(String)
  case missingColumn(String, nearest: String?)
  case repeatedColumn(String)
  case fieldCount(found: Int, expected: Int)

  // Cells.
  case emptyCell(column: String)
  case unknownValue(column: String, value: String, known: [String], nearest: String?)
  case badTopicName(column: String, value: String)
  case badTime(column: String, value: String, ISO8601.Fault)
  case badInteger(column: String, value: String, least: Int64, greatest: Int64)
  /// The card at this position of the cell, counted from 1.
  case badCard(position: Int, CardFault)

  // Rows against each other.
  case duplicate(column: String, value: String, firstLine: Int)
  case repeatedEnrolment(group: String, firstLine: Int)
  case unknownReference(column: String, value: String, file: CampusFile, nearest: String?)
  case notATeacher(person: String, role: Person.Role)
  case cycle([String])
  case misplaced(kind: String, parent: String, parentKind: String)
  case sharedCard(position: Int, person: String, line: Int)
  case endNotAfterStart
  case meetingTooLong(limitHours: Int64)
  case startOutOfYears(first: Int, last: Int)
  case leastAboveGreatest(least: Int32, greatest: Int32)

  public enum CardFault: Sendable, Equatable {
    case notHexadecimal
    case oddDigits
    case length(bytes: Int)
  }
}
