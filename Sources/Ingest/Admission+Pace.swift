import DeviceProtocol
import ReadingLog

/// A device's allowance: `rate` frames a second, one second's worth at once. Times are monotonic milliseconds.
struct Pace {
  private var allowance: Int64 = 0
  private var at: Int64 = .min

  /// Frames that may be given an outcome now.
  mutating func frames(rate: Int64, now: Int64) -> Int64 {
    // In thousandths of a frame: a frame costs 1,000, a millisecond gives `rate`.
    if at == .min {
      allowance = rate * 1000
    } else if now > at {
      allowance = min(rate * 1000, allowance + min(now - at, 1000) * rate)
    }
    at = max(at, now)
    return allowance / 1000
  }

  mutating func spend() { allowance -= 1000 }
}

extension Admission {
  /// Keeps a frame that comes faster than its device's rate: durable and acknowledged, admitted in its turn,
  /// so that one device delays nobody but itself. nil: it may be admitted now. true: it waits. false: a copy of
  /// it waits already.
  func hold(
    _ entry: IntakeBatch.Entry, _ batch: IntakeBatch, _ log: Appender, _ monotonic: Int64
  ) throws(LogError) -> Bool? {
    grow(to: entry.deviceID)
    let device = Int(entry.deviceID)
    if entry.head.isReadable {
      let boot = try find(entry.deviceID, entry.head.epoch, log)
      // A copy costs no row, and its device waits for the answer.
      if boot >= 0, try isSeen(boot: boot, entry.head.seq, log) { return nil }
    }
    let allowed = devices[device].pace.frames(rate: rate, now: monotonic)
    // Behind those that wait, or out of turn the gap ledger would fill with what is not missing.
    if !batch.released.isEmpty || (allowed > 0 && waiting[entry.deviceID] == nil) {
      devices[device].pace.spend()
      return nil
    }
    let digest =
      entry.head.isReadable
      ? entry.digest : UInt64(truncatingIfNeeded: Digest.of(batch.payload(of: entry)))
    let isNew = try log.rare.wait(
      WaitingMessage(
        device: entry.deviceID, epoch: entry.head.epoch, seq: entry.head.seq, digest: digest, key: entry.keyID,
        arrivedTime: entry.arrival, receivedTime: entry.received, topic: String(decoding: batch.topic(of: entry), as: UTF8.self),
        sealed: try box.seal(batch.payload(of: entry))))
    if isNew { waiting[entry.deviceID, default: 0] += 1 }
    return isNew
  }

  /// Fills an empty batch with the waiting messages whose turn has come, at most `limit`; their rows go with
  /// the batch's commit, in the same transaction.
  func release(into batch: IntakeBatch, limit: Int, monotonic: Int64, log: Appender) throws(LogError) {
    for (device, count) in waiting where batch.released.count < limit {
      grow(to: device)
      let allowed = Int(devices[Int(device)].pace.frames(rate: max(rate, 1), now: monotonic))
      // A limit that was lifted lets all of them through.
      let wanted = min(count, rate == 0 ? limit : allowed, limit - batch.released.count)
      guard wanted > 0 else { continue }
      for (id, message) in try log.rare.waiting(device: device, limit: wanted) {
        var payload: [UInt8] = []
        // A row that was damaged on the disk must not stop the others: it ends in quarantine.
        do throws(LogError) { payload = try box.open(message.sealed, what: "a waiting frame") } catch {}
        batch.take(
          AuthenticatedMessage(
            device: device, key: message.key, topic: message.topic, payload: payload,
            arrived: message.arrivedTime, received: message.receivedTime))
        batch.release(id, of: device)
      }
    }
    for message in batch.released {
      let left = (waiting[message.device] ?? 0) - 1
      waiting[message.device] = left > 0 ? left : nil
    }
  }
}
