import Foundation
import Ingest

/// What a broker did when it was tried.
struct BrokerTrial: Sendable {
  enum Anonymous: Sendable, Equatable {
    case untried
    case refused
    /// Nothing published reached it.
    case accepted
    /// It reads what is published under the devices' topics.
    case reads
  }

  /// Why the gateway's user could not connect; nil: it could.
  var problem: String?
  var keepsSession: Bool?
  /// What the broker announces that a device may have under way at once; nil: 65535.
  var receiveMaximum: Int?
  /// The topics of the trial are closed to the gateway's user.
  var isClosed = false
  /// A subscription of QoS 1 is granted at QoS 0: whatever else is tried rests on QoS 1.
  var lowersQoS = false
  var published = 0
  /// Answered by the broker with an error.
  var refused = 0
  var arrived = 0
  /// Of those, before the first was acknowledged.
  var arrivedUnacknowledged = 0
  /// The gateway's user may publish where only devices should.
  var publishesAnywhere: Bool?
  /// The gateway's user may publish receipts.
  var publishesReceipts: Bool?
  var anonymous = Anonymous.untried

  /// Messages laid into the queue of a client that is away: more than the 1,000 that mosquitto keeps by default.
  static let messages = 1_100

  private let options: BrokerOptions
  /// Tells this trial from every other, and from devices.
  private let mark: String

  /// Topics no device and no subscription of the gateway has.
  private var topic: String { "campus/doctor/\(mark)" }
  private var deviceTopic: String { "campus/v1/doctor/\(mark)/probe" }
  private var receiptTopic: String { "campus/v1/doctor/\(mark)/down" }

  init(_ options: BrokerOptions) {
    self.options = options
    mark = String(format: "%08x", UInt32.random(in: .min ... .max))
  }

  /// Some seconds; leaves nothing at the broker.
  mutating func run() {
    tryQueue()
    guard problem == nil, !lowersQoS else { return }
    tryAccess()
    tryAnonymous()
  }

  private func client(
    _ name: String, as identity: BrokerProbe.Identity = .gateway, clean: Bool = true, expiry: UInt32 = 0
  ) -> BrokerProbe? {
    BrokerProbe(options, id: "\(options.clientID)-doctor-\(name)-\(mark)", as: identity, clean: clean, expiry: expiry)
  }

  /// Goes away with a subscription, has messages published meanwhile, comes back, and counts.
  private mutating func tryQueue() {
    guard let reader = client("reader", expiry: 120), let writer = client("writer") else {
      problem = "libmosquitto could not make a client"
      return
    }
    defer { writer.end() }
    guard isAccepted(reader), isAccepted(writer) else { return }
    receiveMaximum = writer.receiveMaximum.map { Int($0) }
    let granted = reader.subscribe(topic) ?? 0x80
    guard (1...2).contains(granted) else {
      lowersQoS = granted == 0
      isClosed = !lowersQoS
      return reader.end()
    }
    // Whether anything passes at all: mosquitto grants a subscription that its access list then keeps silent.
    writer.publish(topic, "0")
    writer.drive(within: 5_000) { writer.publicationsAnswered > 0 }
    reader.drive(within: 2_000) { reader.messagesReceived > 0 }
    reader.drive(within: 200) { false }
    guard reader.messagesReceived > 0 else {
      isClosed = true
      return reader.end()
    }
    reader.end(forgetting: false)
    for number in 1...BrokerTrial.messages {
      writer.publish(topic, "\(number)")
      if number % 100 == 0 { writer.drive(within: 5_000) { writer.publicationsAnswered > number - 50 } }
    }
    writer.drive(within: 20_000) { writer.publicationsAnswered > BrokerTrial.messages }
    published = writer.publicationsAnswered - 1
    refused = writer.answered.filter { $0.key >= 0x80 }.values.reduce(0, +)
    comeBack()
  }

  private mutating func comeBack() {
    guard let reader = client("reader", clean: false, expiry: 120), isAccepted(reader) else { return }
    defer { reader.end() }
    keepsSession = reader.isSessionPresent
    guard reader.isSessionPresent else { return }
    reader.drain(quiet: 700, limit: 20_000, holding: true, enough: published)
    arrivedUnacknowledged = reader.messagesReceived
    reader.drain(quiet: 1_500, limit: 20_000, enough: published)
    arrived = reader.messagesReceived
  }

  private mutating func isAccepted(_ probe: BrokerProbe) -> Bool {
    switch probe.connect() {
    case .accepted: return true
    case .refused(_, let text): problem = "the broker refuses the connection: \(text)"
    case .failed(let text): problem = text
    }
    return false
  }

  /// A publication that every access list must allow, and one that none should.
  private mutating func tryAccess() {
    publishesReceipts = mayPublish(receiptTopic)
    publishesAnywhere = mayPublish(deviceTopic)
  }

  /// On a connection of its own: mosquitto 2.0.11 with `max_queued_messages 0` ends the connection that tries.
  private func mayPublish(_ topic: String) -> Bool? {
    guard let probe = client("writer"), case .accepted = probe.connect() else { return nil }
    defer { probe.end() }
    probe.publish(topic, "0")
    probe.drive(within: 5_000) { probe.publicationsAnswered > 0 }
    return probe.answered.keys.first.map { $0 < 0x80 }
  }

  /// Without a name, and listening where card numbers pass: what is heard is counted, never looked at.
  private mutating func tryAnonymous() {
    guard let probe = client("nobody", as: .nobody) else { return }
    defer { probe.end() }
    guard case .accepted = probe.connect() else {
      anonymous = .refused
      return
    }
    anonymous = .accepted
    for pattern in ["campus/v1/+/+/up", "campus/v1/+/+/json", deviceTopic] { _ = probe.subscribe(pattern) }
    probe.publish(deviceTopic, "0")
    probe.drive(within: 2_000) { probe.messagesReceived > 0 }
    if probe.messagesReceived > 0 { anonymous = .reads }
  }
}
