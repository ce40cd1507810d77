/// One state of the campus as the log recorded it: it holds for the rows from `fromRow` on, until the next version.
public struct CampusVersion: Sendable, Equatable {
  public var id: Int64
  /// The first row of the log it holds for.
  public var fromRow: Int64
  /// The last commit before it.
  public var afterBatch: Int64
  /// Unix milliseconds.
  public var committedTime: Int64
  public var timeZone: String
  /// JSON of the rules the fold goes by.
  public var settings: String
}
