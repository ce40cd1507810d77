import DeviceProtocol
import Glibc

/// Drives a frame decoder. Takes a payload, decodes it where it stands and once more where other bytes surround
/// it, and requires of the result what the intake relies on.
public struct DecoderCheck {
  public typealias Decode = (
    _ payload: UnsafeRawBufferPointer, _ head: inout FrameHead, _ buffer: inout ReadingBuffer
  ) -> FrameFault?

  private let decode: Decode
  /// First byte of an encoded `readings`, by its major type or character.
  private let isStartOfReadings: (UInt8) -> Bool
  /// What another frame of the batch left in the buffer.
  private var held = ReadingBuffer()
  private var buffer = ReadingBuffer()
  private var again = ReadingBuffer()
  private var surrounded: [UInt8] = []

  public init(isStartOfReadings: @escaping (UInt8) -> Bool, decode: @escaping Decode) {
    self.decode = decode
    self.isStartOfReadings = isStartOfReadings
    held.readings.append(Reading(kind: .incident, at: 7))
    held.details.append(contentsOf: "held".utf8)
    buffer = held
    again = held
  }

  public mutating func run(_ payload: UnsafeRawBufferPointer) {
    var head = FrameHead()
    let fault = decode(payload, &head, &buffer)
    check(payload, head, fault)

    // The same bytes elsewhere, with others around them: a decoder that looks beyond its payload sees the difference.
    surrounded.removeAll(keepingCapacity: true)
    surrounded.append(0x82)
    surrounded.append(contentsOf: payload)
    surrounded.append(contentsOf: "01,\"}]\u{0}".utf8)
    var headAgain = FrameHead()
    let faultAgain = surrounded.withUnsafeBytes {
      decode(UnsafeRawBufferPointer(rebasing: $0[1..<(1 + payload.count)]), &headAgain, &again)
    }
    require(fault == faultAgain && head == headAgain, "the same bytes give the same head and fault")
    require(buffer.readings == again.readings, "the same bytes give the same readings")
    require(buffer.details == again.details, "the same bytes give the same details")

    buffer.truncate(readings: held.readings.count, details: held.details.count)
    again.truncate(readings: held.readings.count, details: held.details.count)
  }

  private func check(_ payload: UnsafeRawBufferPointer, _ head: FrameHead, _ fault: FrameFault?) {
    require(0 <= head.readingsStart && head.readingsStart <= head.readingsEnd, "readings have an extent")
    require(head.readingsEnd <= payload.count, "readings lie within the payload")
    if head.isReadable { require(head.seq >= 1, "seqs begin with 1") }
    require(head.clock <= 3, "a clock is 0 to 3")
    require((0...Int64(Limits.maximumTime)).contains(head.sent), "sent is a time")
    if let fault {
      require((-1..<Limits.maximumReadings).contains(fault.reading), "a fault names a reading of the frame")
      require(fault.reason != .conflict, "a decoder cannot see a conflict")
      require(buffer.readings == held.readings && buffer.details == held.details, "a fault leaves the buffer as it was")
      return
    }
    require(head.isReadable, "a good frame has a readable head")
    require(head.readingsEnd > head.readingsStart, "a good frame has readings")
    require(isStartOfReadings(payload[head.readingsStart]), "readings start with an array")
    let count = buffer.readings.count - held.readings.count
    require((1...Limits.maximumReadings).contains(count), "a good frame has 1 to 64 readings")
    require(buffer.readings.starts(with: held.readings), "earlier readings stay")
    require(buffer.details.starts(with: held.details), "earlier details stay")
    var details = held.details.count
    for reading in buffer.readings[held.readings.count...] {
      details = check(reading, head, detailsFrom: details)
    }
    require(details == buffer.details.count, "every detail belongs to a reading")
  }

  /// Gives where the details after this reading's stand.
  private func check(_ reading: Reading, _ head: FrameHead, detailsFrom start: Int) -> Int {
    require((0...Int64(Limits.maximumTime)).contains(reading.at), "at is a time")
    if head.clock == 0 { require(reading.at <= head.sent, "on an uptime clock at is not after sent") }
    switch reading.kind {
    case .checkin: require((-1...4).contains(reading.value) && reading.tokenBytes == 16, "a check-in")
    case .passage: require((0...5).contains(reading.value) && reading.tokenBytes == 16, "a passage")
    case .response: require(reading.tokenBytes == 0 || reading.tokenBytes == 8, "a response")
    case .status: require(reading.tokenBytes == 0 && reading.detailBytes >= 2, "a status")
    case .incident: require((0...65535).contains(reading.value) && reading.tokenBytes == 0, "an incident")
    }
    guard reading.detailBytes >= 0 else { return start }
    let end = Int(reading.detailStart) + Int(reading.detailBytes)
    require(Int(reading.detailStart) == start && end <= buffer.details.count, "details follow one another")
    let text = buffer.details[start..<end]
    require(String(validating: text, as: UTF8.self) != nil, "details are UTF-8")
    if reading.kind == .status {
      require(text.first == UInt8(ascii: "{") && text.last == UInt8(ascii: "}"), "a status is an object")
    } else {
      require(reading.kind == .incident && text.count <= Limits.textBytes, "an incident's text has a limit")
    }
    return end
  }
}
