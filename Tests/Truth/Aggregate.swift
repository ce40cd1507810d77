/// One aggregate: its key and what it must say.
struct Aggregate {
  struct Key: Hashable {
    var aggregate, scope, id, grain: String
    var window: LocalCalendar.Window
  }

  enum Measure: Equatable {
    case count(Int)
    /// Arithmetic over counts; `nil` is null.
    case fraction(Double?)
    /// Votes by score.
    case histogram([Int: Int])
  }

  var key: Key
  var measures: [String: Measure]
  /// `nil` where the contract does not say.
  var devicesExpected: Int?
  var devicesHeard: Int?
  var isFinal: Bool?
}

/// What is computed over: the campus, the readings stored, and how far the log has come.
struct Truth {
  var campus: PlainCampus
  /// The campus that came into force when every meeting of the other was final. Its devices stand where they stood, and
  /// nothing new meets at a place and time at which something met already.
  var later: PlainCampus?
  var calendar: LocalCalendar
  var rules = Rules()
  var readings: [StoredReading]
  var logTime: Int64

  func aggregates() -> [Aggregate] {
    attendance() + satisfaction() + passage() + assessment() + incidents() + devices()
  }

  func place(_ reading: StoredReading) -> String? { campus.placeOfDevice[reading.device] }

  func share(_ part: Int, _ whole: Int) -> Double? { whole == 0 ? nil : Double(part) / Double(whole) }
}
