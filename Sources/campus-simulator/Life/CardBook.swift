import Campus

/// The cards people carry, one after another in one array.
struct CardBook: Sendable {
  private var bytes: [UInt8] = []
  /// Where each card begins, by person and then by card; the last is the end.
  private var starts: [Int32] = [0]
  /// Position in `starts` of each person's first card; the last is the end.
  private var firstCards: [Int32] = [0]
  private let names: [String]
  private let seed: UInt64

  init(_ campus: Campus, seed: UInt64) {
    self.seed = seed
    names = campus.people.map(\.id)
    for person in campus.people {
      for card in person.cards {
        bytes += card
        starts.append(Int32(bytes.count))
      }
      firstCards.append(Int32(starts.count - 1))
    }
  }

  func hasCard(_ person: Int) -> Bool { count(person) > 0 }

  private func count(_ person: Int) -> Int { Int(firstCards[person + 1] - firstCards[person]) }

  /// The card that somebody shows: mostly the first.
  func pick(_ person: Int, _ dice: inout Dice) -> UInt8 {
    let count = count(person)
    guard count > 1, dice.chance(0.3) else { return 0 }
    return UInt8(min(255, 1 + dice.below(count - 1)))
  }

  /// Whose cards they are, by the roster; `nil` for a visitor's.
  func name(_ person: Int32) -> String? { person >= 0 && Int(person) < names.count ? names[Int(person)] : nil }

  /// Lends a card of a person, or of a visitor.
  func withCard<Result>(
    _ person: Int32, _ card: UInt8 = 0, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    if person >= 0, Int(person) + 1 < firstCards.count, card < count(Int(person)) {
      let position = Int(firstCards[Int(person)]) + Int(card)
      let range = Int(starts[position])..<Int(starts[position + 1])
      return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
    var dice = Dice(seed, .visitor, Int(person))
    return withUnsafeBytes(of: dice.next()) { card in
      body(UnsafeBufferPointer(rebasing: card.bindMemory(to: UInt8.self)[..<7]))
    }
  }
}
