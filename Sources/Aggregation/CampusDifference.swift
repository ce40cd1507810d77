/// Takes two campus versions, each with its timetable, gives the meetings that have other people, another time, place
/// or device in the later one, or share their room and time with one that has. All others count the same check-ins.
struct CampusDifference {
  private let earlier: CampusView
  private let later: CampusView
  private let earlierTimetable: Timetable
  private let laterTimetable: Timetable
  /// By the position of a person in the later version, the one in the earlier; -1: with other cards or units, or none.
  private let samePeople: [Int32]
  /// Whether a group of the earlier version has the people of a group of the later one.
  private var sameGroups: [Int64: Bool] = [:]

  init(
    from earlier: CampusView, _ earlierTimetable: Timetable, to later: CampusView, _ laterTimetable: Timetable
  ) {
    self.earlier = earlier
    self.earlierTimetable = earlierTimetable
    self.later = later
    self.laterTimetable = laterTimetable
    samePeople = CampusDifference.samePeople(earlier, later)
  }

  private static func samePeople(_ earlier: CampusView, _ later: CampusView) -> [Int32] {
    var positions: [Int32: Int32] = [:]
    positions.reserveCapacity(earlier.personNames.count)
    for (position, name) in earlier.personNames.enumerated() { positions[name] = Int32(position) }
    var same = [Int32](repeating: -1, count: later.personNames.count)
    for (position, name) in later.personNames.enumerated() {
      guard let known = positions[name], isSame(Int(known), earlier, position, later) else { continue }
      same[position] = known
    }
    return same
  }

  private static func isSame(_ one: Int, _ earlier: CampusView, _ other: Int, _ later: CampusView) -> Bool {
    earlier.campus.people[one].cards == later.campus.people[other].cards
      && earlier.unitLists[Int(earlier.personUnits[one])] == later.unitLists[Int(later.personUnits[other])]
  }

  /// Whether a meeting of the later version is to be counted anew.
  mutating func isChanged(_ entry: Timetable.Entry) -> Bool {
    guard earlier.devices[entry.place] == later.devices[entry.place] else { return true }
    // A card is a stranger to a meeting only where no other meeting of the room expects it.
    let before = earlierTimetable.entries(ofPlace: entry.place, during: entry.window)
    let after = laterTimetable.entries(ofPlace: entry.place, during: entry.window)
    guard before.count == after.count else { return true }
    for (one, other) in zip(before, after) {
      guard isSame(one, other) else { return true }
    }
    return false
  }

  private mutating func isSame(_ one: Timetable.Entry, _ other: Timetable.Entry) -> Bool {
    guard one.session == other.session, one.start == other.start, one.end == other.end, one.isFinal == other.isFinal
    else { return false }
    // A final one keeps the roster it had.
    if one.isFinal { return one.version == other.version }
    guard let before = earlier.session(one.session, at: one.start),
      let after = later.session(other.session, at: other.start)
    else { return false }
    return before.course == after.course && before.teacher == after.teacher && isSameGroup(before.group, after.group)
  }

  private mutating func isSameGroup(_ one: Int32, _ other: Int32) -> Bool {
    let key = Int64(one) << 32 | Int64(UInt32(bitPattern: other))
    if let known = sameGroups[key] { return known }
    let before = earlier.members(ofGroup: one)
    let after = later.members(ofGroup: other)
    let isSame = before.count == after.count && zip(before, after).allSatisfy { samePeople[Int($1)] == $0 }
    sameGroups[key] = isSame
    return isSame
  }
}
