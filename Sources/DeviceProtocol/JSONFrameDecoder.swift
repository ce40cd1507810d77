/// Takes the JSON twin of a frame, gives what `FrameDecoder` gives for the frame, refuses what it refuses
/// and whatever RFC 8259 forbids.
public struct JSONFrameDecoder {
  private let subjects: SubjectKey

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
      return error
    }
  }

  private func frame(
    _ payload: UnsafeRawBufferPointer, head: inout FrameHead, into buffer: inout ReadingBuffer
  ) throws(FrameFault) {
    let places = try places(in: payload, head: &head)
    guard let version = places.version, head.isReadable else { throw FrameFault(.missingField) }
    var reader = JSONReader(payload, at: version)
    guard try reader.integer(in: Int64.min...Int64.max) == 1 else { throw FrameFault(.unknownVersion) }
    guard let sent = places.sent, let clock = places.clock, let readings = places.readings else {
      throw FrameFault(.missingField)
    }
    reader.position = sent
    head.sent = try reader.integer(in: 0...Int64(Limits.maximumTime))
    reader.position = clock
    head.clock = UInt8(try reader.integer(in: 0...3))

    reader.position = readings
    var count = 0
    let (time, kindOfClock) = (head.sent, head.clock)
    try reader.elements(depth: 1) { (index, value) throws(FrameFault) in
      guard index < Limits.maximumReadings else { throw FrameFault(.readingCount) }
      do throws(FrameFault) {
        try reading(
          JSONReader(payload, at: value), sent: time, clock: kindOfClock, into: &buffer)
      } catch {
        throw FrameFault(error.reason, reading: index)
      }
      count = index + 1
    }
    guard count > 0 else { throw FrameFault(.readingCount) }
    if let oldest = places.oldest {
      reader.position = oldest
      var pair: [UInt32] = []
      try reader.elements(depth: 1) { (_, value) throws(FrameFault) in
        var number = JSONReader(payload, at: value)
        pair.append(UInt32(try number.integer(in: 0...Int64(UInt32.max))))
      }
      guard pair.count == 2 else { throw FrameFault(.wrongType) }
      (head.oldestEpoch, head.oldestSeq, head.hasOldest) = (pair[0], pair[1], true)
    }
  }

  /// Where the values of the frame's members start.
  private struct Places {
    var version: Int?
    var sent: Int?
    var clock: Int?
    var readings: Int?
    var oldest: Int?
  }

  /// Checks the whole text and finds the frame's members, epoch and seq on the way: a text that breaks off
  /// after them still has a readable head.
  private func places(
    in payload: UnsafeRawBufferPointer, head: inout FrameHead
  ) throws(FrameFault) -> Places {
    var places = Places()
    var epoch: Int64?
    var seq: Int64?
    var ambiguous = false
    var reader = JSONReader(payload)
    reader.skipSpace()
    defer {
      if let epoch, let seq, !ambiguous {
        head.epoch = UInt32(epoch)
        head.seq = UInt32(seq)
        head.isReadable = true
      }
    }
    try reader.members(depth: 0) { (name, value) throws(FrameFault) in
      var number = JSONReader(payload, at: value)
      switch String(decoding: name, as: UTF8.self) {
      case "v": places.version = value
      case "epoch":
        ambiguous = ambiguous || epoch != nil
        epoch = try number.integer(in: 0...Int64(UInt32.max))
      case "seq":
        ambiguous = ambiguous || seq != nil
        seq = try number.integer(in: 1...Int64(UInt32.max))
      case "sent": places.sent = value
      case "clock": places.clock = value
      case "readings":
        places.readings = value
        head.readingsStart = value
        head.readingsEnd = number.closing()
        head.isDelimited = head.readingsEnd < payload.count
        try JSONFrameDecoder.check(readings: number)
      case "oldest": places.oldest = value
      default: break
      }
    }
    reader.skipSpace()
    guard reader.position == payload.count else { throw FrameFault(.trailingBytes) }
    return places
  }

  /// A fault in the text of `readings` is that of the reading it lies in.
  private static func check(readings: JSONReader) throws(FrameFault) {
    var reader = readings
    do throws(FrameFault) { try reader.skip(depth: 1) } catch {
      reader = readings
      try reader.elements(depth: 1) { (index, value) throws(FrameFault) in
        guard index < Limits.maximumReadings else { throw error }
        var element = JSONReader(readings.bytes, at: value)
        do throws(FrameFault) { try element.skip(depth: 2) } catch { throw FrameFault(error.reason, reading: index) }
      }
      throw error
    }
  }

  private func reading(
    _ start: JSONReader, sent: Int64, clock: UInt8, into buffer: inout ReadingBuffer
  ) throws(FrameFault) {
    var members: [[UInt8]: Int] = [:]
    var reader = start
    try reader.members(depth: 2) { (name, value) throws(FrameFault) in members[name] = value }
    let fields = JSONFields(bytes: start.bytes, members: members)

    let name = try fields.required("kind") { (r) throws(FrameFault) in try r.string() }
    guard let kind = ReadingKind(name: String(decoding: name, as: UTF8.self)) else {
      throw FrameFault(.unknownKind)
    }
    let at = try fields.required("at") { (r) throws(FrameFault) in
      try r.integer(in: 0...Int64(Limits.maximumTime))
    }
    if clock == 0, at > sent { throw FrameFault(.timeAfterSent) }
    var reading = Reading(kind: kind, at: at)
    switch kind {
    case .checkin:
      try card(fields, &reading)
      reading.value = Int32(try fields.choice("method", of: WireNames.methods) ?? -1)
    case .passage:
      try card(fields, &reading)
      guard let direction = try fields.choice("direction", of: WireNames.directions) else {
        throw FrameFault(.missingField)
      }
      let granted = try fields.required("granted") { (r) throws(FrameFault) in try r.boolean() }
      reading.value = Int32(direction * 2 + (granted ? 1 : 0))
    case .response:
      reading.item = try fields.required("item") { (r) throws(FrameFault) in
        UInt32(try r.integer(in: 0...Int64(UInt32.max)))
      }
      reading.value = try fields.required("score") { (r) throws(FrameFault) in
        Int32(try r.integer(in: Int64(Int32.min)...Int64(Int32.max)))
      }
      if let ballot = try fields.hex("ballot", count: 8...8) {
        ballot.withUnsafeBytes { reading.token.low = $0.loadUnaligned(as: UInt64.self) }
        reading.tokenBytes = 8
      }
    case .status: try status(fields, &reading, &buffer.details)
    case .incident:
      reading.value = try fields.required("category") { (r) throws(FrameFault) in
        Int32(try r.integer(in: 0...65535))
      }
      if let text = try fields.optional("text", { (r) throws(FrameFault) in try r.string() }) {
        guard text.count <= Limits.textBytes else { throw FrameFault(.outOfRange) }
        reading.detailStart = Int32(buffer.details.count)
        reading.detailBytes = Int32(text.count)
        buffer.details.append(contentsOf: text)
      }
    }
    buffer.readings.append(reading)
  }

  private func card(_ fields: JSONFields, _ reading: inout Reading) throws(FrameFault) {
    guard let card = try fields.hex("card", count: Limits.cardBytes) else {
      throw FrameFault(.missingField)
    }
    reading.token = card.withUnsafeBytes { subjects.token($0) }
    reading.tokenBytes = 16
  }

  /// The fields stand in a `status` object; a device that puts them beside `kind` is understood too.
  private func status(
    _ outer: JSONFields, _ reading: inout Reading, _ details: inout ContiguousArray<UInt8>
  ) throws(FrameFault) {
    var fields = outer
    if let start = outer.members[Array("status".utf8)] {
      var members: [[UInt8]: Int] = [:]
      var reader = JSONReader(outer.bytes, at: start)
      try reader.members(depth: 3) { (name, value) throws(FrameFault) in members[name] = value }
      fields = JSONFields(bytes: outer.bytes, members: members)
    }
    var status = StatusFields()
    let names = WireNames.status
    func unsigned(_ name: String) throws(FrameFault) -> UInt64? {
      try fields.optional(name) { (r) throws(FrameFault) in UInt64(try r.integer(in: 0...Int64.max)) }
    }
    func signed(_ name: String) throws(FrameFault) -> Int64? {
      try fields.optional(name) { (r) throws(FrameFault) in try r.integer(in: Int64.min...Int64.max) }
    }
    status.battery = try unsigned(names[0])
    status.signal = try signed(names[1])
    status.backlog = try unsigned(names[2])
    status.temperature = try signed(names[3])
    status.dropped = try unsigned(names[5])
    let firmware = try fields.optional(names[4]) { (r) throws(FrameFault) in try r.string() } 
    guard let firmware else { return status.write(to: &reading, &details) }
    guard firmware.count <= Limits.firmwareBytes else { throw FrameFault(.outOfRange) }
    firmware.withUnsafeBytes {
      status.firmware = $0
      status.write(to: &reading, &details)
    }
  }
}

/// The members of one object, found by name.
struct JSONFields {
  let bytes: UnsafeRawBufferPointer
  let members: [[UInt8]: Int]

  func optional<Value>(
    _ name: String, _ read: (inout JSONReader) throws(FrameFault) -> Value
  ) throws(FrameFault) -> Value? {
    guard let start = members[Array(name.utf8)] else { return nil }
    var reader = JSONReader(bytes, at: start)
    return try read(&reader)
  }

  func required<Value>(
    _ name: String, _ read: (inout JSONReader) throws(FrameFault) -> Value
  ) throws(FrameFault) -> Value {
    guard let value = try optional(name, read) else { throw FrameFault(.missingField) }
    return value
  }

  /// The index of a string among `names`.
  func choice(_ name: String, of names: [String]) throws(FrameFault) -> Int? {
    guard let text = try optional(name, { (r) throws(FrameFault) in try r.string() }) else {
      return nil
    }
    guard let index = names.firstIndex(of: String(decoding: text, as: UTF8.self)) else {
      throw FrameFault(.outOfRange)
    }
    return index
  }

  /// Hexadecimal, either case.
  func hex(_ name: String, count: ClosedRange<Int>) throws(FrameFault) -> [UInt8]? {
    guard let text = try optional(name, { (r) throws(FrameFault) in try r.string() }) else {
      return nil
    }
    guard text.count.isMultiple(of: 2), count.contains(text.count / 2) else {
      throw FrameFault(.outOfRange)
    }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = hexDigit(text[index]), let low = hexDigit(text[index + 1]) else {
        throw FrameFault(.outOfRange)
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
