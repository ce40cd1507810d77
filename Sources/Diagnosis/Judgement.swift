/// What a standard says of one window.
enum Judgement: Equatable {
  /// Nothing: no value, too small a sample, or devices not heard.
  case none
  case good
  case bad(Level, threshold: Double)

  var isBad: Bool {
    if case .bad = self { return true }
    return false
  }
}

extension Standard {
  /// Judges a window. `current` is the level of the subject's open warning: it is left only by the hysteresis.
  func judge(_ observation: Observation, current: Level?) -> Judgement {
    guard let value = observation.value(of: measure), sample(of: observation) >= minimumSample else { return .none }
    if aggregate.needsEveryDevice(measure), !observation.isComplete { return .none }
    for level in Level.allCases.reversed() {
      guard let threshold = levels[level] else { continue }
      let margin = current.map { level <= $0 } == true ? hysteresis : 0
      let isBad =
        switch direction {
        case .below: value < threshold + margin
        case .above: value >= threshold - margin
        }
      if isBad { return .bad(level, threshold: threshold) }
    }
    return .good
  }

  /// How much a window rests on; a window that does not say rests on nothing.
  func sample(of observation: Observation) -> Double { observation.value(of: sampleMeasure) ?? 0 }

  /// Whether a subject has one window only, so that no later one can tell whether it got better.
  var isOnce: Bool { grain == "meeting" }

  /// Who answers for a warning at first.
  func unit(for event: AggregateEvent) -> String {
    guard unitFromEvent else { return responsibleUnit }
    if let unit = event.unit, !unit.isEmpty { return unit }
    return ["programme", "college", "school", "unit"].contains(scope) ? event.observation.subject : responsibleUnit
  }
}
