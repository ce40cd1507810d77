import CPlatform
import CampusDevice

extension Connection {
  func cork(_ socket: Int32, _ on: Bool) {
    if socket >= 0 { platform_cork(socket, on) }
  }

  /// Sends all a device has due; false where the connection is full and the device must come back.
  func transmit(_ agent: DeviceAgent, _ now: Int64) -> Bool {
    if let until = agent.silentUntil(now) {
      work.wheel.add(agent.index, at: until)
      return true
    }
    if !agent.delayed.isEmpty, now >= agent.delayedUntil { releaseDelayed(agent) }
    while unacknowledged < Self.unacknowledgedLimit {
      var next = campus_outbox_next(agent.memory.outbox, UInt64(now))
      guard next.due else {
        if next.wait_ms != UInt32.max { work.wheel.add(agent.index, at: now + Int64(next.wait_ms)) }
        return true
      }
      var length = 0
      let error = campus_outbox_compose(
        agent.memory.outbox, &next, agent.memory.identity, UInt64(now), work.message,
        Int(CAMPUS_MESSAGE_MAX), &length)
      if error == CAMPUS_ERROR_NOT_DUE { continue }
      guard work.check(error) else {
        work.wheel.add(agent.index, at: now + 1_000)
        return true
      }
      send(agent, UnsafeBufferPointer(start: work.message, count: length), now, Int(next.attempts))
    }
    return false
  }

  private func send(
    _ agent: DeviceAgent, _ message: UnsafeBufferPointer<UInt8>, _ now: Int64, _ attempts: Int
  ) {
    note(agent, message, now, attempts)
    guard agent.device.usesJSON else {
      dispatch(agent, message, now)
      return
    }
    work.twin.removeAll()
    guard JSONTwin.write(message, to: &work.twin) else {
      work.counts.libraryErrors += 1
      return
    }
    work.twin.bytes.withUnsafeBufferPointer { dispatch(agent, $0, now) }
  }

  /// Finds out which frame the library composed, and remembers when it was sent.
  private func note(
    _ agent: DeviceAgent, _ message: UnsafeBufferPointer<UInt8>, _ now: Int64, _ attempts: Int
  ) {
    var outer = CBORCursor(message)
    guard let payload = outer.payload() else { return }
    var cursor = CBORCursor(payload)
    guard cursor.array() != nil, cursor.unsigned() != nil, let epoch = cursor.unsigned(),
      let seq = cursor.unsigned()
    else { return }
    let isFirst = agent.held.sent(
      epoch: UInt32(epoch), seq: UInt32(seq), boot: agent.boot, now: now)
    if !isFirst { work.counts.resends += 1 }
    work.sent(agent, epoch: UInt32(epoch), seq: UInt32(seq), attempt: attempts + 1)
  }

  /// Publishes a message, once and in its turn unless something goes wrong on purpose.
  private func dispatch(
    _ agent: DeviceAgent, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64
  ) {
    let misbehaviour = work.plan.misbehaviour
    if agent.delayed.isEmpty, agent.chance(misbehaviour.reorder) {
      agent.delayed = Array(payload)
      agent.delayedUntil = now + 1_500
      work.wheel.add(agent.index, at: agent.delayedUntil)
      work.counts.reordered += 1
      return
    }
    work.counts.transmissions += 1
    publish(agent.upTopic, payload)
    if !agent.delayed.isEmpty { releaseDelayed(agent) }
    if agent.chance(misbehaviour.duplicates) {
      work.counts.transmissions += 1
      work.counts.duplicates += 1
      publish(agent.upTopic, payload)
    }
    if agent.chance(misbehaviour.forged) { forge(agent, payload) }
  }

  func releaseDelayed(_ agent: DeviceAgent) {
    work.counts.transmissions += 1
    agent.delayed.withUnsafeBufferPointer { publish(agent.upTopic, $0) }
    agent.delayed.removeAll(keepingCapacity: true)
  }

  /// Publishes what a gateway must reject: a broken tag, altered readings, another device's topic.
  private func forge(_ agent: DeviceAgent, _ payload: UnsafeBufferPointer<UInt8>) {
    guard !agent.device.usesJSON else {
      // Unauthenticated bytes where a MAC is due.
      publish(agent.memory.topic(CAMPUS_TOPIC_UP), payload)
      work.forged(agent, "topic")
      return
    }
    let other = agents[agent.below(agents.count)]
    switch agent.below(3) {
    case 0 where other !== agent:
      publish(other.memory.topic(CAMPUS_TOPIC_UP), payload)
      work.forged(other, "topic")
    case 1:
      // The tag is the last 32 bytes; the readings lie before it.
      publish(agent.upTopic, payload, flipping: payload.count - 40)
      work.forged(agent, "readings")
    default:
      publish(agent.upTopic, payload, flipping: payload.count - 1 - agent.below(32))
      work.forged(agent, "tag")
    }
  }

  private func publish(
    _ topic: [CChar], _ payload: UnsafeBufferPointer<UInt8>, flipping position: Int
  ) {
    var copy = Array(payload)
    copy[position] ^= 0x04
    copy.withUnsafeBufferPointer { publish(topic, $0) }
  }
}
