import DeviceProtocol
import Foundation
import ReadingLog

/// What the lanes share: the registry in force, admission, the log's writer. Takes a lane's batch, gives the
/// receipts to send once it is committed.
public final class Intake: @unchecked Sendable {
  /// A receipt, ready to publish.
  public struct Outgoing {
    var topic: String
    var payload: [UInt8]
  }

  public let registry: RegistryBox
  public let subjects: SubjectKey
  let admission: Admission
  public let writer: LogWriter
  let store: LogStore
  let limits: IntakeLimits
  public let status = IntakeStatus()

  public init(
    store: LogStore, registry: RegistryBox, masterKey: MasterKey, limits: IntakeLimits
  ) throws(LogError) {
    self.store = store
    self.registry = registry
    self.limits = limits
    subjects = SubjectKey(masterKey.derive("subjects v1"))
    admission = Admission(
      clockTolerance: limits.clockTolerance, framesPerSecond: limits.deviceFramesPerSecond,
      box: SecretBox(masterKey, purpose: "quarantine v1"))
    writer = try LogWriter(store, fold: admission)
  }

  /// Commits the batch. Everything in it may be acknowledged when this returns.
  public func commit(
    _ batch: IntakeBatch, schedule: inout ReceiptSchedule, now: Int64, monotonic: Int64, releasing: Bool = false
  ) throws(LogError) -> (ledger: Ledger, receipts: [Outgoing]) {
    try writer.commit { (log) throws(LogError) in
      schedule.allow(messages: batch.messages)
      if releasing {
        try admission.release(into: batch, limit: Intake.releasedAtOnce, monotonic: monotonic, log: log)
      }
      let ledger = try admission.admit(batch, to: log, now: now, monotonic: monotonic) { boot, atOnce in
        schedule.note(boot, atOnce: atOnce, in: admission, now: monotonic)
      }
      schedule.advance(in: admission, now: monotonic)
      return (ledger, try receipts(schedule.takeReady(), batch.registry, now, log))
    }
  }

  /// Waiting messages admitted at a time.
  private static let releasedAtOnce = 500

  /// Gives waiting messages their turn, in a commit of their own. nil: none waits.
  func admitWaiting(
    _ batch: IntakeBatch, schedule: inout ReceiptSchedule, now: Int64, monotonic: Int64
  ) throws(LogError) -> (ledger: Ledger, receipts: [Outgoing])? {
    batch.registry = registry.current
    guard writer.inspect({ !admission.waiting.isEmpty }) else { return nil }
    return try commit(batch, schedule: &schedule, now: now, monotonic: monotonic, releasing: true)
  }

  /// The receipts that have become due without a new batch.
  func dueReceipts(
    _ schedule: inout ReceiptSchedule, now: Int64, monotonic: Int64
  ) throws(LogError) -> [Outgoing] {
    let registry = registry.current
    return try writer.read { (log) throws(LogError) in
      schedule.allow(messages: 0)
      schedule.advance(in: admission, now: monotonic)
      return try receipts(schedule.takeReady(), registry, now, log)
    }
  }

  private func receipts(
    _ boots: [Int32], _ registry: DeviceRegistry, _ now: Int64, _ log: Appender
  ) throws(LogError) -> [Outgoing] {
    var outgoing: [Outgoing] = []
    outgoing.reserveCapacity(boots.count)
    for boot in boots {
      let state = admission.boots[Int(boot)]
      admission.boots[Int(boot)].isReceiptDue = false
      guard let index = registry.index(id: state.device) else { continue }
      let receipt = try admission.receipt(boot: boot, now: now, log: log)
      let entry = registry.entries[index]
      let topic = "\(Topic.prefix)\(registry.name(index))/down"
      if entry.isTransport {
        outgoing.append(Outgoing(topic: topic, payload: receipt.json()))
      } else if let key = registry.key(admission.devices[Int(state.device)].keyID, of: entry) {
        outgoing.append(Outgoing(topic: topic, payload: receipt.message(key.down)))
      }
    }
    return outgoing
  }
}

/// Settings of the intake.
public struct IntakeLimits: Sendable {
  /// Milliseconds.
  public var clockTolerance: Int64 = 300_000
  /// Bytes of the largest message that is looked at.
  public var frameBytes = 16384
  public var batchReadings = 5000
  /// Milliseconds between commits, at least.
  public var commitInterval: Int64 = 1
  /// Milliseconds between receipts of a device.
  public var receiptInterval: Int64 = 1000

  /// Frames a second a device is given an outcome; over it they wait. 0: no limit.
  public var deviceFramesPerSecond: Int64 = 0

  public init() {}
}
