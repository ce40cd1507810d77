import ReadingLog

/// Attendance of one day by course, teacher, unit and student: the sums of its meetings, beside what the store has.
///
/// Weeks and months are not added up again: a day that is written adds what it has grown by to its week and month,
/// in the same transaction.
final class DayBook {
  struct Total {
    var scope: AggregateScope
    var name: Int32
    var sums = AttendanceSums(repeating: 0)
    /// What the store has, and week and month hold.
    var written = AttendanceSums(repeating: 0)
    /// The store's number; 0: not stored yet.
    var number: Int64 = 0
    var revision: Int64 = 0
    var revisedAt = Int64.min
    var isFinal = false
    var isListed = false
  }

  let day: LocalDay
  /// Numbers of its meetings in memory.
  var meetings: [Int32] = []
  /// Campus versions whose rosters they have.
  var versions: Set<Int64> = []
  /// The latest revisions of those that are not in memory.
  var revisions: [Meeting.Key: StoredAggregate] = [:]
  /// Of those in memory, the ones that have changed since they were last added up.
  var rolling: [Int32] = []
  var totals: [Total] = []
  /// Totals that may differ from the store; those of students apart.
  var changed: [Int32] = []
  /// There are thousands of them, and all of a class change at once: they are written together, now and then.
  var changedStudents: [Int32] = []
  private var isSorted = true
  /// Log time when students' totals were last written.
  var studentsAt: Int64
  /// Something final has changed: nothing waits for an interval.
  var isUrgent = false
  /// The window is over and all its meetings are final.
  var isOver = false
  /// The store knows that it may lie behind.
  var isNoted = false
  /// Log time before which running totals are not looked at.
  var lookAt = Int64.min
  /// Log time when it was last wanted.
  var wantedAt: Int64
  private var index: [Int64: Int32] = [:]

  /// `time`: log time.
  init(_ day: LocalDay, at time: Int64) {
    self.day = day
    wantedAt = time
    studentsAt = time
  }

  /// What a day adds its totals to.
  var spans: [(grain: AggregateGrain, window: Window)] { [(.week, day.week), (.month, day.month)] }

  /// Totals and meetings that may lie behind.
  var unwritten: Int { changed.count + changedStudents.count + rolling.count }

  private func place(_ scope: AggregateScope, _ name: Int32) -> Int {
    let key = Int64(scope.rawValue) << 32 | Int64(name)
    if let known = index[key] { return Int(known) }
    index[key] = Int32(totals.count)
    totals.append(Total(scope: scope, name: name))
    return totals.count - 1
  }

  func add(_ scope: AggregateScope, _ name: Int32, _ delta: AttendanceSums) {
    let place = place(scope, name)
    totals[place].sums &+= delta
    list(place)
  }

  /// Takes what the store has of a total.
  func adopt(_ scope: AggregateScope, _ name: Int32, _ state: AggregateState) {
    let place = place(scope, name)
    totals[place].written = AttendanceSums(vector: state.aggregate.sums)
    totals[place].number = state.aggregate.number
    totals[place].revision = state.aggregate.revision
    totals[place].revisedAt = state.aggregate.watermark
    totals[place].isFinal = state.aggregate.isFinal
    list(place)
  }

  private func list(_ place: Int) {
    guard !totals[place].isListed else { return }
    totals[place].isListed = true
    if totals[place].scope == .student {
      changedStudents.append(Int32(place))
      isSorted = false
    } else {
      changed.append(Int32(place))
    }
  }

  /// Whatever waits is to be looked at now.
  func comeDue() {
    lookAt = .min
    studentsAt = 0
  }

  /// Brings students in the store's order, so that what one transaction writes lies on few pages.
  func sortStudents() {
    guard !isSorted else { return }
    changedStudents.sort { totals[Int($0)].number < totals[Int($1)].number }
    isSorted = true
  }

  /// Everything that is not final yet is to be looked at.
  func listAll() {
    for place in totals.indices where !totals[place].isFinal { list(place) }
  }
}
