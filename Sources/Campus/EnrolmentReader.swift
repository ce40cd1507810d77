/// Gathers the rows of `enrolments.csv`, compactly: there may be a million.
struct EnrolmentReader {
  private var groups: [String] = []
  private var groupIndex: [String: Int32] = [:]
  private var pairs: [Enrolments.Pair] = []
  private var lines: [Int32] = []

  mutating func read(_ table: inout CampusTable, _ people: Register<Person>) {
    let group = table.required(0)
    let position = table.position(1, in: people)
    guard let group, let position else { return }
    pairs.append(Enrolments.Pair(group: index(of: group), person: Int32(position)))
    lines.append(Int32(table.line))
  }

  private mutating func index(of group: String) -> Int32 {
    // Rosters are mostly written group by group.
    if let last = pairs.last?.group, groups[Int(last)] == group { return last }
    if let index = groupIndex[group] { return index }
    let index = Int32(groups.count)
    groupIndex[group] = index
    groups.append(group)
    return index
  }

  /// Gives the rosters; refuses people who stand twice in a group.
  func finish(_ table: inout CampusTable) -> Enrolments {
    let enrolments = Enrolments(groups: groups, groupIndex: groupIndex, pairs: pairs)
    // Only a directory with such a fault pays for finding its lines.
    if enrolments.hasRepeats { refuseRepeats(&table) }
    return enrolments
  }

  private func refuseRepeats(_ table: inout CampusTable) {
    var firstLines: [Enrolments.Pair: Int32] = [:]
    for (pair, line) in zip(pairs, lines) {
      guard let first = firstLines[pair] else {
        firstLines[pair] = line
        continue
      }
      table.refuse(
        .repeatedEnrolment(group: groups[Int(pair.group)], firstLine: Int(first)), line: Int(line))
    }
  }
}
