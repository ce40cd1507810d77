/// Takes the payload of an authenticated COSE_Mac0, gives its head and appends its readings, refuses a
/// frame with one fault in it whole.
public struct FrameDecoder {
  @usableFromInline let subjects: SubjectKey

  public init(subjects: SubjectKey) { self.subjects = subjects }

  /// nil: good, and its readings are appended to `buffer`. Otherwise `buffer` is as before.
  @inline(never)
  public func decode(
    _ payload: UnsafeRawBufferPointer, head: inout FrameHead, into buffer: inout ReadingBuffer
  ) -> FrameFault? {
    head = FrameHead()
    head.readingsEnd = payload.count
    let readings = buffer.readings.count
    let details = buffer.details.count
    do throws(FrameFault) {
      try frame(payload, head: &head, into: &buffer)
      return nil
    } catch {
      buffer.truncate(readings: readings, details: details)
      if head.isReadable { FrameDecoder.delimitReadings(of: payload, head: &head) }
      return error
    }
  }

  private func frame(
    _ payload: UnsafeRawBufferPointer, head: inout FrameHead, into buffer: inout ReadingBuffer
  ) throws(FrameFault) {
    var reader = CBORReader(payload)
    let count = try reader.count(of: .array)
    guard count >= 3 else { throw FrameFault(.missingField) }
    let version = try reader.unsigned(upTo: .max)
    head.epoch = UInt32(try reader.unsigned(upTo: UInt64(UInt32.max)))
    head.seq = UInt32(try reader.unsigned(upTo: UInt64(UInt32.max)))
    guard head.seq > 0 else { throw FrameFault(.outOfRange) }
    head.isReadable = true
    guard version == 1 else { throw FrameFault(.unknownVersion) }
    guard count >= 6 else { throw FrameFault(.missingField) }
    head.sent = Int64(try reader.unsigned(upTo: Limits.maximumTime))
    head.clock = UInt8(try reader.unsigned(upTo: 3))

    head.readingsStart = reader.position
    let readings = try reader.count(of: .array)
    guard readings >= 1, readings <= Limits.maximumReadings else { throw FrameFault(.readingCount) }
    for index in 0..<readings {
      do throws(FrameFault) {
        try reading(&reader, sent: head.sent, clock: head.clock, into: &buffer)
      } catch {
        throw FrameFault(error.reason, reading: index)
      }
    }
    head.readingsEnd = reader.position
    head.isDelimited = true
    if count > 6 {
      guard try reader.count(of: .array) == 2 else { throw FrameFault(.wrongType) }
      head.oldestEpoch = UInt32(try reader.unsigned(upTo: UInt64(UInt32.max)))
      head.oldestSeq = UInt32(try reader.unsigned(upTo: UInt64(UInt32.max)))
      head.hasOldest = true
    }
    for _ in 7..<max(7, count) { try reader.skip(depth: 1) }
    guard reader.isAtEnd else { throw FrameFault(.trailingBytes) }
  }

  /// Finds the sixth element of a faulty frame, so that its copies are known by the same bytes whatever `sent`
  /// and `oldest` say; up to the payload's end where its own end cannot be told.
  private static func delimitReadings(of payload: UnsafeRawBufferPointer, head: inout FrameHead) {
    head.readingsEnd = payload.count
    var reader = CBORReader(payload)
    do throws(FrameFault) {
      _ = try reader.count(of: .array)
      for _ in 0..<5 { try reader.pass() }
      head.readingsStart = reader.position
      try reader.pass()
      head.readingsEnd = reader.position
      head.isDelimited = true
    } catch {}
  }

  private func reading(
    _ reader: inout CBORReader, sent: Int64, clock: UInt8, into buffer: inout ReadingBuffer
  ) throws(FrameFault) {
    let count = try reader.count(of: .array)
    guard count >= 2 else { throw FrameFault(.missingField) }
    let number = try reader.unsigned(upTo: .max)
    guard number <= 5, let kind = ReadingKind(rawValue: UInt8(number)) else {
      throw FrameFault(.unknownKind)
    }
    var reading = Reading(kind: kind, at: Int64(try reader.unsigned(upTo: Limits.maximumTime)))
    if clock == 0, reading.at > sent { throw FrameFault(.timeAfterSent) }
    var used: Int
    switch kind {
    case .checkin:
      guard count >= 3 else { throw FrameFault(.missingField) }
      try card(&reader, &reading)
      used = 3
      reading.value = -1
      if count > 3 {
        reading.value = Int32(try reader.unsigned(upTo: 4))
        used = 4
      }
    case .passage:
      guard count >= 5 else { throw FrameFault(.missingField) }
      try card(&reader, &reading)
      let direction = Int32(try reader.unsigned(upTo: 2))
      reading.value = direction * 2 + (try reader.boolean() ? 1 : 0)
      used = 5
    case .response:
      guard count >= 4 else { throw FrameFault(.missingField) }
      reading.item = UInt32(try reader.unsigned(upTo: UInt64(UInt32.max)))
      reading.value = Int32(try reader.integer(in: Int64(Int32.min)...Int64(Int32.max)))
      used = 4
      if count > 4 {
        let ballot = try reader.byteString()
        guard ballot.count == 8 else { throw FrameFault(.outOfRange) }
        reading.token.low = ballot.loadUnaligned(as: UInt64.self)
        reading.tokenBytes = 8
        used = 5
      }
    case .status:
      guard count >= 3 else { throw FrameFault(.missingField) }
      try status(&reader, &reading, into: &buffer)
      used = 3
    case .incident:
      guard count >= 3 else { throw FrameFault(.missingField) }
      reading.value = Int32(try reader.unsigned(upTo: 65535))
      used = 3
      if count > 3 {
        let text = try reader.text(upTo: Limits.textBytes)
        reading.detailStart = Int32(buffer.details.count)
        reading.detailBytes = Int32(text.count)
        buffer.details.append(contentsOf: text)
        used = 4
      }
    }
    for _ in used..<max(used, count) { try reader.skip(depth: 3) }
    buffer.readings.append(reading)
  }

  @inline(__always)
  private func card(_ reader: inout CBORReader, _ reading: inout Reading) throws(FrameFault) {
    let card = try reader.byteString()
    guard Limits.cardBytes.contains(card.count) else { throw FrameFault(.outOfRange) }
    reading.token = subjects.token(card)
    reading.tokenBytes = 16
  }

  private func status(
    _ reader: inout CBORReader, _ reading: inout Reading, into buffer: inout ReadingBuffer
  ) throws(FrameFault) {
    let pairs = try reader.count(of: .map)
    var fields = StatusFields()
    var keys = KeySet()
    for _ in 0..<pairs {
      let key = try reader.unsigned(upTo: .max)
      keys.insert(integer: key, negative: false)
      switch key {
      case 1: fields.battery = try reader.unsigned(upTo: .max)
      case 2: fields.signal = try reader.integer(in: Int64.min...Int64.max)
      case 3: fields.backlog = try reader.unsigned(upTo: .max)
      case 4: fields.temperature = try reader.integer(in: Int64.min...Int64.max)
      case 5: fields.firmware = try reader.text(upTo: Limits.firmwareBytes)
      case 6: fields.dropped = try reader.unsigned(upTo: .max)
      default: try reader.skip(depth: 4)
      }
    }
    guard keys.areDistinct() else { throw FrameFault(.duplicateKey) }
    fields.write(to: &reading, &buffer.details)
  }
}
