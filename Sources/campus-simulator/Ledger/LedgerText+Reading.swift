extension LedgerText {
  /// One reading, with the members of the JSON twin; beside them `person`, whose card it is, and `time`, when it
  /// really was, where the device's clock shows another.
  mutating func append(
    _ reading: PlannedReading, at: UInt64, _ agent: DeviceAgent, _ cards: CardBook
  ) {
    switch reading.kind {
    case .checkin: raw("{\"kind\":\"checkin\"")
    case .passage: raw("{\"kind\":\"passage\"")
    case .response: raw("{\"kind\":\"response\"")
    case .status: raw("{\"kind\":\"status\"")
    case .incident: raw("{\"kind\":\"incident\"")
    }
    member("at", at)
    let time = agent.trueTime(reading.time)
    if time != Int64(at) { member("time", time) }
    switch reading.kind {
    case .checkin:
      append(cardOf: reading, cards)
      member("method", WireWords.method(Int(reading.detail)))
    case .passage:
      append(cardOf: reading, cards)
      member("direction", WireWords.direction(Int(reading.detail)))
      member("granted", reading.isGranted)
    case .response:
      member("item", reading.item)
      member("score", reading.score)
      withUnsafeBytes(of: reading.ballot.bigEndian) {
        member("ballot", hex: $0.bindMemory(to: UInt8.self))
      }
    case .status:
      append(StatusValues(reading, agent))
    case .incident:
      member("category", reading.item)
      member("text", Incidents.text(Int(reading.score)))
    }
    raw("}")
  }

  private mutating func append(cardOf reading: PlannedReading, _ cards: CardBook) {
    cards.withCard(reading.person, reading.card) { member("card", hex: $0) }
    if let name = cards.name(reading.person) { member("person", name) }
  }

  private mutating func append(_ values: StatusValues) {
    key("status")
    raw("{\"battery_mv\":")
    raw(number(values.battery))
    member("rssi_dbm", values.signal)
    if let backlog = values.backlog { member("backlog", backlog) }
    member("temperature_dc", values.temperature)
    member("firmware", StatusValues.firmware)
    if let dropped = values.dropped { member("dropped", dropped) }
    raw("}")
  }

  private func number(_ value: some BinaryInteger) -> ByteText {
    var text = ByteText()
    text.append(value)
    return text
  }
}
