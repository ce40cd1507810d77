import DeviceProtocol
import ReadingLog

extension Intake {
  public struct Replayed: Sendable {
    public var id: Int64
    /// An `Outcome`'s name, or `unknown` where no such message is held.
    public var outcome: String
    public var reason: String?
  }

  /// Tries held messages again with the decoder of today. One that is good now moves to its
  /// outcome, each in a commit of its own; the others stay. What is wrong with one keeps no other from its turn.
  public func replay(_ ids: [Int64], now: Int64, isCancelled: () -> Bool = { false }) -> [Replayed] {
    ids.map { id -> Replayed in
      if isCancelled() { return Replayed(id: id, outcome: "quarantined", reason: "not tried, the gateway stops") }
      do throws(LogError) { return try replay(id, now: now) } catch {
        return Replayed(id: id, outcome: "quarantined", reason: error.description)
      }
    }
  }

  private func replay(_ id: Int64, now: Int64) throws(LogError) -> Replayed {
    guard let held = try store.quarantine(id: id).first, held.state == "held",
      let payload = try store.content(ofHeld: id, box: admission.box)
    else { return Replayed(id: id, outcome: "unknown", reason: "no such message is held") }
    let batch = IntakeBatch(registry: registry.current, subjects: subjects, maximumFrameBytes: limits.frameBytes)
    batch.take(
      AuthenticatedMessage(
        device: held.device, key: held.key, topic: held.topic, payload: payload, arrived: held.arrivedTime,
        received: held.receivedTime))
    let entry = batch.entries[0]
    if let fault = entry.fault { return Replayed(id: id, outcome: "quarantined", reason: fault.reason.explanation) }
    let outcome = try writer.commitOrRecover { (log) throws(LogError) in
      try admission.readmit(held, entry, batch, to: log, now: now)
    }
    return Replayed(
      id: id, outcome: "\(outcome)", reason: outcome == .quarantined ? QuarantineReason.conflict.explanation : nil)
  }
}

extension Admission {
  /// Moves a held message that is good now to its outcome, and corrects the ledger by the move.
  func readmit(
    _ held: HeldMessage, _ entry: IntakeBatch.Entry, _ batch: IntakeBatch, to log: Appender, now: Int64
  ) throws(LogError) -> Outcome {
    var outcome = Outcome.quarantined
    try batch.withReadings { (readings, details) throws(LogError) in
      outcome = try readmit(held, entry, batch, readings, details, log, now)
    }
    guard outcome != .quarantined else { return outcome }
    // Removed by retention since it was read: then it stays what it was.
    guard try log.rare.release(held: held.id, at: now) else { throw .other("message \(held.id) is held no more") }
    var move = Ledger()
    move.quarantined = -1
    if outcome == .stored { move.stored = 1 } else { move.duplicate = 1 }
    try log.writeLedger(move, at: now)
    return outcome
  }
}
