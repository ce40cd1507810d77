import DeviceProtocol
import Glibc
import ReadingLog

/// What a lane has taken in since its last commit, column by column, in memory reused from batch to batch.
/// Takes messages, gives entries for admission, refuses what cannot be tied to a device.
public final class IntakeBatch {
  struct Entry {
    var deviceID: Int64
    var keyID: Int64
    var head: FrameHead
    var fault: FrameFault?
    /// When the message arrived at the broker, as far as the message tells.
    var arrival: Int64
    /// When it was read here.
    var received: Int64
    var digest: UInt64
    var readingStart: Int32
    var readingCount: Int32
    /// Where topic and payload stand in `bytes`, in case it must be quarantined.
    var topicStart: Int32
    var topicBytes: Int32
    var payloadBytes: Int32
    /// The broker held nothing back: `sent` can be compared with the clock.
    var isLive: Bool
    /// What the broker held it back is taken off `arrival`.
    var isWaitKnown: Bool
  }

  struct Presence {
    var deviceID: Int64
    var online: Bool
    /// Perhaps known already.
    var isRetained: Bool
  }

  private(set) var entries: ContiguousArray<Entry> = []
  private(set) var buffer = ReadingBuffer()
  private(set) var bytes: ContiguousArray<UInt8> = []
  private(set) var presence: ContiguousArray<Presence> = []
  private(set) var rejections = ContiguousArray<Int64>(repeating: 0, count: RejectionReason.allCases.count)
  private(set) var samples: [(reason: RejectionReason, topic: String, head: [UInt8], bytes: Int)] = []
  /// Messages on `up` and `json`, counted where they enter.
  private(set) var received: Int64 = 0
  /// When a message last came that had waited at the broker, Unix milliseconds.
  private(set) var lastWait: Int64 = 0
  /// Everything acknowledged with this batch.
  private(set) var messages = 0
  /// Readings stored by the commit of this batch; set by admission.
  var kinds = KindCounts()

  /// Waiting messages that this batch admits: their rows go with its commit.
  private(set) var released: [(id: Int64, device: Int64)] = []

  func release(_ id: Int64, of device: Int64) { released.append((id, device)) }

  var registry: DeviceRegistry
  private let frames: FrameDecoder
  private let twins: JSONFrameDecoder
  private let maximumFrameBytes: Int
  private var lastSample = ContiguousArray<Int64>(repeating: 0, count: RejectionReason.allCases.count)

  /// What a frame's wait at the broker is counted down from, in seconds (MQTT 5.0, 3.3.2.3.3).
  static let expiry: UInt32 = 2_592_000
  static let maximumBytes = 4 << 20

  public init(registry: DeviceRegistry, subjects: SubjectKey, maximumFrameBytes: Int = 16384) {
    self.registry = registry
    self.maximumFrameBytes = maximumFrameBytes
    frames = FrameDecoder(subjects: subjects)
    twins = JSONFrameDecoder(subjects: subjects)
  }

  /// When its first message was read, Unix milliseconds.
  private(set) var firstReceived: Int64 = 0

  /// Adds the time from `sent` to the commit of each frame whose clock is network-synchronised.
  func addLatency(committed: Int64, to histogram: inout LatencyHistogram) {
    for entry in entries where entry.head.clock == 2 && entry.arrival == entry.received {
      histogram.add(max(0, committed - entry.head.sent))
    }
  }

  var isEmpty: Bool { messages == 0 }
  var readings: Int { buffer.readings.count }

  func isFull(readings limit: Int) -> Bool {
    buffer.readings.count >= limit || messages >= limit || bytes.count >= IntakeBatch.maximumBytes
  }

  public func removeAll() {
    entries.removeAll(keepingCapacity: true)
    buffer.removeAll()
    bytes.removeAll(keepingCapacity: true)
    presence.removeAll(keepingCapacity: true)
    for index in rejections.indices { rejections[index] = 0 }
    samples.removeAll(keepingCapacity: true)
    released.removeAll()
    kinds = KindCounts()
    received = 0
    messages = 0
  }

  /// Takes one message in. `expiryLeft`: its Message Expiry Interval as received; nil: none. `caughtUp`: messages
  /// that do not tell how long they waited can be believed not to have waited. `isRetained`: it was published earlier,
  /// and may have been taken then.
  public func take(
    topic: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer, expiryLeft: UInt32?,
    caughtUp: Bool, isRetained: Bool = false, now: Int64
  ) {
    if messages == 0 { firstReceived = now }
    messages += 1
    guard let parsed = Topic(topic) else { return reject(.unknownDevice, topic, payload, now) }
    let index = registry.index(of: parsed.identity)
    if parsed.channel == .state {
      // Not authenticated: it informs people, never an aggregate.
      if let index, memoryIs(payload, "online") || memoryIs(payload, "offline") {
        presence.append(
          Presence(
            deviceID: registry.entries[index].id, online: memoryIs(payload, "online"), isRetained: isRetained))
      }
      return
    }
    guard payload.count <= maximumFrameBytes else { return reject(.tooLarge, topic, payload, now) }
    guard let index else { return reject(.unknownDevice, topic, payload, now) }
    let device = registry.entries[index]
    var keyID: Int64 = 0
    var body = payload
    switch (parsed.channel, device.isTransport) {
    case (.up, false):
      guard let message = COSEMac0(payload) else { return reject(.notCOSE, topic, payload, now) }
      guard device.keyCount > 0 else { return reject(.noKey, topic, payload, now) }
      guard let key = registry.verify(message, by: device) else {
        return reject(.authenticationFailed, topic, payload, now)
      }
      keyID = registry.keys[key].id
      body = message.payload
    case (.json, true): break
    default: return reject(.wrongChannel, topic, payload, now)
    }
    var waited: Int64 = 0
    var isLive = caughtUp
    var isWaitKnown = false
    if let expiryLeft, expiryLeft <= IntakeBatch.expiry {
      isWaitKnown = true
      waited = Int64(IntakeBatch.expiry - expiryLeft)
      isLive = waited == 0
      if waited > 1 { lastWait = now }
    }
    append(
      body, isTwin: device.isTransport, device: device.id, key: keyID, arrival: now - waited * 1000, received: now,
      isLive: isLive, isWaitKnown: isWaitKnown, topic, payload)
  }

  /// Takes a message in whose sender was proven when it first came: neither keys nor campus of today matter.
  func take(_ message: AuthenticatedMessage) {
    if messages == 0 { firstReceived = message.received }
    messages += 1
    let topic = Array(message.topic.utf8)
    topic.withUnsafeBytes { topic in
      message.payload.withUnsafeBytes { payload in
        let isTwin = Topic(topic)?.channel == .json
        let body = isTwin ? payload : COSEMac0(payload)?.payload
        // Bytes that are no message any more are a fault of their own, found by the decoder.
        append(
          body ?? UnsafeRawBufferPointer(start: nil, count: 0), isTwin: isTwin, device: message.device,
          // Here it waited, not at the broker: that is taken off.
          key: message.key, arrival: message.arrived, received: message.received, isLive: false, isWaitKnown: true,
          topic, payload)
      }
    }
  }

  @inline(__always)
  private func append(
    _ body: UnsafeRawBufferPointer, isTwin: Bool, device: Int64, key: Int64, arrival: Int64, received now: Int64,
    isLive: Bool, isWaitKnown: Bool, _ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer
  ) {
    received += 1
    var head = FrameHead()
    let start = buffer.readings.count
    let fault =
      isTwin
      ? twins.decode(body, head: &head, into: &buffer) : frames.decode(body, head: &head, into: &buffer)
    let readings = UnsafeRawBufferPointer(rebasing: body[head.readingsStart..<head.readingsEnd])
    entries.append(
      Entry(
        deviceID: device, keyID: key, head: head, fault: fault, arrival: arrival, received: now,
        digest: Digest.of(readings), readingStart: Int32(start),
        readingCount: Int32(buffer.readings.count - start), topicStart: Int32(bytes.count),
        topicBytes: Int32(topic.count), payloadBytes: Int32(payload.count), isLive: isLive,
        isWaitKnown: isWaitKnown))
    bytes.append(contentsOf: topic)
    bytes.append(contentsOf: payload)
  }

  private func reject(
    _ reason: RejectionReason, _ topic: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer, _ now: Int64
  ) {
    received += 1
    let index = Int(reason.rawValue)
    rejections[index] += 1
    // One sample a second and reason: enough to see what is wrong, no room for a flood.
    guard now - lastSample[index] >= 1000 else { return }
    lastSample[index] = now
    samples.append(
      (reason, String(decoding: topic.prefix(256), as: UTF8.self), Array(payload.prefix(64)), payload.count))
  }

  func topic(of entry: Entry) -> UnsafeRawBufferPointer { stored(Int(entry.topicStart), Int(entry.topicBytes)) }

  func payload(of entry: Entry) -> UnsafeRawBufferPointer {
    stored(Int(entry.topicStart + entry.topicBytes), Int(entry.payloadBytes))
  }

  /// Valid until the batch takes the next message.
  private func stored(_ start: Int, _ count: Int) -> UnsafeRawBufferPointer {
    bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)]) }
  }

  /// The batch's readings and their details, in place.
  func withReadings(
    _ body: (UnsafeBufferPointer<Reading>, UnsafeRawBufferPointer) throws(LogError) -> Void
  ) throws(LogError) {
    try buffer.readings.withUnsafeBufferPointer { (readings) throws(LogError) in
      var failure: LogError?
      buffer.details.withUnsafeBytes { details in
        do throws(LogError) { try body(readings, details) } catch { failure = error }
      }
      if let failure { throw failure }
    }
  }
}

private func memoryIs(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
  guard bytes.count == text.utf8CodeUnitCount, let start = bytes.baseAddress else { return false }
  return memcmp(start, text.utf8Start, bytes.count) == 0
}

/// A message whose sender was proven when it came, and that waited or was held since.
struct AuthenticatedMessage {
  /// The store's id.
  var device: Int64
  /// The key that verified it; 0: none.
  var key: Int64
  var topic: String
  var payload: [UInt8]
  /// When it arrived at the broker, Unix milliseconds.
  var arrived: Int64
  /// When it was read here.
  var received: Int64
}
