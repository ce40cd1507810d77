/// What happens at one device at one simulated instant. Plain bytes: a day holds hundreds of thousands.
struct PlannedReading: Sendable, Equatable {
  enum Kind: UInt8, Sendable {
    case checkin = 1
    case passage, response, status, incident
  }

  /// Simulated time, milliseconds since 1970 UTC.
  var time: Int64
  var device: Int32
  var kind: Kind
  /// checkin: method; passage: direction.
  var detail: UInt8 = 0
  var isGranted = true
  /// Which of the person's cards.
  var card: UInt8 = 0
  /// Position in the roster; below 0 a visitor whose card is in no roster.
  var person: Int32 = 0
  /// response: item; status: battery in millivolts; incident: category.
  var item: UInt32 = 0
  /// response: score; status: signal in dBm; incident: position in `Incidents.texts`.
  var score: Int32 = 0
  /// response: the ballot; status: temperature in 0.1 degrees Celsius.
  var ballot: UInt64 = 0

  /// A total order, so that a plan is the same however it was put together.
  static func precedes(_ left: Self, _ right: Self) -> Bool {
    if left.time != right.time { return left.time < right.time }
    if left.device != right.device { return left.device < right.device }
    if left.kind != right.kind { return left.kind.rawValue < right.kind.rawValue }
    if left.person != right.person { return left.person < right.person }
    if left.card != right.card { return left.card < right.card }
    if left.ballot != right.ballot { return left.ballot < right.ballot }
    return left.item < right.item
  }
}
