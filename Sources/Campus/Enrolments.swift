/// Who is enrolled in which group: the rows of `enrolments.csv`.
///
/// A million enrolments take four bytes each: the members of all groups lie in one array, as positions in
/// `Campus.people`, and a group is a range of it.
public struct Enrolments: Sendable, Equatable {
  /// The groups, in the order in which the file first names them.
  public let groups: [String]
  private let groupIndex: [String: Int32]
  private let starts: [Int32]
  private let members: [Int32]

  public init() {
    self.init(groups: [], groupIndex: [:], pairs: [])
  }

  /// One enrolment: positions of the group in `groups` and of the person in `Campus.people`.
  struct Pair: Hashable {
    var group: Int32
    var person: Int32
  }

  init(groups: [String], groupIndex: [String: Int32], pairs: [Pair]) {
    self.groups = groups
    self.groupIndex = groupIndex
    // A counting sort by group, then each group's members by position.
    var starts = [Int32](repeating: 0, count: groups.count + 1)
    for pair in pairs { starts[Int(pair.group) + 1] += 1 }
    for group in groups.indices { starts[group + 1] += starts[group] }
    var next = starts
    var members = [Int32](repeating: 0, count: pairs.count)
    for pair in pairs {
      members[Int(next[Int(pair.group)])] = pair.person
      next[Int(pair.group)] += 1
    }
    for group in groups.indices {
      members[Int(starts[group])..<Int(starts[group + 1])].sort()
    }
    self.starts = starts
    self.members = members
  }

  /// Takes each group's members as positions in `Campus.people`.
  public init(_ members: [(group: String, people: [Int])]) {
    var groups: [String] = []
    var groupIndex: [String: Int32] = [:]
    var pairs: [Pair] = []
    for (group, people) in members {
      let position = groupIndex[group] ?? Int32(groups.count)
      if groupIndex[group] == nil {
        groupIndex[group] = position
        groups.append(group)
      }
      pairs += people.map { Pair(group: position, person: Int32($0)) }
    }
    self.init(groups: groups, groupIndex: groupIndex, pairs: pairs)
  }

  /// The number of enrolments.
  public var count: Int { members.count }

  /// Whether someone stands in a group twice.
  var hasRepeats: Bool {
    groups.indices.contains { group in
      let range = Int(starts[group])..<Int(starts[group + 1])
      return range.dropFirst().contains { members[$0] == members[$0 - 1] }
    }
  }

  /// Positions in `Campus.people` of a group's members, ascending; empty for a group nobody is enrolled in.
  public func members(of group: String) -> ArraySlice<Int32> {
    guard let position = groupIndex[group].map(Int.init) else { return [] }
    return members[Int(starts[position])..<Int(starts[position + 1])]
  }
}
