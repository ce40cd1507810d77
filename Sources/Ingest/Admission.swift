import DeviceProtocol
import ReadingLog

/// Decides, in commit order, how each frame ends, and writes it. Takes an intake batch inside the log's
/// transaction, gives outcomes and the receipts they call for. Its state is a fold over the log: `reset` and
/// the store bring it back.
public final class Admission: LogFold {
  struct DeviceState {
    /// Newest boot of the chain; -1: none in memory.
    var newest: Int32 = -1
    var boots: Int32 = 0
    var clock = DeviceClock()
    /// The key that verified the last frame.
    var keyID: Int64 = 0
    /// `oldest` as last applied, so that a device may repeat it in every frame.
    var oldestBoot: Int32 = -1
    var oldestSeq: UInt32 = 0
    /// Monotonic milliseconds of the last receipt, and of the last that answered no duplicate.
    var receiptAt: Int64 = .min / 2
    var ordinaryReceiptAt: Int64 = .min / 2
    var pace = Pace()
    /// When a frame of it was last read, since the start; Unix milliseconds, 0: not yet.
    var heard: Int64 = 0
  }

  struct BootState {
    var id: Int64
    var device: Int64
    var epoch: UInt32
    var older: Int32
    var seqs: SeqLedger
    /// `sent` of the newest frame that a receipt would cover, since the start, and the frame's seq.
    var echo: Int64 = 0
    var echoSeq: UInt32 = 0
    /// The clock's offset as the store has it, and when it was written since the start, Unix milliseconds.
    var clockOffset: Int64 = 0
    var clockWritten: Int64 = 0
    var isReceiptDue = false
    /// Whether rows alone show `high`, or it must be written when the boot is forgotten.
    var isHighWritten = true
  }

  /// Boots of one device kept in memory; more only while receipts are due to all of them.
  static let bootsPerDevice: Int32 = 4
  static let maximumBootsPerDevice: Int32 = 32
  /// Milliseconds between two writings of a boot's clock offset, at least.
  private static let clockPause: Int64 = 60_000

  var devices: ContiguousArray<DeviceState> = []
  var boots: ContiguousArray<BootState> = []
  private var free: [Int32] = []
  /// Highest seq by boot in rows that the store's boot table does not show yet.
  private var tailHighs: [Int64: UInt32] = [:]

  /// Messages that wait for their device's rate, by device.
  var waiting: [Int64: Int] = [:]

  /// Readings stored by the batch that is being admitted.
  private var kinds = KindCounts()

  let tolerance: Int64
  /// Frames a second a device is given an outcome; 0: no limit.
  let rate: Int64
  let box: SecretBox

  public init(clockTolerance: Int64, framesPerSecond: Int64 = 0, box: SecretBox) {
    tolerance = clockTolerance
    rate = framesPerSecond
    self.box = box
  }

  // MARK: Fold

  public func reset() {
    devices = []
    boots = []
    free = []
    tailHighs = [:]
    waiting = [:]
  }

  public func recovered(_ log: Appender) throws(LogError) {
    waiting = try log.rare.waitingCounts()
  }

  public func fold(boot: Int64, seq: UInt32) {
    tailHighs[boot] = max(tailHighs[boot] ?? 0, seq)
  }

  // MARK: Batches

  /// Writes the batch; `due` is told the boots to receipt, and which of them at once.
  func admit(
    _ batch: IntakeBatch, to log: Appender, now: Int64, monotonic: Int64, due: (_ boot: Int32, _ atOnce: Bool) -> Void
  ) throws(LogError) -> Ledger {
    var ledger = Ledger()
    kinds = KindCounts()
    ledger.received = batch.received
    try batch.withReadings { (readings, details) throws(LogError) in
      for index in batch.entries.indices {
        let entry = batch.entries[index]
        if rate > 0, let isNew = try hold(entry, batch, log, monotonic) {
          // It counts as received when it gets its outcome; a copy of one that waits has it now.
          if isNew { ledger.received -= 1 } else { ledger.duplicate += 1 }
          continue
        }
        let (outcome, boot) = try admit(entry, batch, readings, details, log, now)
        switch outcome {
        case .stored: ledger.stored += 1
        case .duplicate: ledger.duplicate += 1
        case .quarantined: ledger.quarantined += 1
        case .rejected: ledger.rejected += 1
        }
        if boot >= 0 { due(boot, outcome == .duplicate) }
      }
    }
    for message in batch.released { try log.rare.drop(waiting: message.id) }
    for (index, count) in batch.rejections.enumerated() where count > 0 {
      try log.rare.reject(RejectionReason.allCases[index], count: count)
      ledger.rejected += count
    }
    for sample in batch.samples {
      // Sealed: whoever it came from, it may hold card numbers.
      let head = try box.seal(sample.head)
      try log.rare.sample(sample.reason, topic: sample.topic, head: head, bytes: sample.bytes, at: now)
    }
    for change in batch.presence {
      try log.rare.presence(device: change.deviceID, online: change.online, isRepeated: change.isRetained, at: now)
    }
    batch.kinds = kinds
    if !ledger.isZero { try log.writeLedger(ledger, at: now) }
    return ledger
  }

  /// One frame. `boot`: where a receipt is due; -1: none.
  @inline(__always)
  private func admit(
    _ entry: IntakeBatch.Entry, _ batch: IntakeBatch, _ readings: UnsafeBufferPointer<Reading>,
    _ details: UnsafeRawBufferPointer, _ log: Appender, _ now: Int64
  ) throws(LogError) -> (Outcome, boot: Int32) {
    guard entry.head.isReadable else {
      return (try quarantineHeadless(entry, batch, log), -1)
    }
    grow(to: entry.deviceID)
    let device = Int(entry.deviceID)
    devices[device].keyID = entry.keyID
    devices[device].heard = entry.received
    var index = try find(entry.deviceID, entry.head.epoch, log)
    if index >= 0, try isSeen(boot: index, entry.head.seq, log) {
      let known = try log.digest(boot: boots[Int(index)].id, seq: entry.head.seq)
      // Where a fault hides where the readings end, there is nothing to compare: the outcome stands. Where retention
      // has removed what was stored, nothing tells a copy from another frame: it is kept, for people to judge.
      let isCopy = known == entry.digest || (known != nil && entry.fault != nil && !entry.head.isDelimited)
      if !isCopy {
        return (try quarantineConflict(entry, batch, boot: index, log), index)
      }
      if entry.head.hasOldest, entry.fault == nil {
        try applyOldest(entry, log, now)
        // The boot that `oldest` names may have taken this one's place in memory.
        index = try find(entry.deviceID, entry.head.epoch, log)
      }
      noteSent(entry, boot: index)
      return (.duplicate, index)
    }
    if entry.head.hasOldest, entry.fault == nil {
      try applyOldest(entry, log, now)
      index = try find(entry.deviceID, entry.head.epoch, log)
    }
    if index < 0 { index = try add(entry.deviceID, entry.head.epoch, log, now) }
    try take(entry.head.seq, boot: index, log, now)
    let boot = boots[Int(index)].id
    if let fault = entry.fault {
      // The seq is consumed: the device must not resend for ever what cannot be understood.
      try quarantine(
        entry, batch, reason: fault.reason, reading: fault.reading,
        frame: (boot, entry.head.seq, entry.digest), once: once(entry, boot: boot), log)
      log.remember(boot: boot, seq: entry.head.seq, digest: entry.digest)
      try log.rare.raise(boot: boot, high: boots[Int(index)].seqs.high)
      noteSent(entry, boot: index)
      return (.quarantined, index)
    }
    if entry.head.clock == 1 || entry.head.clock == 2 {
      devices[device].clock.observe(
        sent: entry.head.sent, arrival: entry.arrival, epoch: entry.head.epoch, kept: boots[Int(index)].clockOffset,
        isLive: entry.isLive, isWaitKnown: entry.isWaitKnown, tolerance: tolerance)
      let offset = devices[device].clock.offset
      let change = abs(offset - boots[Int(index)].clockOffset)
      if change > tolerance { try keepClock(offset, change: change, boot: index, log, now) }
    }
    try store(entry, devices[device].clock, boot: boot, readings, details, log)
    boots[Int(index)].isHighWritten = false
    noteSent(entry, boot: index)
    return (.stored, index)
  }

  /// A held message again: it owns its seq already, unless its head could not be read or it was a conflict.
  func readmit(
    _ held: HeldMessage, _ entry: IntakeBatch.Entry, _ batch: IntakeBatch,
    _ readings: UnsafeBufferPointer<Reading>, _ details: UnsafeRawBufferPointer, _ log: Appender, _ now: Int64
  ) throws(LogError) -> Outcome {
    grow(to: entry.deviceID)
    if let boot = held.boot, held.reason != QuarantineReason.conflict.description {
      guard held.epoch == Int64(entry.head.epoch), held.seq == Int64(entry.head.seq) else { return .quarantined }
      let index = try find(entry.deviceID, entry.head.epoch, log)
      try store(entry, clock(of: entry, boot: index), boot: boot, readings, details, log)
      return .stored
    }
    var index = try find(entry.deviceID, entry.head.epoch, log)
    if index >= 0, try isSeen(boot: index, entry.head.seq, log) {
      let known = try log.digest(boot: boots[Int(index)].id, seq: entry.head.seq)
      return known == entry.digest ? .duplicate : .quarantined
    }
    if index < 0 { index = try add(entry.deviceID, entry.head.epoch, log, now) }
    try take(entry.head.seq, boot: index, log, now)
    try store(entry, clock(of: entry, boot: index), boot: boots[Int(index)].id, readings, details, log)
    boots[Int(index)].isHighWritten = false
    return .stored
  }

  @inline(__always)
  private func store(
    _ entry: IntakeBatch.Entry, _ clock: DeviceClock, boot: Int64, _ readings: UnsafeBufferPointer<Reading>,
    _ details: UnsafeRawBufferPointer, _ log: Appender
  ) throws(LogError) {
    for position in 0..<Int(entry.readingCount) {
      let at = Int(entry.readingStart) + position
      guard let base = readings.baseAddress else { return }
      let reading = base + at
      let (time, quality) = clock.eventTime(
        at: reading.pointee.at, sent: entry.head.sent, clock: entry.head.clock, arrival: entry.arrival,
        tolerance: tolerance)
      kinds.add(reading.pointee.kind)
      let hasValue =
        switch reading.pointee.kind {
        case .status: false
        case .checkin: reading.pointee.value >= 0
        default: true
        }
      let detail: StoredReading.Detail =
        if reading.pointee.kind == .response {
          .integer(Int64(reading.pointee.item))
        } else if reading.pointee.detailBytes >= 0 {
          .text(
            UnsafeRawBufferPointer(
              rebasing: details[
                Int(reading.pointee.detailStart)..<Int(reading.pointee.detailStart + reading.pointee.detailBytes)]))
        } else {
          .none
        }
      let token = UnsafeRawPointer(reading) + Reading.tokenOffset
      try log.append(
        StoredReading(
          boot: boot, seq: entry.head.seq, position: position, kind: reading.pointee.kind.rawValue,
          quality: quality, eventTime: time, receivedTime: entry.received, token: token,
          tokenBytes: Int(reading.pointee.tokenBytes), hasValue: hasValue, value: Int64(reading.pointee.value),
          detail: detail),
        digest: entry.digest)
    }
  }

  // MARK: Clocks

  /// Writes a clock's offset that has changed by more than tolerance, so that the next start knows it. Seldom: a clock
  /// at the edge of tolerance may cross it with every frame, and an offset below a second is not worth a row.
  @inline(never)
  private func keepClock(
    _ offset: Int64, change: Int64, boot index: Int32, _ log: Appender, _ now: Int64
  ) throws(LogError) {
    let at = Int(index)
    let pause = now - boots[at].clockWritten
    // Below zero the gateway's own clock was set back.
    // What is taken back is never put off: the next start would believe it still.
    guard offset == 0 || (change >= 1_000 && (pause < 0 || pause >= Admission.clockPause)) else { return }
    try log.rare.keepClock(boot: boots[at].id, offset: offset)
    boots[at].clockOffset = offset
    boots[at].clockWritten = now
  }

  /// The clock of a held frame, which proves nothing of it any more.
  private func clock(of entry: IntakeBatch.Entry, boot index: Int32) -> DeviceClock {
    devices[Int(entry.deviceID)].clock.resumed(
      epoch: entry.head.epoch, kept: index < 0 ? 0 : boots[Int(index)].clockOffset)
  }

  // MARK: Seqs

  @inline(__always)
  func isSeen(boot index: Int32, _ seq: UInt32, _ log: Appender) throws(LogError) -> Bool {
    switch boots[Int(index)].seqs.standing(of: seq) {
    case .new: return false
    case .seen: return true
    case .unknown: return try log.rare.gap(boot: boots[Int(index)].id, holding: seq) == nil
    }
  }

  /// Gives a new seq its outcome, in memory and in the gap ledger.
  @inline(__always)
  private func take(_ seq: UInt32, boot index: Int32, _ log: Appender, _ now: Int64) throws(LogError) {
    let at = Int(index)
    if seq > boots[at].seqs.high {
      if let gap = boots[at].seqs.advance(to: seq) {
        try log.rare.put(.init(gap), boot: boots[at].id, device: boots[at].device, at: now)
        // In a boot before the one `oldest` names the gap lies below it: repeated, it must be applied anew.
        let device = Int(boots[at].device)
        if devices[device].oldestBoot != index { devices[device].oldestBoot = -1 }
      }
      return
    }
    let id = boots[at].id
    let rest: [SeqLedger.Gap]
    let first: UInt32
    if let gap = boots[at].seqs.gapIndex(seq) {
      first = boots[at].seqs.gaps[gap].first
      rest = boots[at].seqs.fill(seq, at: gap)
    } else if let gap = try log.rare.gap(boot: id, holding: seq) {
      first = gap.first
      rest = SeqLedger.remains(
        of: SeqLedger.Gap(first: gap.first, last: gap.last, abandoned: gap.abandoned), without: seq)
    } else {
      return
    }
    for gap in rest.reversed() { try log.rare.put(.init(gap), boot: id, device: boots[at].device, at: now) }
    if rest.first?.first != first { try log.rare.drop(gapAt: first, boot: id) }
  }

  /// The device holds nothing before `oldest` any more: gaps below it are abandoned, here and in earlier boots.
  private func applyOldest(_ entry: IntakeBatch.Entry, _ log: Appender, _ now: Int64) throws(LogError) {
    let (epoch, seq) = (entry.head.oldestEpoch, entry.head.oldestSeq)
    let device = Int(entry.deviceID)
    // A device that sends in a boot holds frames of it, however the two boots were first heard.
    let current = try find(entry.deviceID, entry.head.epoch, log)
    let currentID = current >= 0 ? boots[Int(current)].id : 0
    var index = try find(entry.deviceID, epoch, log)
    if index >= 0, devices[device].oldestBoot == index, devices[device].oldestSeq >= seq { return }
    if index < 0 { index = try add(entry.deviceID, epoch, log, now) }
    let at = Int(index)
    let id = boots[at].id
    if devices[device].oldestBoot != index {
      try log.rare.abandonGaps(device: entry.deviceID, before: id, except: currentID, at: now)
      var other = devices[device].newest
      while other >= 0 {
        if boots[Int(other)].id < id, boots[Int(other)].epoch != entry.head.epoch {
          _ = boots[Int(other)].seqs.abandon(below: .max)
        }
        other = boots[Int(other)].older
      }
    }
    if seq > 0, boots[at].seqs.high < seq - 1 {
      let first = boots[at].seqs.high + 1
      boots[at].seqs.high = seq - 1
      let gap = SeqLedger.Gap(first: first, last: seq - 1, abandoned: true)
      boots[at].seqs.remember(gap)
      try log.rare.put(.init(gap), boot: id, device: boots[at].device, at: now)
      try log.rare.raise(boot: id, high: seq - 1)
    }
    if boots[at].seqs.floor > 0 { 
      try abandonForgotten(
        boot: id, device: entry.deviceID, below: seq, floor: boots[at].seqs.floor, log, now)
    }
    for gap in boots[at].seqs.abandon(below: seq) { try log.rare.put(.init(gap), boot: id, device: boots[at].device, at: now) }
    // What spared the frame's own boot must be applied anew when a frame of another says the same.
    devices[device].oldestBoot = currentID > 0 && currentID < id ? -1 : index
    devices[device].oldestSeq = seq
  }

  /// The same for gaps that stand in the store only, below `floor`.
  private func abandonForgotten(
    boot: Int64, device: Int64, below seq: UInt32, floor: UInt32, _ log: Appender, _ now: Int64
  ) throws(LogError) {
    try log.rare.abandonGaps(boot: boot, below: min(seq, floor), at: now)
    guard seq < floor, let divided = try log.rare.gap(boot: boot, holding: seq), !divided.abandoned,
      divided.first < seq
    else { return }
    try log.rare.put(.init(first: seq, last: divided.last, abandoned: false), boot: boot, device: device, at: now)
    try log.rare.put(.init(first: divided.first, last: seq - 1, abandoned: true), boot: boot, device: device, at: now)
  }

  @inline(__always)
  private func noteSent(_ entry: IntakeBatch.Entry, boot index: Int32) {
    // A frame above a gap is not covered by the receipt, so its `sent` is no echo. By seq, not by `sent`: a device may
    // set its clock back. A late copy of an older frame changes nothing.
    let at = Int(index)
    guard entry.head.seq >= boots[at].echoSeq, boots[at].seqs.covers(entry.head.seq) else { return }
    boots[at].echo = entry.head.sent
    boots[at].echoSeq = entry.head.seq
  }

  // MARK: Boots

  @inline(__always)
  func grow(to device: Int64) {
    while devices.count <= Int(device) { devices.append(DeviceState()) }
  }

  /// The boot's place in memory, loaded from the store where it must be; -1: never heard.
  @inline(__always)
  func find(_ device: Int64, _ epoch: UInt32, _ log: Appender) throws(LogError) -> Int32 {
    var index = devices[Int(device)].newest
    while index >= 0 {
      if boots[Int(index)].epoch == epoch { return index }
      index = boots[Int(index)].older
    }
    return try load(device, epoch, log)
  }

  @inline(never)
  private func load(_ device: Int64, _ epoch: UInt32, _ log: Appender) throws(LogError) -> Int32 {
    guard let stored = try log.rare.boot(device: device, epoch: epoch) else { return -1 }
    let gaps = try log.rare.gaps(boot: stored.id, limit: SeqLedger.maximumGaps)
    let seqs = SeqLedger(
      high: max(stored.high, tailHighs[stored.id] ?? 0),
      newestGaps: gaps.reversed().map {
        SeqLedger.Gap(first: $0.first, last: $0.last, abandoned: $0.abandoned)
      })
    return try insert(
      BootState(
        id: stored.id, device: device, epoch: epoch, older: -1, seqs: seqs, clockOffset: stored.clockOffset), log)
  }

  private func add(
    _ device: Int64, _ epoch: UInt32, _ log: Appender, _ now: Int64
  ) throws(LogError) -> Int32 {
    let id = try log.rare.addBoot(device: device, epoch: epoch, at: now)
    return try insert(
      BootState(id: id, device: device, epoch: epoch, older: -1, seqs: SeqLedger()), log)
  }

  private func insert(_ boot: BootState, _ log: Appender) throws(LogError) -> Int32 {
    let device = Int(boot.device)
    if devices[device].boots >= Admission.bootsPerDevice { try forgetOldest(device, log) }
    let index: Int32
    if let reused = free.popLast() {
      index = reused
      boots[Int(index)] = boot
    } else {
      index = Int32(boots.count)
      boots.append(boot)
    }
    boots[Int(index)].older = devices[device].newest
    devices[device].newest = index
    devices[device].boots += 1
    return index
  }

  /// Makes room in a device's chain: the boot loaded first goes, its high written; one that a receipt is due to
  /// goes only where there are very many, and its device then asks again.
  private func forgetOldest(_ device: Int, _ log: Appender) throws(LogError) {
    let isCrowded = devices[device].boots >= Admission.maximumBootsPerDevice
    var chosen: Int32 = -1
    var beforeChosen: Int32 = -1
    var before: Int32 = -1
    var index = devices[device].newest
    while index >= 0 {
      if isCrowded || !boots[Int(index)].isReceiptDue { (chosen, beforeChosen) = (index, before) }
      before = index
      index = boots[Int(index)].older
    }
    guard chosen >= 0 else { return }
    let boot = boots[Int(chosen)]
    if !boot.isHighWritten { try log.rare.raise(boot: boot.id, high: boot.seqs.high) }
    if beforeChosen >= 0 {
      boots[Int(beforeChosen)].older = boot.older
    } else {
      devices[device].newest = boot.older
    }
    if devices[device].oldestBoot == chosen { devices[device].oldestBoot = -1 }
    boots[Int(chosen)].isReceiptDue = false
    devices[device].boots -= 1
    free.append(chosen)
  }
}

extension AppenderStatements.Gap {
  init(_ gap: SeqLedger.Gap) { self.init(first: gap.first, last: gap.last, abandoned: gap.abandoned) }
}
