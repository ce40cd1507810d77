/// The JSON that commands, the API and the control socket give: times in milliseconds UTC, absent values left out.
extension Warning {
  enum CodingKeys: String, CodingKey {
    case id, standard, name, layer, unit, level, escalations, state, aggregate, scope, subject, grain, window, measure
    case direction, value, threshold, sample, cause, steps
    case nameEn = "name_en"
    case causeTime = "cause_time"
    case raisedAt = "raised_at"
    case changedAt = "changed_at"
    case closedAt = "closed_at"
    case dueAt = "due_at"
  }

  private enum DerivedKeys: String, CodingKey {
    case urgency
  }

  public func encode(to encoder: any Encoder) throws {
    var derived = encoder.container(keyedBy: DerivedKeys.self)
    try derived.encode(urgency, forKey: .urgency)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(id, forKey: .id)
    try values.encode(standard, forKey: .standard)
    try values.encode(name, forKey: .name)
    try values.encode(nameEn, forKey: .nameEn)
    try values.encode(layer, forKey: .layer)
    try values.encode(unit, forKey: .unit)
    try values.encode(level, forKey: .level)
    try values.encode(escalations, forKey: .escalations)
    try values.encode(state, forKey: .state)
    try values.encode(aggregate, forKey: .aggregate)
    try values.encode(scope, forKey: .scope)
    try values.encode(subject, forKey: .subject)
    try values.encode(grain, forKey: .grain)
    try values.encode(window, forKey: .window)
    try values.encode(measure, forKey: .measure)
    try values.encode(direction, forKey: .direction)
    try values.encode(value, forKey: .value)
    try values.encode(threshold, forKey: .threshold)
    try values.encodeIfPresent(sample, forKey: .sample)
    try values.encode(cause, forKey: .cause)
    try values.encode(causeTime, forKey: .causeTime)
    try values.encode(raisedAt, forKey: .raisedAt)
    try values.encode(changedAt, forKey: .changedAt)
    try values.encodeIfPresent(closedAt, forKey: .closedAt)
    try values.encodeIfPresent(dueAt, forKey: .dueAt)
    try values.encode(steps, forKey: .steps)
  }
}
