import Glibc

/// An MQTT 5 client on a plain socket: pipelines its publications, acknowledges what it receives, and never
/// blocks for longer than it is told to.
final class MQTTClient {
  struct Message {
    var topic: String
    var payload: [UInt8]
  }
  struct Refused: Error { var reason: String }

  /// Publications that wait for their PUBACK, at most.
  static let window = 10_000

  private let socket: Int32
  private var outgoing: [UInt8] = []
  private var written = 0
  private var incoming: [UInt8] = []
  private var nextID: UInt16 = 0
  /// Packet identifier to the caller's tag.
  private var pending: [UInt16: Int] = [:]
  private var grants = 0
  private var isAccepted = false
  private(set) var isOpen = true
  private(set) var acknowledgedTags: [Int] = []
  /// Acknowledged, but nobody was subscribed (reason 0x10).
  private(set) var unheard = 0
  private(set) var messages: [Message] = []

  init(
    port: UInt16, id: String, will: (topic: String, payload: String)? = nil, limit: Double = 10
  ) throws {
    guard let socket = Loopback.connect(port) else { throw Refused(reason: "nobody listens on \(port)") }
    self.socket = socket
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    var body = MQTT.string("MQTT") + [5, will == nil ? 0x02 : 0x2e, 0, 0, 0] + MQTT.string(id)
    if let will { body += [0] + MQTT.string(will.topic) + MQTT.string(will.payload) }
    outgoing += MQTT.packet(0x10, body)
    try wait(within: limit, "CONNACK") { isAccepted }
  }

  deinit { Glibc.close(socket) }

  var unacknowledged: Int { pending.count }

  // MARK: Publishing

  /// Queues a publication; waits only while the window is full.
  func publish(
    _ topic: String, _ payload: [UInt8], qos: UInt8 = 1, retain: Bool = false, expiry: UInt32? = 2_592_000,
    tag: Int = 0
  ) throws {
    if pending.count >= MQTTClient.window {
      try wait(within: 30, "room in the window") { pending.count < MQTTClient.window / 2 }
    }
    var body = MQTT.string(topic)
    if qos > 0 {
      repeat { nextID = nextID == .max ? 1 : nextID + 1 } while pending[nextID] != nil
      pending[nextID] = tag
      body += MQTT.big(nextID)
    }
    if let expiry {
      body += [5, 2] + MQTT.big(UInt16(expiry >> 16)) + MQTT.big(UInt16(expiry & 0xffff))
    } else {
      body += [0]
    }
    outgoing += MQTT.packet(0x30 | qos << 1 | (retain ? 1 : 0), body + payload)
    // A few go out at once; of many, the buffer makes large pieces.
    if pending.count < 256 || outgoing.count - written > 65536 { try pump(0) }
  }

  /// Waits until the broker has acknowledged everything.
  func flush(within limit: Double = 20) throws {
    try wait(within: limit, "\(pending.count) PUBACKs") { pending.isEmpty && written == outgoing.count }
  }

  // MARK: Receiving

  func subscribe(_ pattern: String) throws {
    let wanted = grants + 1
    outgoing += MQTT.packet(0x82, [0, 1, 0] + MQTT.string(pattern) + [1])
    try wait(within: 10, "SUBACK") { grants >= wanted }
  }

  /// The messages that arrived since the last call, once there is one that `wanted` accepts.
  @discardableResult
  func receive(
    within limit: Double = 10, _ what: String, where wanted: (Message) -> Bool = { _ in true }
  ) throws -> Message {
    var found: Message?
    try wait(within: limit, what) {
      while !messages.isEmpty, found == nil {
        let message = messages.removeFirst()
        if wanted(message) { found = message }
      }
      return found != nil
    }
    guard let found else { throw TimedOut(description: what) }
    return found
  }

  func takeMessages() -> [Message] {
    defer { messages.removeAll() }
    return messages
  }

  func close() {
    shutdown(socket, Int32(SHUT_RDWR))
    isOpen = false
  }

  // MARK: The socket

  private func wait(within limit: Double, _ what: @autoclosure () -> String, _ isDone: () -> Bool) throws {
    let end = seconds() + limit
    while !isDone() {
      guard seconds() < end else { throw TimedOut(description: "not within \(limit) s: \(what())") }
      try pump(20)
    }
  }

  /// Writes and reads what goes at once; waits for the socket at most `milliseconds`.
  func pump(_ milliseconds: Int32) throws {
    guard isOpen else { throw Refused(reason: "the broker closed the connection") }
    var watched = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    if written < outgoing.count { watched.events |= Int16(POLLOUT) }
    guard poll(&watched, 1, milliseconds) > 0 else { return }
    if watched.revents & Int16(POLLOUT) != 0 {
      let count = outgoing.withUnsafeBytes {
        send(socket, $0.baseAddress.map { $0 + written }, $0.count - written, Int32(MSG_NOSIGNAL))
      }
      if count > 0 { written += count }
      if written == outgoing.count || written > 1 << 20 {
        outgoing.removeFirst(written)
        written = 0
      }
    }
    guard watched.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { return }
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(socket, &buffer, buffer.count, 0)
    if count > 0 {
      incoming += buffer[..<count]
      try digest()
    } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
      isOpen = false
      throw Refused(reason: "the broker closed the connection")
    }
  }

  private func digest() throws {
    var start = 0
    while let (first, body) = MQTT.split(incoming, from: start) {
      start = body.upperBound
      switch first >> 4 {
      case 2:
        let reason = incoming[body.lowerBound + 1]
        guard reason == 0 else { throw Refused(reason: "CONNACK \(reason)") }
        isAccepted = true
      case 3: received(first, incoming[body])
      case 4:
        let id = UInt16(incoming[body.lowerBound]) << 8 | UInt16(incoming[body.lowerBound + 1])
        let reason = body.count > 2 ? incoming[body.lowerBound + 2] : 0
        if let tag = pending.removeValue(forKey: id), reason < 0x80 {
          acknowledgedTags.append(tag)
          if reason == 0x10 { unheard += 1 }
        }
      case 9: grants += 1
      case 14: throw Refused(reason: "DISCONNECT \(body.isEmpty ? 0 : incoming[body.lowerBound])")
      default: break
      }
    }
    incoming.removeFirst(start)
  }

  private func received(_ first: UInt8, _ body: ArraySlice<UInt8>) {
    let topicBytes = Int(body[body.startIndex]) << 8 | Int(body[body.startIndex + 1])
    var at = body.startIndex + 2
    let topic = String(decoding: body[at..<(at + topicBytes)], as: UTF8.self)
    at += topicBytes
    if first >> 1 & 3 > 0 {
      outgoing += [0x40, 2, body[at], body[at + 1]]
      at += 2
    }
    // Properties of receipts and test messages stay under 128 bytes.
    at += 1 + Int(body[at])
    messages.append(Message(topic: topic, payload: Array(body[at...])))
  }
}
