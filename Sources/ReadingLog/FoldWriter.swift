import DeviceProtocol
import GRDBSQLite

/// What a fold writes, by raw prepared statements on the log's writing connection, inside `FoldLog.transaction`.
public final class FoldWriter {
  private let putCursor: Statement
  private let putState: Statement
  private let insertMeeting: Statement
  private let changeMeeting: Statement
  private let insertCard: Statement
  private let insertDevice: Statement
  private let dropCards: Statement
  private let dropDevices: Statement
  private let insertDay: Statement
  private let removeDay: Statement
  private let openIncident: Statement
  private let closeIncident: Statement
  private let insertToken: Statement
  public let aggregates: AggregateStatements
  private let connection: OpaquePointer

  init(_ connection: OpaquePointer) throws(LogError) {
    self.connection = connection
    putCursor = try Statement(
      connection,
      """
      INSERT INTO cursor (name, row, moved_at) VALUES ('\(FoldLog.cursorName)', ?1, ?2)
      ON CONFLICT (name) DO UPDATE SET row = excluded.row, moved_at = excluded.moved_at
      """)
    putState = try Statement(
      connection,
      """
      INSERT INTO log_state (name, value)
      VALUES ('fold_batch', ?1), ('fold_time', ?2), ('fold_version', ?3), ('fold_switching', ?4)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value
      """)
    insertMeeting = try Statement(
      connection,
      """
      INSERT INTO meeting (session, version, state, place, starts_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """)
    changeMeeting = try Statement(
      connection,
      "UPDATE meeting SET version = ?2, state = ?3, place = ?4, starts_at = ?5, ends_at = ?6 WHERE id = ?1")
    insertCard = try Statement(
      connection,
      """
      INSERT INTO attendance_card (meeting, token, checked_in) VALUES (?1, ?2, ?3)
      ON CONFLICT (meeting, token) DO UPDATE SET checked_in = min(checked_in, excluded.checked_in)
      """)
    insertDevice = try Statement(
      connection, "INSERT OR IGNORE INTO attendance_device (meeting, device) VALUES (?1, ?2)")
    dropCards = try Statement(connection, "DELETE FROM attendance_card WHERE meeting = ?1")
    dropDevices = try Statement(connection, "DELETE FROM attendance_device WHERE meeting = ?1")
    insertDay = try Statement(connection, "INSERT OR IGNORE INTO attendance_day (day) VALUES (?1)")
    removeDay = try Statement(connection, "DELETE FROM attendance_day WHERE day = ?1")
    openIncident = try Statement(
      connection, "INSERT OR IGNORE INTO incident (row, place, category, opened_at) VALUES (?1, ?2, ?3, ?4)")
    closeIncident = try Statement(
      connection, "UPDATE incident SET closed_by = ?2, closed_at = ?3 WHERE row = ?1 AND closed_by IS NULL")
    insertToken = try Statement(
      connection, "INSERT OR IGNORE INTO aggregate_card (aggregate, token) VALUES (?1, ?2)")
    aggregates = try AggregateStatements(connection)
  }

  /// Moves the durable cursor; everything up to it is in what was written before.
  public func move(to cursor: FoldCursor) throws(LogError) {
    putCursor.bind(1, cursor.row)
    putCursor.bind(2, cursor.logTime)
    try putCursor.run("moving the fold's cursor")
    putState.bind(1, cursor.batch)
    putState.bind(2, cursor.logTime)
    putState.bind(3, cursor.version)
    putState.bind(4, cursor.isSwitching ? 1 : 0)
    try putState.run("moving the fold's cursor")
  }

  // MARK: Meetings

  /// Adds a meeting that has begun; gives its number.
  public func add(_ meeting: StoredMeeting) throws(LogError) -> Int64 {
    insertMeeting.bindText(1, meeting.session)
    insertMeeting.bind(2, meeting.version)
    insertMeeting.bind(3, Int64(meeting.state.rawValue))
    insertMeeting.bindText(4, meeting.place)
    insertMeeting.bind(5, meeting.start)
    insertMeeting.bind(6, meeting.end)
    try insertMeeting.run("beginning a meeting")
    return sqlite3_last_insert_rowid(connection)
  }

  public func change(_ meeting: StoredMeeting) throws(LogError) {
    changeMeeting.bind(1, meeting.number)
    changeMeeting.bind(2, meeting.version)
    changeMeeting.bind(3, Int64(meeting.state.rawValue))
    changeMeeting.bindText(4, meeting.place)
    changeMeeting.bind(5, meeting.start)
    changeMeeting.bind(6, meeting.end)
    try changeMeeting.run("changing a meeting")
  }

  /// Notes a check-in; of several of a card the earliest stays. `time`: Unix milliseconds.
  public func checkIn(_ token: Token, at time: Int64, meeting: Int64) throws(LogError) {
    insertCard.bind(1, meeting)
    try withToken(token) { (bytes) throws(LogError) in
      insertCard.bindBlob(2, bytes, 16)
      insertCard.bind(3, time)
      try insertCard.run("noting a check-in")
    }
  }

  public func hear(device: Int32, meeting: Int64) throws(LogError) {
    insertDevice.bind(1, meeting)
    insertDevice.bind(2, Int64(device))
    try insertDevice.run("noting a device")
  }

  /// Forgets who was at a meeting and what was heard of it; gives how many cards that were.
  public func clear(meeting: Int64) throws(LogError) -> Int {
    dropCards.bind(1, meeting)
    try dropCards.run("clearing a meeting")
    let cards = Int(sqlite3_changes(connection))
    dropDevices.bind(1, meeting)
    try dropDevices.run("clearing a meeting")
    return cards
  }

  /// `day`: its first instant, Unix milliseconds.
  public func note(day: Int64) throws(LogError) {
    insertDay.bind(1, day)
    try insertDay.run("noting a day")
  }

  public func forget(day: Int64) throws(LogError) {
    removeDay.bind(1, day)
    try removeDay.run("forgetting a day")
  }

  // MARK: Incidents and cards

  public func open(_ incident: StoredIncident) throws(LogError) {
    openIncident.bind(1, incident.row)
    openIncident.bindText(2, incident.place)
    openIncident.bind(3, incident.category)
    openIncident.bind(4, incident.openedTime)
    try openIncident.run("opening an incident")
  }

  /// `row`: the row that opened it; `by` the one that closes it.
  public func close(incident row: Int64, by closing: Int64, at time: Int64) throws(LogError) {
    closeIncident.bind(1, row)
    closeIncident.bind(2, closing)
    closeIncident.bind(3, time)
    try closeIncident.run("closing an incident")
  }

  public func count(_ token: Token, aggregate: Int64) throws(LogError) {
    insertToken.bind(1, aggregate)
    try withToken(token) { (bytes) throws(LogError) in
      insertToken.bindBlob(2, bytes, 16)
      try insertToken.run("noting a card")
    }
  }

  private func withToken(
    _ token: Token, _ body: (UnsafeRawPointer?) throws(LogError) -> Void
  ) throws(LogError) {
    var bytes = (token.low, token.high)
    var failure: LogError?
    withUnsafeBytes(of: &bytes) { buffer in
      do throws(LogError) { try body(buffer.baseAddress) } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
