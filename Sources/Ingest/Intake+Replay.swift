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
  /// outcome, each in a commit of its own; the others stay.
  public func replay(_ ids: [Int64], now: Int64) throws(LogError) -> [Replayed] {
    var results: [Replayed] = []
    for id in ids {
      guard let held = try store.quarantine(id: id).first, held.state == "held",
        let payload = try store.content(ofHeld: id, box: admission.box)
      else {
        results.append(Replayed(id: id, outcome: "unknown", reason: "no such message is held"))
        continue
      }
      let batch = IntakeBatch(registry: registry.current, subjects: subjects, maximumFrameBytes: limits.frameBytes)
      batch.take(
        AuthenticatedMessage(
          device: held.device, key: held.key, topic: held.topic, payload: payload, arrived: held.arrivedTime,
          received: held.receivedTime))
      guard let entry = batch.entries.first else { continue }
      if let fault = entry.fault {
        results.append(Replayed(id: id, outcome: "quarantined", reason: fault.reason.explanation))
        continue
      }
      let outcome = try writer.commitOrRecover { (log) throws(LogError) in
        try admission.readmit(held, entry, batch, to: log, now: now)
      }
      results.append(
        Replayed(
          id: id, outcome: "\(outcome)", reason: outcome == .quarantined ? QuarantineReason.conflict.explanation : nil))
    }
    return results
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
