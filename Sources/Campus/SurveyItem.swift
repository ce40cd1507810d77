/// A question that kiosks and terminals ask: one row of `surveys.csv`.
public struct SurveyItem: Sendable, Equatable {
  /// The number a response carries.
  public var item: UInt32
  public var placeKind: Place.Kind
  public var dimension: String
  public var text: String
  /// Least and greatest score a response may give.
  public var scores: ClosedRange<Int32>

  public init(
    item: UInt32, placeKind: Place.Kind, dimension: String, text: String,
    scores: ClosedRange<Int32>
  ) {
    self.item = item
    self.placeKind = placeKind
    self.dimension = dimension
    self.text = text
    self.scores = scores
  }
}
