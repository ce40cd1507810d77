import CMosquitto
import CPlatform
import Glibc
import Ingest

/// One libmosquitto client for a trial, driven by the thread that owns it: acknowledgements leave only when they are
/// let go. Never touches the gateway's own session.
final class BrokerProbe {
  enum Identity {
    /// User, password and certificate of the gateway.
    case gateway
    /// The certificate alone.
    case certificate
    case nobody
  }

  enum Answer: Equatable {
    case accepted
    /// The broker's reason code and its text.
    case refused(Int32, String)
    case failed(String)
  }

  private let client: OpaquePointer
  private let host: String
  private let port: Int32
  private let expiry: UInt32

  private(set) var answer: Answer?
  private(set) var isSessionPresent = false
  /// Unacknowledged publications the broker takes at once, as it announces; nil: 65535.
  private(set) var receiveMaximum: UInt16?
  private(set) var tls: TLSPeer?
  /// Reason codes of granted or refused subscriptions, in their order.
  private(set) var grants: [Int32] = []
  /// Publications answered, by the broker's reason code.
  private(set) var answered: [Int32: Int] = [:]
  /// Messages received, ever, by topic.
  private(set) var received: [String: Int] = [:]
  private var progress = 0

  /// `verifies`: false looks at a broker that cannot be trusted; nothing secret is sent to it then.
  init?(
    _ options: BrokerOptions, id: String, as identity: Identity, clean: Bool = true, expiry: UInt32 = 0,
    verifies: Bool = true
  ) {
    _ = mosquitto_lib_init()
    guard let client = mosquitto_new(id, clean, nil) else { return nil }
    self.client = client
    host = options.host
    port = options.port
    self.expiry = expiry
    mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
    mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5)
    mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, 65535)
    mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1)
    mosquitto_threaded_set(client, true)
    if identity == .gateway, let username = options.username {
      mosquitto_username_pw_set(client, username, options.password)
    }
    setCallbacks()
    if options.tlsCA != nil || options.tlsCertificate != nil {
      // With a certificate alone, the system's authorities vouch for the broker.
      let authorities: String? = options.tlsCA == nil ? "/etc/ssl/certs" : nil
      let certificate: String? = identity == .nobody ? nil : options.tlsCertificate
      let key: String? = identity == .nobody ? nil : options.tlsKey
      let code = mosquitto_tls_set(client, options.tlsCA, authorities, certificate, key, nil)
      if code != MOSQ_ERR_SUCCESS.rawValue { answer = .failed(BrokerProbe.text(code)) }
      if !verifies {
        mosquitto_tls_opts_set(client, 0, nil, nil)
        mosquitto_tls_insecure_set(client, true)
      }
    }
  }

  deinit { mosquitto_destroy(client) }

  /// Connects, and waits for the broker's answer.
  func connect(within milliseconds: Int64 = 10_000) -> Answer {
    if let answer { return answer }
    var properties: OpaquePointer?
    if expiry > 0 {
      mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), expiry)
    }
    let code = mosquitto_connect_bind_v5(client, host, port, 60, nil, properties)
    mosquitto_property_free_all(&properties)
    guard code == MOSQ_ERR_SUCCESS.rawValue else { return .failed(BrokerProbe.text(code)) }
    let isAlive = drive(within: milliseconds) { answer != nil }
    return answer ?? .failed(isAlive ? "no answer within \(milliseconds / 1000) s" : "the broker closed the connection")
  }

  /// The broker's reason code: 0 to 2 is the QoS granted. nil: no answer.
  func subscribe(_ pattern: String) -> Int32? {
    let before = grants.count
    guard mosquitto_subscribe_v5(client, nil, pattern, 1, Int32(MQTT_SUB_OPT_SEND_RETAIN_NEVER.rawValue), nil) == 0
    else { return nil }
    drive(within: 5_000) { grants.count > before }
    return grants.count > before ? grants[before] : nil
  }

  /// Queues a publication of QoS 1.
  func publish(_ topic: String, _ payload: String) {
    let bytes = Array(payload.utf8)
    mosquitto_publish_v5(client, nil, topic, Int32(bytes.count), bytes, 1, false, nil)
  }

  var publicationsAnswered: Int { answered.values.reduce(0, +) }
  var messagesReceived: Int { received.values.reduce(0, +) }

  /// Drives the connection until `isDone`; false: the connection is gone. `holding`: nothing is written, so that no
  /// acknowledgement leaves.
  @discardableResult
  func drive(within milliseconds: Int64, holding: Bool = false, until isDone: () -> Bool) -> Bool {
    let end = platform_monotonic_ns() + milliseconds * 1_000_000
    while !isDone() {
      let now = platform_monotonic_ns()
      guard now < end else { return true }
      guard turn(min(20_000_000, end - now), holding: holding) else { return isDone() }
    }
    return true
  }

  /// Reads until nothing came for `quiet` milliseconds.
  func drain(quiet: Int64, limit: Int64, holding: Bool = false, enough: Int = .max) {
    let end = platform_monotonic_ns() + limit * 1_000_000
    var last = platform_monotonic_ns()
    while messagesReceived < enough, platform_monotonic_ns() < min(end, last + quiet * 1_000_000) {
      let before = messagesReceived
      guard turn(20_000_000, holding: holding) else { return }
      if messagesReceived > before { last = platform_monotonic_ns() }
    }
  }

  /// Ends the connection. `forgetting`: and the session with it, whatever its expiry.
  func end(forgetting: Bool = true) {
    guard mosquitto_socket(client) >= 0 else { return }
    var properties: OpaquePointer?
    if forgetting, expiry > 0 {
      mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue), 0)
    }
    mosquitto_disconnect_v5(client, 0, properties)
    mosquitto_property_free_all(&properties)
    drive(within: 1_000) { mosquitto_socket(client) < 0 }
  }

  private func turn(_ nanoseconds: Int64, holding: Bool) -> Bool {
    let socket = mosquitto_socket(client)
    guard socket >= 0 else { return false }
    if !holding, mosquitto_want_write(client) {
      guard mosquitto_loop_write(client, 1) == 0, mosquitto_socket(client) >= 0 else { return false }
    }
    // While something is still to be written, as in a TLS handshake, the wait is short.
    let wait = !holding && mosquitto_want_write(client) ? min(nanoseconds, 2_000_000) : nanoseconds
    guard platform_wait(socket, false, -1, wait) & Int32(PLATFORM_READABLE.rawValue) != 0 else { return true }
    var before = progress
    repeat {
      before = progress
      guard mosquitto_loop_read(client, 1) == 0, mosquitto_socket(client) >= 0 else { return false }
    } while progress > before
    return true
  }

  // MARK: Callbacks

  private func setCallbacks() {
    mosquitto_connect_v5_callback_set(client) { _, probe, reason, flags, properties in
      BrokerProbe.of(probe)?.connected(reason, flags, properties)
    }
    mosquitto_subscribe_v5_callback_set(client) { _, probe, _, count, granted, _ in
      guard let probe = BrokerProbe.of(probe), let granted else { return }
      probe.grants.append(contentsOf: UnsafeBufferPointer(start: granted, count: Int(count)))
    }
    mosquitto_publish_v5_callback_set(client) { _, probe, _, reason, _ in
      BrokerProbe.of(probe)?.published(reason)
    }
    mosquitto_message_v5_callback_set(client) { _, probe, message, _ in
      guard let message, let topic = message.pointee.topic else { return }
      BrokerProbe.of(probe)?.heard(String(cString: topic))
    }
  }

  private static func of(_ pointer: UnsafeMutableRawPointer?) -> BrokerProbe? {
    pointer.map { Unmanaged<BrokerProbe>.fromOpaque($0).takeUnretainedValue() }
  }

  private func connected(_ reason: Int32, _ flags: Int32, _ properties: OpaquePointer?) {
    progress += 1
    answer = reason == 0 ? .accepted : .refused(reason, String(cString: mosquitto_reason_string(reason)))
    isSessionPresent = flags & 1 != 0
    var maximum: UInt16 = 0
    if let properties,
      mosquitto_property_read_int16(properties, Int32(MQTT_PROP_RECEIVE_MAXIMUM.rawValue), &maximum, false) != nil
    {
      receiveMaximum = maximum
    }
    if let ssl = mosquitto_ssl_get(client) { tls = TLSPeer(ssl, host: host) }
  }

  private func published(_ reason: Int32) {
    progress += 1
    answered[reason, default: 0] += 1
  }

  private func heard(_ topic: String) {
    progress += 1
    received[topic, default: 0] += 1
  }

  private static func text(_ code: Int32) -> String {
    code == MOSQ_ERR_ERRNO.rawValue ? String(cString: strerror(errno)) : String(cString: mosquitto_strerror(code))
  }
}
