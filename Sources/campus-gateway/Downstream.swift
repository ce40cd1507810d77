import Aggregation
import Diagnosis
import Foundation
import Logging
import ReadingLog
import ServiceLifecycle

/// What follows the log in a running gateway: the fold into aggregates, and a relay for each diagnosis core that is
/// told of them.
final class Downstream: Sendable {
  let aggregator: Aggregator
  let relays: [Relay]
  /// The embedded core.
  let local: LocalCore?
  /// Where commands reach the embedded core.
  private let control: ControlServer?

  /// Names of the destinations in the outbox: they outlive a change of the address.
  static let embedded = "embedded"
  static let remote = "remote"

  init(_ gateway: Gateway) throws {
    let configuration = gateway.configuration
    let key = try configuration.webhookKey()
    let source = "\(configuration.mqtt.clientID)/\(try gateway.store.summary().uuid)"
    // A core that cannot open its store must not keep the gateway from taking readings.
    local =
      configuration.diagnosis.embedded
      ? try LocalCore(
        configuration, logger: gateway.logger, opensLater: true, patience: DataFolder.patience) : nil
    control = try local?.controlServer()
    var destinations: [(name: String, destination: any Destination)] = []
    if let local { destinations.append((Downstream.embedded, EmbeddedDestination(local))) }
    var settings = AggregationSettings()
    settings.destinations = destinations.map(\.name) + (configuration.diagnosis.url == nil ? [] : [Downstream.remote])
    aggregator = Aggregator(
      store: gateway.store, subjects: gateway.intake.subjects, settings: settings, logger: gateway.logger)
    // Last of what may fail: a client that was made must be run, which lets go of it.
    if let url = configuration.diagnosis.url {
      destinations.append((Downstream.remote, try Downstream.post(to: url, configuration.diagnosis.ca, key)))
    }
    relays = destinations.map { name, destination in
      Relay(
        name, of: gateway.store, to: destination, source: source, logger: gateway.logger, now: { unixNow() })
    }
  }

  private static func post(to url: String, _ ca: String?, _ key: WebhookKey?) throws -> HTTPDestination {
    var sign: HTTPDestination.Signing?
    if let key { sign = { key.signature(id: $0, timestamp: $1, body: $2) } }
    do {
      return try HTTPDestination(url: url, ca: ca, sign: sign, now: { unixNow() })
    } catch {
      throw Refusal.cannotRun("diagnosis.ca \(ca ?? ""): no certificate can be read from it: \(error)")
    }
  }

  var services: [any Service] {
    var services: [any Service] = []
    if let local { services.append(CoreUpkeep(local: local)) }
    if let control { services.append(control) }
    return services + relays + [aggregator]
  }

  /// Has batches that were put aside delivered once more; gives how many there are.
  func resend(_ ids: [Int64], of store: LogStore) throws -> Int {
    var count = 0
    for id in ids {
      guard let aside = try store.batchPutAside(id),
        let relay = relays.first(where: { $0.outbox == aside.destination })
      else { continue }
      relay.resend(id)
      count += 1
    }
    return count
  }

  func shutDown() { local?.shutDown() }
}

extension Gateway {
  /// Reads the standards of the embedded core anew, where there is one. With a fault in them the old ones stay.
  func reloadStandards() throws {
    try downstream.withLock { $0?.local }?.reload()
  }
}

extension Configuration {
  /// The rules of the fold, as each campus version keeps them.
  var aggregationRules: AggregationRules {
    AggregationRules(
      lateAfterMinutes: aggregation.lateAfterMinutes,
      // The schema accepts nothing else.
      curfewMinutes: TimeOfDay.minutes(aggregation.curfew) ?? 23 * 60)
  }
}
