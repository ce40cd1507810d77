/// A unit of the school's organisation: one row of `units.csv`.
public struct OrganisationUnit: Sendable, Equatable {
  public enum Level: String, Sendable, CaseIterable {
    case school, college, office, programme
    case `class`

    /// Depth in the organisation. Offices and programmes stand side by side: schools nest them either way.
    var depth: Int {
      switch self {
      case .school: 0
      case .college: 1
      case .office, .programme: 2
      case .class: 3
      }
    }

    /// Whether a unit of this level may lie in one of `parent`; same levels may nest, but a class holds no unit.
    func mayLie(in parent: Level) -> Bool { parent.depth <= depth && parent != .class }
  }

  public var id: String
  public var parentID: String?
  public var level: Level
  public var name: String

  public init(id: String, parentID: String?, level: Level, name: String) {
    self.id = id
    self.parentID = parentID
    self.level = level
    self.name = name
  }
}
