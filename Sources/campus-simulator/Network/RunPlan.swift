/// All that is decided before a run begins; shared by the lanes, changed by none.
struct RunPlan: Sendable {
  var seed: UInt64
  var broker: BrokerAddress
  var devices: [SimulatedDevice]
  var connections: Int
  var lanes: Int
  var clock: SimulatedClock
  /// The campus's life, or an even load.
  var source: Source
  /// Simulated time at which generating ends; `nil`: when asked to stop.
  var endTime: Int64?
  var drainMilliseconds: Int64
  var cards: CardBook
  var outbox: OutboxMemory.Size
  var misbehaviour: Misbehaviour
  var ledger: LedgerFile?
  var recordsTransmissions: Bool
  /// A full outbox holds simulated time up instead of giving up its oldest frames.
  var waitsForRoom = false
  var zone = CampusZone.china
  var scenario = Scenario()
  /// Hours pass this much faster for reboots than `clock` says: a load runs in real time.
  var rebootHaste = 1.0

  enum Source: Sendable {
    case life(Days)
    case load(Load)
  }

  /// Readings of one device that lie within a real second leave in one frame.
  var frameWindow: Int64 { max(1, Int64(1_000 * clock.speed)) }
  static let readingsPerFrame = 8
  var isLoad: Bool { if case .load = source { true } else { false } }

  func connection(of device: Int) -> Int { device % connections }
  func lane(ofConnection connection: Int) -> Int { connection % lanes }
  func lane(of device: Int) -> Int { lane(ofConnection: connection(of: device)) }
}

/// Load mode: all devices together, evenly.
struct Load: Sendable {
  var framesPerSecond: Double
  /// Frames in all; `nil`: until asked to stop.
  var frames: Int?
  var readingsPerFrame: Int
  /// People with cards; 0 where there is no roster.
  var people: Int

  /// Room that must be left before a frame is added to an outbox.
  var frameBytes: Int { 128 + 64 * readingsPerFrame }
}
