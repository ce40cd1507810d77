import Aggregation
import Diagnosis

extension AggregateEvent {
  /// Takes a revision as the relay has it: what its JSON would say.
  init(_ item: AggregateItem, source: String) {
    let key = item.key
    self.init(
      source: source, time: item.watermark,
      observation: Observation(
        aggregate: Aggregate(key.kind), scope: key.scope.description, subject: key.id, grain: key.grain.description,
        window: Window(start: key.start, end: key.end), revision: item.revision, isFinal: item.isFinal,
        devicesExpected: item.devicesExpected, devicesHeard: item.devicesHeard, measures: item.measures.numbers))
  }
}

extension Aggregate {
  init(_ kind: AggregateKind) {
    switch kind {
    case .attendance: self = .attendance
    case .satisfaction: self = .satisfaction
    case .passage: self = .passage
    case .assessment: self = .assessment
    case .incident: self = .incident
    case .device: self = .device
    }
  }
}

extension Measures {
  fileprivate var numbers: [Observation.Measure] {
    values.compactMap { (name, value) -> Observation.Measure? in
      switch value {
      case .integer(let number): Observation.Measure(name, Double(number))
      case .number(let number): Observation.Measure(name, number)
      case .histogram, .null: nil
      }
    }
  }
}
