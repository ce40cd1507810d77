extension Proof {
  private struct Line {
    var event: JSONSlice?
    var site: JSONSlice?
    var device: JSONSlice?
    var epoch: Int64 = 0
    var seq: Int64 = 0
  }

  mutating func read(ledger path: String) throws {
    var hasEnd = false
    try Self.lines(path) { bytes, number in
      guard let event = take(ledgerLine: bytes) else {
        throw Failure.cannotRun("\(path):\(number): not a line of a ledger")
      }
      if event.equals("end") { hasEnd = true }
    }
    if !hasEnd { result.ledgersWithoutEnd += 1 }
  }

  /// Gives the line's event; `nil` where the line cannot be read.
  private mutating func take(ledgerLine bytes: UnsafeRawBufferPointer) -> JSONSlice? {
    var scanner = JSONScanner(bytes)
    var line = Line()
    let first = readings.count
    let isRead = scanner.object { key, scanner in
      if key.equals("event") { return scanner.string().map { line.event = $0 } != nil }
      if key.equals("site") { return scanner.string().map { line.site = $0 } != nil }
      if key.equals("device") { return scanner.string().map { line.device = $0 } != nil }
      if key.equals("epoch") { return scanner.integer().map { line.epoch = $0 } != nil }
      if key.equals("seq") { return scanner.integer().map { line.seq = $0 } != nil }
      if key.equals("readings") {
        if let event = line.event, event.equals("frame") {
          return scanner.array { scanner in take(ledgerReading: &scanner) }
        }
        // `end` counts readings.
        return scanner.skip()
      }
      return scanner.skip()
    }
    guard isRead, let event = line.event else { return nil }
    guard event.equals("frame") || event.equals("abandoned") else { return event }
    guard let site = line.site, let device = line.device else { return nil }
    let key = FrameKey(
      device: number(site: site, device: device), epoch: UInt32(truncatingIfNeeded: line.epoch),
      seq: UInt32(truncatingIfNeeded: line.seq))
    if event.equals("abandoned") {
      frames[key]?.isAbandoned = true
    } else {
      add(key, first)
    }
    return event
  }

  private mutating func take(ledgerReading scanner: inout JSONScanner) -> Bool {
    var reading = ProvenReading()
    let isRead = scanner.object { key, scanner in
      if key.equals("at") { return scanner.integer().map { reading.at = $0 } != nil }
      if key.equals("card") {
        guard let card = scanner.string() else { return false }
        reading.token = card.digest
        expectSubject(card)
        return true
      }
      return reading.take(key, &scanner)
    }
    readings.append(Sent(at: reading.at, digest: reading.digest, card: reading.token))
    return isRead
  }

  /// A run repeated with its seed sends the same frames again, and they must be the same.
  private mutating func add(_ key: FrameKey, _ first: Int) {
    let frame = Frame(first: UInt32(first), count: UInt8(readings.count - first))
    guard let known = frames[key] else {
      frames[key] = frame
      return
    }
    let before = readings[Int(known.first)..<(Int(known.first) + Int(known.count))]
    let isSame = before.elementsEqual(readings[first...]) { old, new in
      old.digest == new.digest && old.at == new.at && old.card == new.card
    }
    if !isSame { differ("sent with different readings", key) }
    readings.removeSubrange(first...)
  }

  /// With the gateway's key at hand, what a card's subject must be.
  private mutating func expectSubject(_ card: JSONSlice) {
    guard let subjects, expectedSubjects[card.digest] == nil else { return }
    expectedSubjects[card.digest] = subjects.digest(ofSubject: Keys.bytes(hex: card.string) ?? [])
  }
}
