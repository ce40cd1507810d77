/// A person on the roster: one row of `people.csv`.
public struct Person: Sendable, Equatable {
  public enum Role: String, Sendable, CaseIterable {
    case student, teacher, staff
  }

  public var id: String
  public var role: Role
  public var name: String
  public var unitID: String?
  /// Card numbers, 4 to 16 bytes each; none for a person without a card.
  public var cards: [[UInt8]]

  public init(id: String, role: Role, name: String, unitID: String?, cards: [[UInt8]]) {
    self.id = id
    self.role = role
    self.name = name
    self.unitID = unitID
    self.cards = cards
  }
}
