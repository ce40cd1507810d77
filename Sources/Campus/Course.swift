/// A course: one row of `courses.csv`.
public struct Course: Sendable, Equatable {
  public var id: String
  public var name: String
  public var unitID: String?

  public init(id: String, name: String, unitID: String?) {
    self.id = id
    self.name = name
    self.unitID = unitID
  }
}
