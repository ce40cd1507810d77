extension Proof {
  private struct Line {
    var site: JSONSlice?
    var device: JSONSlice?
    var epoch: Int64 = -1
    var seq: Int64 = -1
    var index: Int64 = -1
    var quality: JSONSlice?
  }

  mutating func read(export path: String) throws {
    try Self.lines(path) { bytes, number in
      guard take(exportLine: bytes) else {
        throw Failure.cannotRun("\(path):\(number): not a line of an export")
      }
    }
  }

  private mutating func take(exportLine bytes: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(bytes)
    var line = Line()
    var reading = ProvenReading()
    let isRead = scanner.object { key, scanner in
      if key.equals("site") { return scanner.string().map { line.site = $0 } != nil }
      if key.equals("device") { return scanner.string().map { line.device = $0 } != nil }
      if key.equals("epoch") { return scanner.integer().map { line.epoch = $0 } != nil }
      if key.equals("seq") { return scanner.integer().map { line.seq = $0 } != nil }
      if key.equals("index") { return scanner.integer().map { line.index = $0 } != nil }
      if key.equals("event_time") { return scanner.integer().map { reading.at = $0 } != nil }
      if key.equals("time_quality") { return scanner.string().map { line.quality = $0 } != nil }
      if key.equals("subject") {
        if case .string(let subject)? = scanner.value() { reading.token = subject.digest }
        return true
      }
      return reading.take(key, &scanner)
    }
    guard isRead, let site = line.site, let device = line.device else { return false }
    result.readingsStored += 1
    let key = FrameKey(
      device: number(site: site, device: device), epoch: UInt32(truncatingIfNeeded: line.epoch),
      seq: UInt32(truncatingIfNeeded: line.seq))
    compare(key, Int(line.index), reading, isDeviceTime: line.quality?.equals("device") ?? false, bytes)
    return true
  }

  private mutating func compare(
    _ key: FrameKey, _ index: Int, _ reading: ProvenReading, isDeviceTime: Bool,
    _ bytes: UnsafeRawBufferPointer
  ) {
    guard let frame = frames[key], index >= 0, index < Int(frame.count) else {
      result.foreign += 1
      differ("stored but never sent", key, index)
      return
    }
    let bit: UInt64 = 1 << UInt64(index)
    guard frame.stored & bit == 0 else {
      result.repeated += 1
      differ("stored twice", key, index)
      return
    }
    frames[key]?.stored |= bit
    if frame.isAbandoned { result.readingsStoredAbandoned += 1 }
    let sent = readings[Int(frame.first) + index]
    if sent.digest != reading.digest {
      result.altered += 1
      differ("altered", key, index, ": stored as \(String(decoding: bytes, as: UTF8.self))")
    } else if isDeviceTime, sent.at != reading.at {
      result.altered += 1
      differ("altered", key, index, ": sent at \(sent.at), stored at \(reading.at) as the device's time")
    } else if let fault = subjectFault(sent.card, reading.token) {
      result.altered += 1
      differ(fault, key, index)
    }
  }

  /// Equal cards have equal subjects, different cards different ones.
  private mutating func subjectFault(_ card: UInt64, _ subject: UInt64) -> String? {
    guard card != 0 else { return subject == 0 ? nil : "a subject where there was no card" }
    guard subject != 0 else { return "no subject where there was a card" }
    if let expected = expectedSubjects[card], expected != subject {
      return "a subject that is not the card's"
    }
    let known = subjectOfCard[card] ?? subject
    let owner = cardOfSubject[subject] ?? card
    subjectOfCard[card] = known
    cardOfSubject[subject] = owner
    if known != subject { return "one card with two subjects" }
    return owner == card ? nil : "two cards with one subject"
  }
}
