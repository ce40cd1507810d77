import DeviceProtocol
import ReadingLog

/// What is known of one class meeting: a set of facts that grows, whatever the order in which they come.
struct Meeting {
  /// Which: the same session at another time is another meeting.
  struct Key: Hashable {
    var session: Int32
    var start: Int64
  }

  /// How somebody of the roster stands; the better counts.
  enum Standing {
    static let absent: UInt8 = 0
    static let late: UInt8 = 1
    static let present: UInt8 = 2
  }

  /// What the day's roll-ups hold of a meeting.
  struct Rolled {
    var sums: AttendanceSums
    var standings: [UInt8]
    var roster: Roster
    var course: Int32
    var teacher: Int32

    /// What everybody expected shares with the meeting.
    static let shared = [SumsLayout.devicesExpected, SumsLayout.devicesHeard, SumsLayout.Attendance.meetings]

    /// Whether the two differ at most in who came.
    func isShared(with other: Rolled) -> Bool {
      course == other.course && teacher == other.teacher && roster.view === other.roster.view
        && roster.members == other.roster.members && Rolled.shared.allSatisfy { sums[$0] == other.sums[$0] }
    }
  }

  /// Its place in the timetable.
  var entry: Int32
  /// The first instant of its day.
  var day: Int64
  var session: CampusView.SessionEntry
  var roster: Roster
  /// Names of the devices of its place.
  var devices: [Int32]
  /// The store's number; 0: not stored yet.
  var number: Int64 = 0
  var hasBegun = false
  var isFinal = false

  /// By place in the roster.
  var standings: [UInt8]
  var present: Int64 = 0
  var late: Int64 = 0
  var unknown: Set<Token> = []
  /// The store's numbers of devices heard in its time, whichever of them are the place's.
  var heard: [Int32] = []
  /// Of those, the place's.
  var devicesHeard: Int64 = 0

  /// The store's number of its aggregate; 0: not stored yet.
  var aggregate: Int64 = 0
  /// When its aggregate says that it ends.
  var aggregateEnd: Int64 = 0
  var revision: Int64 = 0
  var revisedAt = Int64.min
  /// What the latest revision says, and whether it is final.
  var revised: AttendanceSums?
  var isRevisedFinal = false
  var isListed = false

  var rolled: Rolled?
  var isRollListed = false

  init(entry: Int32, day: Int64, session: CampusView.SessionEntry, roster: Roster, devices: [Int32]) {
    self.entry = entry
    self.day = day
    self.session = session
    self.roster = roster
    self.devices = devices
    standings = [UInt8](repeating: Standing.absent, count: roster.members.count)
  }

  var sums: AttendanceSums {
    var sums = AttendanceSums(repeating: 0)
    sums[SumsLayout.devicesExpected] = Int64(devices.count)
    sums[SumsLayout.devicesHeard] = devicesHeard
    sums[SumsLayout.Attendance.expected] = Int64(standings.count)
    sums[SumsLayout.Attendance.present] = present
    sums[SumsLayout.Attendance.late] = late
    sums[SumsLayout.Attendance.unknown] = Int64(unknown.count)
    sums[SumsLayout.Attendance.meetings] = 1
    return sums
  }

  /// Whether its latest revision says something else.
  var isBehind: Bool { revised != sums || isRevisedFinal != isFinal }

  /// Takes the latest revision the store has of its aggregate.
  mutating func adopt(_ stored: StoredAggregate) {
    aggregate = stored.number
    aggregateEnd = stored.end
    revision = stored.revision
    guard stored.revision > 0 else { return }
    revised = AttendanceSums(vector: stored.sums)
    isRevisedFinal = stored.isFinal
    revisedAt = stored.watermark
  }

  /// A check-in up to and including this time is present.
  var presentUntil: Int64 { session.start + Int64(roster.view.rules.lateAfterMinutes) * 60_000 }

  /// Counts a check-in of somebody expected; false: nothing new.
  mutating func count(seat: Int, at time: Int64) -> Bool {
    let standing = time <= presentUntil ? Standing.present : Standing.late
    let before = standings[seat]
    guard before < standing else { return false }
    standings[seat] = standing
    if before == Standing.late { late -= 1 }
    if standing == Standing.present { present += 1 } else { late += 1 }
    return true
  }
}
