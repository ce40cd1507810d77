/// The subjects of a standard in order of its measure in one window, the best first.
public struct Ranking: Sendable, Equatable, Codable {
  public var standard: String
  public var name: String
  public var nameEn: String
  public var layer: Standard.Layer
  public var scope: String
  public var grain: String
  public var measure: String
  public var window: Window
  /// Those with a sufficient sample; only they are ranked.
  public var population: Int
  public var minimumPopulation: Int
  /// Left out: the sample too small, a device not heard, the window not final.
  public var leftOut: LeftOut
  /// Empty where the population is too small to be ranked fairly.
  public var entries: [Entry]

  enum CodingKeys: String, CodingKey {
    case standard, name, layer, scope, grain, measure, window, population, entries
    case nameEn = "name_en"
    case minimumPopulation = "minimum_population"
    case leftOut = "left_out"
  }

  public var isRanked: Bool { population >= minimumPopulation }

  public struct LeftOut: Sendable, Equatable, Codable {
    public var sample = 0
    public var incomplete = 0
    public var pending = 0
    public init() {}
  }

  public struct Entry: Sendable, Equatable, Codable {
    /// 1 is the best; equal values have equal ranks.
    public var rank: Int
    public var id: String
    public var value: Double
    public var sample: Double
    public var signal: Signal?
  }

  public enum Signal: String, Sendable, Codable {
    /// Among the best: praised (激励).
    case top
    /// Among the last: reviewed (复核).
    case bottom
  }
}
