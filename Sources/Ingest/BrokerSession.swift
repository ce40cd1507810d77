import CMosquitto
import CPlatform
import Glibc

/// One libmosquitto client, driven from outside by its lane's thread. In this mode PUBACKs are queued and leave
/// only with `flush`: libmosquitto queues them before the message callback runs, and that is why nothing else
/// may flush while a batch is open.
///
/// Takes what the socket holds, gives each message to `onMessage`, refuses a broker that grants less than QoS 1.
final class BrokerSession {
  enum State: Sendable, Equatable {
    case offline
    /// Connected, subscriptions not granted yet.
    case joining
    case online
  }

  struct Message {
    var topic: UnsafeRawBufferPointer
    var payload: UnsafeRawBufferPointer
    var expiryLeft: UInt32?
    /// Sent because of a subscription, not because it was published now.
    var isRetained: Bool
  }

  /// Announced as the largest packet that is taken. libmosquitto holds a packet and a copy of it in memory before
  /// anything can be said about it, and MQTT allows 256 MiB. Above the largest frame by far, so that what is too large
  /// is still counted, up to here.
  private static let maximumPacketBytes: UInt32 = 8 << 20

  /// Made ready once, before the first client.
  private static let library: Int32 = mosquitto_lib_init()

  private let client: OpaquePointer
  private let options: BrokerOptions
  private let onMessage: (Message) -> Void
  private var hasConnected = false
  private var pendingGrants = 0

  private(set) var state = State.offline
  /// Messages given to `onMessage`, ever.
  private(set) var messages = 0
  /// Questions of `ask` the broker has answered, ever.
  private(set) var answers = 0
  /// Why the broker or libmosquitto ended the connection, or refused it; for the log.
  private(set) var problem: String?
  /// What OpenSSL said of the last handshake that failed.
  private var handshakeProblem: String?
  /// The broker still had our session: nothing published while we were away is lost.
  private(set) var isSessionPresent = false

  init?(_ options: BrokerOptions, onMessage: @escaping (Message) -> Void) {
    self.options = options
    self.onMessage = onMessage
    _ = BrokerSession.library
    guard let client = mosquitto_new(options.clientID, false, nil) else { return nil }
    self.client = client
    mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5)
    // The default announces 20, and a broker with default limits then drops what it has acknowledged.
    mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 65535)
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1)
    mosquitto_threaded_set(client, true)
    if let username = options.username {
      mosquitto_username_pw_set(client, username, options.password)
    }
    setCallbacks()
  }

  deinit { mosquitto_destroy(client) }

  /// TLS files are read here: a fault in them is a configuration fault.
  func configureTLS() -> String? {
    guard options.tlsCA != nil || options.tlsCertificate != nil else { return nil }
    // With a certificate alone, the system's authorities vouch for the broker.
    let systemAuthorities = options.tlsCA == nil ? "/etc/ssl/certs" : nil
    let code = mosquitto_tls_set(
      client, options.tlsCA, systemAuthorities, options.tlsCertificate, options.tlsKey, nil)
    return code == MOSQ_ERR_SUCCESS.rawValue ? nil : BrokerSession.text(code)
  }

  // MARK: Connection

  /// Connects, blocking for as long as the system's connect does. nil: the CONNECT packet is queued.
  func connect() -> String? {
    problem = nil
    handshakeProblem = nil
    state = .offline
    // Only until CONNACK: while there is a callback, libmosquitto composes a line for every message.
    mosquitto_log_callback_set(client) { _, session, _, line in
      if let line { BrokerSession.of(session)?.logged(String(cString: line)) }
    }
    let code: Int32
    if hasConnected {
      code = mosquitto_reconnect(client)
    } else {
      var properties: OpaquePointer?
      mosquitto_property_add_int32(
        &properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), options.sessionExpiry)
      mosquitto_property_add_int32(
        &properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), BrokerSession.maximumPacketBytes)
      code = mosquitto_connect_bind_v5(client, options.host, options.port, options.keepalive, nil, properties)
      mosquitto_property_free_all(&properties)
      if code == MOSQ_ERR_SUCCESS.rawValue { hasConnected = true }
    }
    return code == MOSQ_ERR_SUCCESS.rawValue ? nil : describe(code)
  }

  var socket: Int32 { mosquitto_socket(client) }
  var wantsWrite: Bool { mosquitto_want_write(client) }

  /// Reads one packet if there is one. false: the connection is gone.
  @inline(__always)
  func readOne() -> Bool {
    let code = mosquitto_loop_read(client, 1)
    return code == 0 || failed(code)
  }

  /// Writes what is queued as far as the socket takes it: acknowledgements first of all.
  func flush() -> Bool {
    let code = mosquitto_loop_write(client, 1)
    return code == 0 || failed(code)
  }

  /// Keeps the reason where no callback told it, as of a handshake that failed. Always false.
  private func failed(_ code: Int32) -> Bool {
    if problem == nil, code != MOSQ_ERR_NO_CONN.rawValue { problem = describe(code) }
    return false
  }

  /// Has the broker end the session, with the connection. Only where everything is acknowledged and written.
  func end() {
    var properties: OpaquePointer?
    mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), 0)
    mosquitto_disconnect_v5(client, 0, properties)
    mosquitto_property_free_all(&properties)
    _ = flush()
  }

  /// Keepalive.
  func tick() { mosquitto_loop_misc(client) }

  /// Queues a question that changes nothing and that the broker must answer (MQTT 5.0, 3.10.4): a PINGREQ
  /// cannot be sent at will, and its answer is not shown.
  func ask() { mosquitto_unsubscribe(client, nil, BrokerSession.nothing) }

  /// A topic nobody subscribes to.
  private static let nothing = "campus/v1/-/-/nothing"

  /// Subscribes to presence once more: the broker then sends what it retains, also what was dropped before because
  /// its device was not known. Nothing else is retained. Only while online.
  func renewPresence() {
    for pattern in options.subscriptions where BrokerSession.isPresence(pattern) {
      pendingGrants += 1
      subscribe(to: pattern, again: true)
    }
  }

  private static func isPresence(_ pattern: String) -> Bool { pattern.hasSuffix("/state") }

  /// Queues a message at QoS 0.
  func publish(_ topic: String, _ payload: [UInt8]) {
    mosquitto_publish(client, nil, topic, Int32(payload.count), payload, 0, false)
  }

  /// Ends the connection without writing what is queued: the broker delivers again what was not acknowledged.
  func abandon() {
    if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    // What is left in the socket is bounded by its buffer.
    var reads = 0
    while socket >= 0, readOne(), reads < 1 << 20 { reads += 1 }
    state = .offline
  }

  /// Ends the connection after everything was written: half-closes and reads to the end, at most `limit`
  /// nanoseconds. Closing at once would send RST, and the broker would forget PUBACKs it has not read.
  func close(limit: Int64) {
    let socket = self.socket
    guard socket >= 0 else { return }
    shutdown(socket, Int32(SHUT_WR))
    let end = platform_monotonic_ns() + limit
    var buffer = [UInt8](repeating: 0, count: 65536)
    while platform_monotonic_ns() < end {
      let ready = platform_wait(socket, false, -1, 50_000_000)
      if ready & Int32(PLATFORM_READABLE.rawValue) != 0, recv(socket, &buffer, buffer.count, 0) <= 0 { break }
    }
    state = .offline
  }

  private func describe(_ code: Int32) -> String {
    guard code == MOSQ_ERR_TLS.rawValue else { return BrokerSession.text(code) }
    return
      "TLS with the broker fails: \(handshakeProblem ?? "no reason is given"); check mqtt.tls, mqtt.host and mqtt.port against the broker's certificate and listener"
  }

  static func text(_ code: Int32) -> String {
    code == MOSQ_ERR_ERRNO.rawValue
      ? errno == 0 ? "the broker closed the connection" : String(cString: strerror(errno)) : BrokerSession.sentence(mosquitto_strerror(code))
  }

  /// libmosquitto's texts end with a full stop; ours go on.
  private static func sentence(_ text: UnsafePointer<CChar>) -> String {
    let text = String(cString: text)
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  // MARK: Callbacks

  private func setCallbacks() {
    mosquitto_connect_v5_callback_set(client) { _, session, reason, flags, _ in
      BrokerSession.of(session)?.connected(reason: reason, flags: flags)
    }
    mosquitto_disconnect_v5_callback_set(client) { _, session, reason, _ in
      BrokerSession.of(session)?.disconnected(reason: reason)
    }
    mosquitto_subscribe_v5_callback_set(client) { _, session, _, count, granted, _ in
      BrokerSession.of(session)?.subscribed(granted.map { UnsafeBufferPointer(start: $0, count: Int(count)) })
    }
    mosquitto_unsubscribe_v5_callback_set(client) { _, session, _, _ in
      BrokerSession.of(session)?.unsubscribed()
    }
    mosquitto_message_v5_callback_set(client) { _, session, message, properties in
      guard let message else { return }
      BrokerSession.of(session)?.received(message, properties)
    }
  }

  @inline(__always)
  private static func of(_ pointer: UnsafeMutableRawPointer?) -> BrokerSession? {
    pointer.map { Unmanaged<BrokerSession>.fromOpaque($0).takeUnretainedValue() }
  }

  /// `error:0A000086:SSL routines::certificate verify failed`: what follows the last colon is for people.
  private func logged(_ line: String) {
    guard line.hasPrefix("OpenSSL Error") else { return }
    handshakeProblem = line.split(separator: ":").last.map(String.init)
  }

  private func connected(reason: Int32, flags: Int32) {
    mosquitto_log_callback_set(client, nil)
    guard reason == 0 else {
      problem =
        "the broker refuses the connection: \(String(cString: mosquitto_reason_string(reason))); check mqtt.username, mqtt.password_file and the broker's access list"
      return
    }
    isSessionPresent = flags & 1 != 0
    state = .joining
    pendingGrants = options.subscriptions.count
    if options.isLeaving {
      // The broker delivers what the session holds all the same.
      for pattern in options.subscriptions { mosquitto_unsubscribe_v5(client, nil, pattern, nil) }
      return
    }
    for pattern in options.subscriptions { subscribe(to: pattern, again: false) }
  }

  /// `again`: what is retained is wanted although the subscription is not new.
  private func subscribe(to pattern: String, again: Bool) {
    // Retained presence is wanted once, when the subscription is new (MQTT 5.0, 3.8.3.1): at every connect, thousands
    // of devices would fill the queue in which frames wait.
    let wanted = again ? MQTT_SUB_OPT_SEND_RETAIN_ALWAYS : MQTT_SUB_OPT_SEND_RETAIN_NEW
    let retain = BrokerSession.isPresence(pattern) ? wanted : MQTT_SUB_OPT_SEND_RETAIN_NEVER
    // Exactly QoS 1: at QoS 2 PUBREC would leave before the callback.
    let code = mosquitto_subscribe_v5(client, nil, pattern, 1, Int32(retain.rawValue), nil)
    if code != MOSQ_ERR_SUCCESS.rawValue {
      problem = "cannot subscribe to \(pattern): \(BrokerSession.text(code)); check mqtt.subscriptions"
    }
  }

  private func subscribed(_ granted: UnsafeBufferPointer<Int32>?) {
    for qos in granted ?? UnsafeBufferPointer(start: nil, count: 0) where qos != 1 {
      problem =
        qos == 0
        ? "the broker grants QoS 0 where 1 is needed; remove max_qos from its configuration, or set it to 2"
        : "the broker grants QoS \(qos > 2 ? "none" : String(qos)) where 1 is needed; let \(options.username ?? "this client") read \(options.subscriptions.joined(separator: ", ")) in its access list"
    }
    noteGrant()
  }

  private func unsubscribed() {
    answers += 1
    if options.isLeaving { noteGrant() }
  }

  /// One more of the subscriptions is as it should be.
  private func noteGrant() {
    pendingGrants -= 1
    if pendingGrants <= 0, problem == nil { state = .online }
  }

  private func disconnected(reason: Int32) {
    state = .offline
    if problem == nil, reason != 0 { problem = BrokerSession.text(reason) }
  }

  @inline(__always)
  private func received(
    _ message: UnsafePointer<mosquitto_message>, _ properties: OpaquePointer?
  ) {
    messages += 1
    guard let topic = message.pointee.topic else { return }
    var expiry: UInt32 = 0
    var hasExpiry = false
    if let properties {
      hasExpiry =
        mosquitto_property_read_int32(
          properties, Int32(MQTT_PROP_MESSAGE_EXPIRY_INTERVAL.rawValue), &expiry, false) != nil
    }
    onMessage(
      Message(
        topic: UnsafeRawBufferPointer(start: topic, count: strlen(topic)),
        payload: UnsafeRawBufferPointer(
          start: message.pointee.payload, count: Int(message.pointee.payloadlen)),
        expiryLeft: hasExpiry ? expiry : nil, isRetained: message.pointee.retain))
  }
}
