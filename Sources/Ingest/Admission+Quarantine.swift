import DeviceProtocol
import ReadingLog

extension Admission {
  /// An authenticated message whose identity cannot be read: kept once, consumes no seq, cannot be receipted.
  func quarantineHeadless(
    _ entry: IntakeBatch.Entry, _ batch: IntakeBatch, _ log: Appender
  ) throws(LogError) -> Outcome {
    let digest = Digest.full(batch.topic(of: entry), batch.payload(of: entry))
    let fault = entry.fault ?? FrameFault(.malformed)
    let isNew = try quarantine(
      entry, batch, reason: fault.reason, reading: fault.reading, frame: nil, once: Array(digest.prefix(16)), log)
    return isNew ? .quarantined : .duplicate
  }

  /// Other readings under a seq that has its outcome already, or readings that cannot be compared with it any more:
  /// kept once, consumes nothing.
  func quarantineConflict(
    _ entry: IntakeBatch.Entry, _ batch: IntakeBatch, boot index: Int32, _ log: Appender
  ) throws(LogError) -> Outcome {
    let boot = boots[Int(index)].id
    let isNew = try quarantine(
      entry, batch, reason: .conflict, reading: -1, frame: (boot, entry.head.seq, entry.digest),
      once: once(entry, boot: boot), log)
    return isNew ? .quarantined : .duplicate
  }

  /// What copies of one frame share, whatever their `sent`.
  func once(_ entry: IntakeBatch.Entry, boot: Int64) -> [UInt8] {
    withUnsafeBytes(of: (boot, Int64(entry.head.seq), entry.digest)) { Array(Digest.full($0).prefix(16)) }
  }

  @discardableResult
  func quarantine(
    _ entry: IntakeBatch.Entry, _ batch: IntakeBatch, reason: QuarantineReason, reading: Int,
    frame: (boot: Int64, seq: UInt32, digest: UInt64)?, once: [UInt8], _ log: Appender
  ) throws(LogError) -> Bool {
    try log.rare.quarantine(
      QuarantinedMessage(
        topic: String(decoding: batch.topic(of: entry), as: UTF8.self), device: entry.deviceID, frame: frame,
        reason: reason, reading: reading, receivedTime: entry.received, arrivedTime: entry.arrival,
        key: entry.keyID, bytes: Int(entry.payloadBytes),
        once: once, sealed: try box.seal(batch.payload(of: entry))))
  }
}
