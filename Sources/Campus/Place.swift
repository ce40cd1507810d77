/// A place on the campus: one row of `places.csv`.
public struct Place: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case campus, building, room, canteen, counter, dormitory, gate

    var depth: Int {
      switch self {
      case .campus: 0
      case .building, .canteen, .dormitory: 1
      case .room, .gate: 2
      case .counter: 3
      }
    }

    /// Whether a place of this kind may lie in one of `parent`: a room in a building, never a building in a room.
    func mayLie(in parent: Kind) -> Bool { parent.depth <= depth }
  }

  public var id: String
  public var parentID: String?
  public var kind: Kind
  public var name: String
  /// The unit responsible for the place and its devices.
  public var unitID: String?

  public init(id: String, parentID: String?, kind: Kind, name: String, unitID: String?) {
    self.id = id
    self.parentID = parentID
    self.kind = kind
    self.name = name
    self.unitID = unitID
  }
}
