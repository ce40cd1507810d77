/// How one person goes through a day. The same in every run with the seed.
struct Habits: Sendable {
  /// Minutes before a meeting's start at which they usually come; below 0 after it.
  var early: Double
  var spread: Double
  /// Probability of missing a meeting.
  var skips: Double
  /// Probability of being delayed beyond what is usual.
  var delayed: Double
  /// How they check in.
  var method: UInt8
  /// Probability of leaving the campus in the evening.
  var goesOut: Double
  /// How kind they are in surveys: added to a score.
  var kindness: Double

  init(seed: UInt64, person: Int) {
    var dice = Dice(seed, .habit, person)
    // Most are reliable; a few are not at all.
    let kind = dice.unit()
    early = dice.between(2, 8)
    spread = dice.between(1.5, 3.5)
    switch kind {
    case ..<0.70:
      skips = 0.02
      delayed = 0.02
    case ..<0.93:
      skips = 0.08
      delayed = 0.10
      early -= 2
    default:
      skips = 0.30
      delayed = 0.25
      early -= 4
    }
    let way = dice.unit()
    method = way < 0.74 ? 0 : way < 0.92 ? 1 : way < 0.98 ? 2 : way < 0.995 ? 3 : 4
    goesOut = dice.chance(0.3) ? dice.between(0.2, 0.7) : 0.04
    kindness = dice.normal(0, 0.5)
  }
}
