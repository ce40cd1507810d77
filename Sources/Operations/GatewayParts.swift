import Aggregation
import Campus
import Diagnosis
import Ingest
import ReadingLog
import Synchronization

/// The parts of a running gateway that operations shows, and may change.
public struct GatewayParts: Sendable {
  public var store: LogStore
  public var intake: Intake
  public var campus: CampusBox
  public var relays: [Relay]
  /// The embedded diagnosis core, or why it cannot be asked; nil: it is elsewhere.
  public var embedded: EmbeddedCore?
  /// Takes batches for it.
  public var events: DiagnosisEvents?
  /// What messages in quarantine are sealed with.
  public var quarantineBox: SecretBox
  /// IANA name of the campus's time zone.
  public var timeZone: String
  public var lanes: Int
  public var version: String
  /// Unix milliseconds.
  public var now: @Sendable () -> Int64

  public typealias EmbeddedCore = @Sendable () throws(DiagnosisError) -> DiagnosisCore

  public init(
    store: LogStore, intake: Intake, campus: CampusBox, relays: [Relay], embedded: EmbeddedCore?,
    events: DiagnosisEvents?, quarantineBox: SecretBox, timeZone: String, lanes: Int, version: String,
    now: @escaping @Sendable () -> Int64
  ) {
    self.store = store
    self.intake = intake
    self.campus = campus
    self.relays = relays
    self.embedded = embedded
    self.events = events
    self.quarantineBox = quarantineBox
    self.timeZone = timeZone
    self.lanes = lanes
    self.version = version
    self.now = now
  }
}

extension GatewayParts {
  /// The embedded core, where there is one and its store is open.
  var core: DiagnosisCore? {
    guard let embedded else { return nil }
    do throws(DiagnosisError) { return try embedded() } catch { return nil }
  }

  /// Why its store is not open.
  var coreProblem: String? {
    guard let embedded else { return nil }
    do throws(DiagnosisError) {
      _ = try embedded()
      return nil
    } catch { return error.description }
  }
}

/// Holds the last campus without faults, for names; swapped whole on reload.
public final class CampusBox: Sendable {
  private let state: Mutex<(campus: Campus, version: Int)>

  public init(_ campus: Campus) { state = Mutex((campus: campus, version: 1)) }

  /// `version` changes with every reload.
  public var current: (campus: Campus, version: Int) { state.withLock { $0 } }

  public func replace(with campus: Campus) {
    state.withLock { $0 = (campus: campus, version: $0.version + 1) }
  }
}
