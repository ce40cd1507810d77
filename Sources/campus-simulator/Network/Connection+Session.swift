import CMosquitto
import CampusDevice
import Foundation

/// How a connection begins and ends.
extension Connection {
  func configure(_ only: DeviceAgent?) {
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5)
    mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 65_535)
    mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, 65_535)
    // Publishing only queues: writing is the lane's.
    mosquitto_threaded_set(client, true)
    if let username = work.plan.broker.username {
      mosquitto_username_pw_set(client, username, work.plan.broker.password)
    }
    if let only {
      mosquitto_will_set_v5(
        client, only.memory.topic(CAMPUS_TOPIC_STATE), 7, "offline", 1, true, nil)
    }
    mosquitto_property_add_int32(
      &expiry, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), UInt32(CAMPUS_EXPIRY_S))
    mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_connect_v5_callback_set(client) { _, user, code, _, _ in
      Connection.from(user)?.connected(code)
    }
    mosquitto_publish_v5_callback_set(client) { _, user, _, _, _ in
      Connection.from(user)?.unacknowledged -= 1
    }
    mosquitto_message_v5_callback_set(client) { _, user, message, _ in
      guard let message else { return }
      Connection.from(user)?.received(message.pointee)
    }
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> Connection? {
    user.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
  }

  func connect(_ now: Int64) {
    let broker = work.plan.broker
    let result =
      hasDialled
      ? mosquitto_reconnect(client)
      : mosquitto_connect_bind_v5(
        client, broker.host, broker.port, Self.keepAliveSeconds, nil, nil)
    hasDialled = true
    if result == MOSQ_ERR_SUCCESS.rawValue {
      state = .connecting(since: now)
    } else {
      lost(now)
    }
  }

  private func connected(_ code: Int32) {
    guard code == 0 else {
      refusal = String(cString: mosquitto_reason_string(code))
      return
    }
    if wasUp { work.counts.reconnects += 1 }
    wasUp = true
    backoff = 100
    state = .up
    subscribe()
    publishState("online")
    for agent in agents { list(agent) }
  }

  private func subscribe() {
    // A hundred topics a packet.
    for start in stride(from: 0, to: agents.count, by: 100) {
      let part = agents[start..<min(start + 100, agents.count)]
      var topics: [UnsafeMutablePointer<CChar>?] = part.map {
        strdup($0.memory.topic(CAMPUS_TOPIC_DOWN))
      }
      let result = mosquitto_subscribe_multiple(client, nil, Int32(topics.count), &topics, 0, 0, nil)
      if result != MOSQ_ERR_SUCCESS.rawValue { work.counts.libraryErrors += 1 }
      for topic in topics { free(topic) }
    }
  }

  /// Says of every device whether it is online, retained.
  func publishState(_ text: StaticString) {
    for agent in agents {
      publish(
        agent.memory.topic(CAMPUS_TOPIC_STATE),
        UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), retained: true)
    }
  }

  func lost(_ now: Int64) {
    state = .down(retryAt: now + backoff)
    backoff = min(backoff * 2, 3_000)
  }

  /// Cuts the TCP connection without a word, as a failing network does.
  func cut() {
    guard state == .up else { return }
    work.counts.cuts += 1
    shutdown(socket, Int32(SHUT_RDWR))
  }

  func disconnect() {
    mosquitto_disconnect_v5(client, 0, nil)
    mosquitto_loop_write(client, 1)
  }
}
