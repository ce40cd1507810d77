import Campus

/// The cards people carry, one after another in one array.
struct CardBook: Sendable {
  private var bytes: [UInt8] = []
  private var starts: [Int32] = [0]
  private let seed: UInt64

  init(_ campus: Campus, seed: UInt64) {
    self.seed = seed
    for person in campus.people {
      // A person with several cards shows the first: the others are spare.
      bytes += person.cards.first ?? []
      starts.append(Int32(bytes.count))
    }
  }

  func hasCard(_ person: Int) -> Bool { starts[person + 1] > starts[person] }

  /// Lends the card of a person, or of a visitor.
  func withCard<Result>(_ person: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if person >= 0, Int(person) + 1 < starts.count {
      let range = Int(starts[Int(person)])..<Int(starts[Int(person) + 1])
      return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
    var dice = Dice(seed, .visitor, Int(person))
    return withUnsafeBytes(of: dice.next()) { card in
      body(UnsafeBufferPointer(rebasing: card.bindMemory(to: UInt8.self)[..<7]))
    }
  }
}
