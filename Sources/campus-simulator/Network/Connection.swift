import CMosquitto
import CampusDevice
import Foundation

/// One MQTT 5.0 connection and the devices behind it: takes messages from their outboxes, gives them receipts.
///
/// libmosquitto is driven from the lane's own poll loop; all callbacks run inside `read`.
final class Connection {
  enum State: Equatable {
    case down(retryAt: Int64)
    case connecting(since: Int64)
    case up
  }

  /// Messages handed to libmosquitto and not acknowledged, at most: beyond these the outboxes wait.
  /// libmosquitto walks through them at every acknowledgement.
  static let unacknowledgedLimit = 256
  static let keepAliveSeconds: Int32 = 60

  let agents: [DeviceAgent]
  let work: LaneWork
  var state = State.down(retryAt: 0)
  var unacknowledged = 0
  var refusal: String?
  let client: OpaquePointer
  private let table: TopicTable
  private let positions: [Int32: Int]
  /// Positions of devices that may have something to send, in the order they were listed.
  private var ready: [Int] = []
  var expiry: OpaquePointer?
  var hasDialled = false
  var wasUp = false
  var backoff: Int64 = 100
  private var nextMisc: Int64 = 0

  init(number: Int, agents: [DeviceAgent], work: LaneWork) throws {
    self.agents = agents
    self.work = work
    let only = agents.count == 1 ? agents[0] : nil
    let id = only.map { "\($0.device.name.site)-\($0.device.name.device)" }
    let name = id ?? "campus-simulator-\(getpid())-\(number)"
    guard let client = mosquitto_new(name, true, nil) else {
      throw Failure.cannotRun("libmosquitto has no memory for another connection")
    }
    self.client = client
    positions = Dictionary(
      uniqueKeysWithValues: agents.enumerated().map { ($1.index, $0) })
    table = TopicTable(
      agents.enumerated().map { ($1.memory.topic(CAMPUS_TOPIC_DOWN), Int32($0)) })
    configure(only)
  }

  deinit {
    mosquitto_destroy(client)
    mosquitto_property_free_all(&expiry)
  }

  var socket: Int32 { mosquitto_socket(client) }
  var wantsToWrite: Bool { mosquitto_want_write(client) }
  var hasReady: Bool { !ready.isEmpty && state == .up && unacknowledged < Self.unacknowledgedLimit }
  /// Nothing of ours is on its way to the broker.
  var isQuiet: Bool { unacknowledged == 0 && !wantsToWrite }

  // MARK: A turn of the lane

  /// Sends what the devices have, and what libmosquitto still holds.
  func turn(_ now: Int64) {
    switch state {
    case .down(let retryAt):
      if now >= retryAt { connect(now) }
    case .connecting(let since):
      if now - since > 10_000 { shutdown(socket, Int32(SHUT_RDWR)) }
    case .up: transmit(now)
    }
    if case .down = state { return }
    if wantsToWrite { write(now) }
    if now >= nextMisc {
      nextMisc = now + 1_000
      if mosquitto_loop_misc(client) != MOSQ_ERR_SUCCESS.rawValue { lost(now) }
    }
  }

  private func write(_ now: Int64) {
    let socket = socket
    // Many small packets leave as few segments.
    cork(socket, true)
    let result = mosquitto_loop_write(client, 1)
    if result == MOSQ_ERR_SUCCESS.rawValue { cork(socket, false) } else { lost(now) }
  }

  func read(_ now: Int64) {
    for _ in 0..<256 {
      errno = 0
      guard mosquitto_loop_read(client, 1) == MOSQ_ERR_SUCCESS.rawValue else {
        lost(now)
        return
      }
      if errno == EAGAIN { return }
    }
  }

  func received(_ message: mosquitto_message) {
    guard let topic = message.topic, let position = table.device(topic) else { return }
    let agent = agents[Int(position)]
    if agent.chance(work.plan.misbehaviour.lostReceipts) {
      work.counts.lostReceipts += 1
      return
    }
    let payload = UnsafeBufferPointer(
      start: message.payload?.assumingMemoryBound(to: UInt8.self), count: Int(message.payloadlen))
    agent.receive(payload, now: SimulatedClock.monotonic, work)
    list(agent)
  }

  // MARK: Publishing

  func agent(_ index: Int32) -> DeviceAgent? { positions[index].map { agents[$0] } }

  /// The device may have something to send.
  func list(_ agent: DeviceAgent) {
    guard !agent.isListed, let position = positions[agent.index] else { return }
    agent.isListed = true
    ready.append(position)
  }

  private func transmit(_ now: Int64) {
    var done = 0
    while done < ready.count, unacknowledged < Self.unacknowledgedLimit {
      let agent = agents[ready[done]]
      guard transmit(agent, now) else { break }
      agent.isListed = false
      done += 1
    }
    ready.removeFirst(done)
  }

  func publish(
    _ topic: [CChar], _ payload: UnsafeBufferPointer<UInt8>, retained: Bool = false
  ) {
    let result = mosquitto_publish_v5(
      client, nil, topic, Int32(payload.count), payload.baseAddress, 1, retained, expiry)
    // Otherwise the outbox sends it again.
    if result == MOSQ_ERR_SUCCESS.rawValue { unacknowledged += 1 }
  }
}
