/// One meeting of a group in the timetable: one row of `sessions.csv`.
public struct Session: Sendable, Equatable {
  public var id: String
  public var courseID: String
  public var groupID: String
  public var teacherID: String
  public var placeID: String
  /// Start, milliseconds since 1970 UTC.
  public var start: Int64
  /// End, milliseconds since 1970 UTC; always after the start.
  public var end: Int64

  /// No meeting is longer, and none begins outside these years: what lies beyond is a slip or a placeholder, and would
  /// keep its day, week and month open for ever.
  static let hoursAtMost: Int64 = 24
  static let years = 2000...2100
  /// The years in milliseconds since 1970 UTC.
  static let starts: Range<Int64> = 946_684_800_000..<4_133_980_800_000

  public init(
    id: String, courseID: String, groupID: String, teacherID: String, placeID: String,
    start: Int64, end: Int64
  ) {
    self.id = id
    self.courseID = courseID
    self.groupID = groupID
    self.teacherID = teacherID
    self.placeID = placeID
    self.start = start
    self.end = end
  }
}
