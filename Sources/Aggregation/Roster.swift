import DeviceProtocol

/// Who is expected at a meeting, under the campus version that is its own.
struct Roster {
  let view: CampusView
  /// Positions in the version's people, ascending.
  let members: ArraySlice<Int32>

  /// The place in the roster of the person with this card; nil: nobody expected.
  func seat(of card: Token) -> Int? {
    guard let person = view.people[card] else { return nil }
    var low = members.startIndex
    var high = members.endIndex
    while low < high {
      let middle = (low + high) / 2
      if members[middle] < person { low = middle + 1 } else { high = middle }
    }
    return low < members.endIndex && members[low] == person ? low - members.startIndex : nil
  }
}
