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
