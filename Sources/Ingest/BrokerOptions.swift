import ReadingLog

/// How a lane reaches the broker.
public struct BrokerOptions: Sendable {
  public var host = "127.0.0.1"
  public var port: Int32 = 1883
  public var clientID = "campus-gateway-1"
  public var username: String?
  public var password: String?
  /// A file of authorities to trust. This or a certificate turns TLS on.
  public var tlsCA: String?
  public var tlsCertificate: String?
  public var tlsKey: String?
  public var subscriptions = ["campus/v1/+/+/up", "campus/v1/+/+/json", "campus/v1/+/+/state"]
  /// Seconds the broker keeps the session, and with it every message, while the gateway is away (MQTT 5.0, 3.1.2.11.2).
  public var sessionExpiry: UInt32 = 2_592_000
  public var keepalive: Int32 = 30

  /// No lane uses the session any more: what it still holds is taken, and then it ends.
  public var isLeaving = false

  public init() {}

  /// The options of one lane of several: they share the subscriptions, so that each message reaches one of
  /// them (MQTT 5.0, 4.8.2). Presence is retained, and a shared subscription gets nothing retained: the first
  /// lane alone takes it.
  public func lane(_ number: Int, of count: Int) -> BrokerOptions {
    guard count > 1 else { return self }
    var options = self
    // A share's name holds no slash or wildcard.
    let share = String(clientID.map { "/+#".contains($0) ? "-" : $0 })
    options.clientID = "\(clientID)-\(number)"
    options.subscriptions = subscriptions.compactMap { pattern in
      if pattern.hasSuffix("/state") { return number == 0 ? pattern : nil }
      return "$share/\(share)/\(pattern)"
    }
    return options
  }

  /// What the broker keeps for a lane with these options, whose gateway calls itself `gateway`.
  public func session(of gateway: String) -> KeptSession {
    KeptSession(clientID: clientID, gateway: gateway, subscriptions: subscriptions)
  }

  /// The options of a lane that leaves a session which was used under an earlier configuration.
  public func leaving(_ session: KeptSession) -> BrokerOptions {
    var options = self
    options.clientID = session.clientID
    options.subscriptions = session.subscriptions
    options.isLeaving = true
    return options
  }
}
