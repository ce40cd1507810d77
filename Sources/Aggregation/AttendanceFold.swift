import DeviceProtocol
import ReadingLog

/// Check-ins to attendance of class meetings, and from there to roll-ups (contracts, section Diagnosis core contract).
///
/// What is known of a meeting only grows (cards seen, devices heard), so that rows may come in any order, late, or
/// twice after a restart: the sums follow from the facts, never from the order.
final class AttendanceFold {
  let log: FoldLog
  let names: Names
  let table: AggregateTable
  let views: CampusViews
  let devices: DeviceTable
  /// The campus version in force.
  var view: CampusView
  var timetable: Timetable

  var meetings: ContiguousArray<Meeting> = []
  var freeMeetings: [Int32] = []
  /// By the first instant of the day.
  var books: [Int64: DayBook] = [:]
  /// Every beginning and end up to here has been dealt with; Unix milliseconds of log time.
  private(set) var clock: Int64 = 0
  /// When the next meeting begins or becomes final.
  private(set) var nextEvent = Int64.min
  private var nextBegin = 0
  private var nextEnd = 0

  /// Meetings whose latest revision lies behind.
  var revising: [Int32] = []
  /// What the store does not have yet.
  var unwritten = Unwritten()

  struct Unwritten {
    var days: [Int64] = []
    var meetings: [Int32] = []
    var cards: [(meeting: Int32, token: Token, time: Int64)] = []
    var devices: [(meeting: Int32, device: Int32)] = []
    var isEmpty: Bool { days.isEmpty && meetings.isEmpty && cards.isEmpty && devices.isEmpty }
  }

  init(
    _ log: FoldLog, _ table: AggregateTable, _ views: CampusViews, _ devices: DeviceTable, view: CampusView,
    timetable: Timetable
  ) {
    self.log = log
    self.table = table
    names = table.names
    self.views = views
    self.devices = devices
    self.view = view
    self.timetable = timetable
    table.attendanceEnd = { [unowned self] in self.timetable.finalTime(of: $0) }
  }

  /// Puts a timetable in force, with nothing in memory.
  func replace(_ view: CampusView, _ timetable: Timetable) {
    self.view = view
    self.timetable = timetable
    meetings.removeAll()
    freeMeetings.removeAll()
    books.removeAll()
    revising.removeAll()
    (nextBegin, nextEnd, nextEvent) = (0, 0, .min)
    // Beginnings and ends are to be dealt with anew: until then, no day may pass for over.
    clock = 0
  }

  // MARK: Readings

  /// Counts a check-in. `onlyOpen`: final meetings have had it already.
  func checkIn(_ row: FoldRow, onlyOpen: Bool = false) throws(LogError) {
    let schedule = devices.entries[Int(row.device)].schedule
    guard schedule >= 0 else { return }
    let span = timetable.schedules[Int(schedule)].span(at: row.eventTime)
    let entries = timetable.schedules[Int(schedule)].entries(inSpan: span)
    var isExpected = false
    for entry in entries {
      let meeting = try meeting(at: Int(entry))
      guard let seat = meetings[meeting].roster.seat(of: row.token) else { continue }
      isExpected = true
      if onlyOpen, meetings[meeting].isFinal { continue }
      begin(meeting)
      guard meetings[meeting].count(seat: seat, at: row.eventTime) else { continue }
      unwritten.cards.append((Int32(meeting), row.token, row.eventTime))
      touch(meeting)
    }
    guard !isExpected else { return }
    for entry in entries {
      let meeting = try meeting(at: Int(entry))
      if onlyOpen, meetings[meeting].isFinal { continue }
      begin(meeting)
      guard meetings[meeting].unknown.insert(row.token).inserted else { continue }
      unwritten.cards.append((Int32(meeting), row.token, row.eventTime))
      touch(meeting)
    }
  }

  /// Notes that a device was heard, by the time its reading is stamped and by the time it was received.
  @inline(__always)
  func hear(_ row: FoldRow, onlyOpen: Bool = false) throws(LogError) {
    let device = Int(row.device)
    if !devices.entries[device].heardEvent.contains(row.eventTime) {
      devices.entries[device].heardEvent = try hear(row.device, at: row.eventTime, onlyOpen: onlyOpen)
    }
    if !devices.entries[device].heardReceived.contains(row.receivedTime) {
      devices.entries[device].heardReceived = try hear(row.device, at: row.receivedTime, onlyOpen: onlyOpen)
    }
  }

  /// Gives the time during which there is nothing more to note.
  private func hear(_ device: Int32, at time: Int64, onlyOpen: Bool) throws(LogError) -> Window {
    let entry = devices.entries[Int(device)]
    guard entry.schedule >= 0 else { return Window(start: .min, end: .max) }
    let schedule = timetable.schedules[Int(entry.schedule)]
    let span = schedule.span(at: time)
    for position in schedule.entries(inSpan: span) {
      let meeting = try meeting(at: Int(position))
      if onlyOpen, meetings[meeting].isFinal { continue }
      guard !meetings[meeting].heard.contains(device) else { continue }
      meetings[meeting].heard.append(device)
      if meetings[meeting].number == 0 { store(meeting) }
      unwritten.devices.append((Int32(meeting), device))
      guard meetings[meeting].devices.contains(entry.name) else { continue }
      meetings[meeting].devicesHeard += 1
      if meetings[meeting].hasBegun { touch(meeting) }
    }
    return schedule.window(ofSpan: span)
  }

  // MARK: Time

  /// Begins and ends meetings up to `time`, in the order of their times, at most `limit`; true once all are.
  func advance(to time: Int64, limit: Int) throws(LogError) -> Bool {
    var left = limit
    let entries = timetable.entries.count
    while true {
      while nextBegin < entries, timetable.entries[nextBegin].hasBegun { nextBegin += 1 }
      while nextEnd < entries, timetable.entries[Int(timetable.byEnd[nextEnd])].isFinal { nextEnd += 1 }
      let beginning = nextBegin < entries ? timetable.entries[nextBegin].start : .max
      let end = nextEnd < entries ? Int(timetable.byEnd[nextEnd]) : -1
      let ending = end >= 0 ? timetable.entries[end].end + AggregateTable.grace : .max
      nextEvent = min(beginning, ending)
      if nextEvent > time {
        clock = max(clock, time)
        return true
      }
      guard left > 0 else {
        clock = max(clock, nextEvent - 1)
        return false
      }
      left -= 1
      if beginning <= ending { begin(try meeting(at: nextBegin)) } else { finish(try meeting(at: end)) }
    }
  }

  /// Begins every meeting that goes on at `time`, so that none is missing from what is said of its day meanwhile.
  func beginOngoing(at time: Int64) throws(LogError) {
    for position in timetable.entries.indices {
      let entry = timetable.entries[position]
      guard entry.start <= time else { return }
      if !entry.hasBegun, entry.end + AggregateTable.grace > time { begin(try meeting(at: position)) }
    }
  }

  private func begin(_ meeting: Int) {
    guard !meetings[meeting].hasBegun else { return }
    meetings[meeting].hasBegun = true
    timetable.entries[Int(meetings[meeting].entry)].hasBegun = true
    store(meeting)
    touch(meeting)
  }

  private func finish(_ meeting: Int) {
    begin(meeting)
    meetings[meeting].isFinal = true
    timetable.entries[Int(meetings[meeting].entry)].isFinal = true
    store(meeting)
    touch(meeting)
  }

  // MARK: What has changed

  /// The meeting's row is to be written.
  func store(_ meeting: Int) {
    if unwritten.meetings.last != Int32(meeting) { unwritten.meetings.append(Int32(meeting)) }
    note(books[meetings[meeting].day])
  }

  /// The meeting's sums have changed: its aggregate and its day's roll-ups lie behind.
  func touch(_ meeting: Int) {
    if !meetings[meeting].isListed {
      meetings[meeting].isListed = true
      revising.append(Int32(meeting))
    }
    guard let book = books[meetings[meeting].day] else { return }
    if !meetings[meeting].isRollListed {
      meetings[meeting].isRollListed = true
      book.rolling.append(Int32(meeting))
    }
    if meetings[meeting].isFinal { book.isUrgent = true }
    note(book)
  }

  func note(_ book: DayBook?) {
    guard let book, !book.isNoted else { return }
    book.isNoted = true
    unwritten.days.append(book.day.window.start)
  }
}
