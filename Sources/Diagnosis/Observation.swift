/// What an aggregate was in one window, by its newest revision.
public struct Observation: Sendable, Equatable {
  public var aggregate: Aggregate
  /// Such as `course`; the aggregate says which there are.
  public var scope: String
  /// The id of what the scope names.
  public var subject: String
  /// Such as `week`; the aggregate says which there are.
  public var grain: String
  public var window: Window
  public var revision: Int64
  public var isFinal: Bool
  public var devicesExpected: Int64
  public var devicesHeard: Int64
  /// The measures that are numbers; distributions and absent values are left out.
  public var measures: [Measure]

  /// A number by its name. A window has half a dozen: a list is searched sooner than a table of them is made.
  public struct Measure: Sendable, Equatable {
    public let name: String
    public let value: Double

    /// nil: not finite, which JSON cannot say.
    public init?(_ name: String, _ value: Double) {
      guard value.isFinite else { return nil }
      self.name = name
      self.value = value
    }
  }

  public init(
    aggregate: Aggregate, scope: String, subject: String, grain: String, window: Window, revision: Int64,
    isFinal: Bool, devicesExpected: Int64, devicesHeard: Int64, measures: [Measure]
  ) {
    self.aggregate = aggregate
    self.scope = scope
    self.subject = subject
    self.grain = grain
    self.window = window
    self.revision = revision
    self.isFinal = isFinal
    self.devicesExpected = devicesExpected
    self.devicesHeard = devicesHeard
    self.measures = measures
  }

  /// Whether every device was heard, and there was one: where nobody can check in, everybody looks absent.
  var isComplete: Bool { devicesExpected > 0 && devicesHeard >= devicesExpected }

  func value(of measure: String) -> Double? {
    // The counts are the sender's: their difference need not be an integer of 64 bits.
    measure == Aggregate.silence
      ? max(0, Double(devicesExpected) - Double(devicesHeard)) : measures.first { $0.name == measure }?.value
  }
}

extension Window {
  /// Milliseconds UTC of 1970 to 9999, the years that can be written (RFC 3339): what is reckoned with a window's
  /// times stays far from the ends of 64 bits.
  private static let times: ClosedRange<Int64> = 0...253_402_300_799_999

  /// Why the contract has no such window; nil: it has.
  var problem: String? {
    guard start < end else { return "the window ends before it starts" }
    guard Self.times.contains(start), Self.times.contains(end) else {
      return "the window is not between 1970 and 9999: its times are milliseconds UTC"
    }
    return nil
  }
}
