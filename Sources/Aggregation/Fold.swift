import DeviceProtocol
import ReadingLog

/// The fold's state, read from the store and carried on from row to row. After any error it is thrown away and read
/// again: everything it does can be done twice.
final class Fold {
  let log: FoldLog
  let settings: AggregationSettings
  let views: CampusViews
  let table: AggregateTable
  let devices: DeviceTable
  let attendance: AttendanceFold
  let survey: SurveyFold
  let passage: PassageFold
  let device: DeviceFold
  let incident: IncidentFold
  let outbox: Outbox

  /// How far rows are folded, and how far that is in the store.
  var cursor: FoldCursor
  var durable: FoldCursor
  /// How far rows were folded when the cycle of writing began.
  var cycleCursor: FoldCursor?
  var chunk = FoldChunk()
  /// The campus version that comes next in the log.
  var next: CampusVersion?
  private(set) var withoutPlace: Int64 = 0
  /// Log time before which no hour, day or meeting begins or ends.
  private var nextTurn = Int64.min
  /// Everything that log time has begun and ended is dealt with: the next row may be folded.
  private var isAdvanced = true
  /// Whether what takes long is to be broken off: it can all be done again.
  var isStopped: () -> Bool = { false }
  /// Whether even writing is to be broken off: what is not written is folded again at the next start.
  var isOutOfTime: () -> Bool = { false }
  /// Rows of the chunk that are folded.
  private(set) var rowsFolded = 0

  /// Meetings begun and ended between two looks at what must be written.
  static let meetingsAtOnce = 200

  /// nil: the log has no campus version yet.
  init?(_ log: FoldLog, subjects: SubjectKey, settings: AggregationSettings) throws(LogError) {
    let versions = try log.store.campusVersions()
    guard let first = versions.first else { return nil }
    self.log = log
    self.settings = settings
    cursor = try log.cursor()
    // Rows from before the first version are folded under it: nothing else is known of their time.
    if cursor.version == 0 { cursor.version = first.id }
    durable = cursor
    let names = Names()
    views = CampusViews(log.store, subjects: subjects, names: names)
    table = AggregateTable(log, names: names, settings: settings)
    table.logTime = cursor.logTime
    table.row = cursor.row
    table.startTime = max(try log.latestCommit(), versions.map(\.committedTime).max() ?? 0)
    table.zones = Set(versions.map(\.timeZone))
    let view = try views.view(cursor.version)
    let horizon = try log.horizon()
    let timetable = AttendanceFold.timetable(view, try log.meetings(from: horizon), names, from: horizon)
    devices = DeviceTable(log.store, names: names)
    try devices.place(view, timetable)
    attendance = AttendanceFold(log, table, views, devices, view: view, timetable: timetable)
    survey = SurveyFold(table, devices, attendance)
    passage = PassageFold(table, devices, attendance)
    device = DeviceFold(table, devices, attendance)
    incident = IncidentFold(table, devices, attendance)
    outbox = try Outbox(log, settings: settings)
    try table.load()
    try incident.load(at: cursor.row)
    if !cursor.isSwitching { try attendance.loadOpenDays() }
    // Retention goes by the cursor from now on.
    let begun = durable
    try log.transaction { (writer) throws(LogError) in try writer.move(to: begun) }
  }

  var unattributed: Unattributed {
    var unattributed = survey.unattributed
    unattributed.withoutPlace = withoutPlace
    return unattributed
  }

  /// Folds the next chunk, once `endAll` has been done; false: there is none. A chunk ends early where more meetings
  /// begin and end than may at once: what a row meets depends on the log alone, never on how it was cut in chunks.
  func foldChunk() throws(LogError) -> Bool {
    rowsFolded = 0
    next = try log.read(after: cursor, limit: settings.rowsPerStep, into: &chunk)
    if let next {
      table.zones.insert(next.timeZone)
      table.startTime = max(table.startTime, next.committedTime)
    }
    guard !chunk.commits.isEmpty else { return false }
    for commit in chunk.commits {
      guard try fold(commit) else {
        if rowsFolded > 0 { cursor.row = chunk.rows[rowsFolded - 1].row }
        noteEnd()
        return true
      }
      if commit.isWhole { cursor.batch = commit.batch }
    }
    cursor.row = chunk.end.row
    noteEnd()
    return true
  }

  /// Rows of the log not folded yet.
  var rowsLeft: Int64 { chunk.rowsLeft + max(0, chunk.end.row - cursor.row) }

  private func noteEnd() {
    table.isBusy = rowsFolded >= settings.rowsOfBusyStep
    cursor.logTime = table.logTime
    table.row = cursor.row
  }

  /// Folds what the chunk has of a commit; false: its time ends more than may end at once, and the rest comes after.
  private func fold(_ commit: FoldCommit) throws(LogError) -> Bool {
    if !commit.isSummed { guard try reach(commit.time) else { return false } }
    while rowsFolded < commit.end {
      let row = chunk.rows[rowsFolded]
      if commit.isSummed { guard try reach(row.receivedTime) else { return false } }
      try take(row)
      rowsFolded += 1
    }
    if commit.isSummed, commit.isWhole { return try reach(commit.time) }
    return true
  }

  /// Log time goes on; false: more begins and ends by then than may at once, and `endAll` is to be done.
  private func reach(_ time: Int64) throws(LogError) -> Bool {
    guard time > table.logTime else { return isAdvanced }
    let before = table.logTime
    table.logTime = time
    guard time >= nextTurn else { return isAdvanced }
    isAdvanced = try attendance.advance(to: time, limit: Fold.meetingsAtOnce)
    try device.advance(from: before, to: time)
    try incident.advance(to: time)
    nextTurn = min(attendance.nextEvent, device.nextTurn, incident.nextTurn)
    return isAdvanced
  }

  /// Log time goes on to a campus version's commit, and everything that is over by then ends. false: the outbox is
  /// full, and it is to be tried again.
  func close(at time: Int64) throws(LogError) -> Bool {
    _ = try reach(time)
    return try endAll()
  }

  /// Begins and ends everything that log time has reached, and writes in between, so that memory stays bounded. false:
  /// the outbox is full, or the fold was asked to stop, and it is to be tried again.
  func endAll() throws(LogError) -> Bool {
    // A version that is half in force has meetings that the timetable of the old one does not tell of.
    guard !cursor.isSwitching else { return true }
    while try !advance() { guard try write(all: false), !isStopped() else { return false } }
    return true
  }

  /// Ends what is over, some meetings at a time; true once all of it has ended.
  private func advance() throws(LogError) -> Bool {
    isAdvanced = try attendance.advance(to: table.logTime, limit: Fold.meetingsAtOnce)
    nextTurn = min(attendance.nextEvent, device.nextTurn, incident.nextTurn)
    table.end(by: attendance.clock)
    return isAdvanced
  }

  /// After a new campus version every turn is to be looked for again.
  func resetTurns() {
    nextTurn = .min
    isAdvanced = false
  }

  private func take(_ row: FoldRow) throws(LogError) {
    table.row = row.row
    // A device may have become known since.
    if !devices.has(row.device) { try devices.place(attendance.view, attendance.timetable) }
    guard devices.has(row.device) else {
      withoutPlace += 1
      return
    }
    try device.take(row, chunk.details)
    guard devices.entries[Int(row.device)].place >= 0 else {
      withoutPlace += 1
      return
    }
    try attendance.hear(row)
    switch row.kind {
    case ReadingKind.checkin.rawValue: if row.hasSubject { try attendance.checkIn(row) }
    case ReadingKind.passage.rawValue: try passage.pass(row)
    case ReadingKind.response.rawValue: try survey.respond(row)
    case ReadingKind.incident.rawValue: try incident.report(row)
    default: break
    }
  }
}
