/// Which meetings are in memory.
extension AttendanceFold {
  func insert(_ meeting: Meeting) -> Int {
    if let free = freeMeetings.popLast() {
      meetings[Int(free)] = meeting
      return Int(free)
    }
    meetings.append(meeting)
    return meetings.count - 1
  }

  /// Meetings of settled days kept in memory: late rows of many days must not read each of them again and again.
  private static let settledKept = 20_000
  /// Campus versions that settled days in memory may hold; each takes some megabytes for 10,000 people.
  private static let versionsKept = 8

  /// Gives up days that are settled: nothing of them is unwritten, and they are not noted in the store any more. The
  /// ones wanted last stay.
  func trim() {
    guard unwritten.isEmpty, revising.isEmpty else { return }
    var kept = 0
    var versions: Set<Int64> = []
    for book in books.values.filter({ $0.isOver && !$0.isNoted }).sorted(by: { $0.wantedAt > $1.wantedAt }) {
      kept += max(1, book.meetings.count)
      versions.formUnion(book.versions)
      if kept > AttendanceFold.settledKept || versions.count > AttendanceFold.versionsKept { give(up: book) }
    }
  }

  private func give(up book: DayBook) {
    for meeting in book.meetings {
      timetable.entries[Int(meetings[Int(meeting)].entry)].meeting = -1
      meetings[Int(meeting)].rolled = nil
      meetings[Int(meeting)].roster = Roster(view: view, members: [])
      meetings[Int(meeting)].unknown = []
      freeMeetings.append(meeting)
    }
    books[book.day.window.start] = nil
  }
}
