/// A meeting that has begun, or is about to, as the store keeps it.
public struct StoredMeeting: Sendable, Equatable {
  public enum State: UInt8, Sendable {
    case open = 0
    /// Its roster stays that of its version for ever.
    case final = 1
    /// It vanished from the campus before it was final.
    case withdrawn = 2
    /// It has not begun, but a device of its place was heard in its time.
    case awaited = 3
  }

  /// The store's number; 0: not stored yet.
  public var number: Int64
  public var session: String
  /// The campus version whose roster it has.
  public var version: Int64
  public var state: State
  public var place: String
  /// Unix milliseconds.
  public var start: Int64
  public var end: Int64

  public init(
    number: Int64 = 0, session: String, version: Int64, state: State, place: String, start: Int64, end: Int64
  ) {
    self.number = number
    self.session = session
    self.version = version
    self.state = state
    self.place = place
    self.start = start
    self.end = end
  }
}

/// An incident that is open. `row`: the log's row that opened it.
public struct StoredIncident: Sendable, Equatable {
  public var row: Int64
  public var place: String
  public var category: Int64
  /// Unix milliseconds.
  public var openedTime: Int64

  public init(row: Int64, place: String, category: Int64, openedTime: Int64) {
    self.row = row
    self.place = place
    self.category = category
    self.openedTime = openedTime
  }
}
