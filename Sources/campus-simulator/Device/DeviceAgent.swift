import CampusDevice

/// One device: takes readings, keeps them in its outbox as frames, gives messages to send, obeys receipts.
///
/// All networking is the connection's. One thread owns an agent.
final class DeviceAgent {
  let device: SimulatedDevice
  /// Position among all devices of the run.
  let index: Int32
  let memory: OutboxMemory
  let upTopic: [CChar]

  /// Readings of the frame that is being collected, and the simulated time of the first.
  var open: [PlannedReading] = []
  var openSince: Int64 = 0
  var held = HeldFrames()
  /// Boots so far; 1 in the first.
  var boot: UInt32 = 0
  /// A message held back to leave after its successor.
  var delayed: [UInt8] = []
  /// Whether the connection has the agent on its list of those that may have something to send.
  var isListed = false
  /// Bytes stored so far, records and all.
  var stored: Int64 = 0
  /// The outbox's counts as the last frame was begun: what a status in it reports.
  private(set) var countsAtCommit = campus_outbox_counts()
  /// When a message held back leaves at the latest, monotonic milliseconds.
  var delayedUntil: Int64 = 0

  private let shared: RunPlan
  private let clockError: Int64
  private let silences: [Scenario.Span]
  /// `frames_dropped` of the outbox that the ledger knows already.
  private var dropsTold: UInt32 = 0
  private var dice: Dice

  init(_ device: SimulatedDevice, index: Int32, plan: RunPlan) {
    self.device = device
    self.index = index
    shared = plan
    memory = OutboxMemory(device, size: plan.outbox)
    upTopic = memory.topic(device.usesJSON ? CAMPUS_TOPIC_JSON : CAMPUS_TOPIC_UP)
    clockError = device.clock.error(start: plan.clock.start - plan.clock.shift)
    silences = plan.scenario.silences(of: index)
    dice = Dice(plan.seed, .network, Int(index))
  }

  func chance(_ probability: Double) -> Bool { probability > 0 && dice.chance(probability) }
  func below(_ count: Int) -> Int { dice.below(count) }

  var epoch: UInt32 { campus_outbox_epoch(memory.outbox) }

  /// What the device's own clock showed, or will show, at a simulated time.
  func at(_ time: Int64) -> UInt64 { UInt64(max(0, time - shared.clock.shift + clockError)) }

  /// When something planned really happens, the same without the clock's error.
  func trueTime(_ time: Int64) -> Int64 { time - shared.clock.shift }

  /// Monotonic milliseconds at which the device is heard again; `nil` where nothing keeps it from sending.
  func silentUntil(_ now: Int64) -> Int64? {
    guard !silences.isEmpty else { return nil }
    let time = shared.clock.time(at: now)
    // When the campus's time is over, everybody is heard again.
    if let end = shared.endTime, time >= end { return nil }
    guard let span = silences.first(where: { $0.contains(time) }) else { return nil }
    return shared.clock.monotonic(at: min(span.until, shared.endTime ?? .max), now: now)
  }

  /// Starts the device: for the first time, or again with what its RAM still holds.
  func start(keeps: Bool, now: Int64, _ work: LaneWork) {
    boot += 1
    var dice = Dice(shared.seed, .epoch, stableHash(device.name.description), Int(boot))
    let epoch = max(1, UInt32(truncatingIfNeeded: dice.next()))
    work.check(memory.open(epoch: epoch, keeps: keeps))
    dropsTold = 0
    setClock(now)
  }

  func setClock(_ now: Int64) {
    let unix = shared.clock.unix(at: now)
    campus_outbox_set_clock(
      memory.outbox, device.clock.clock(unix: unix, error: clockError, now: UInt64(now)))
  }

  /// A reboot: what was collected is committed, what was held is kept or lost.
  func reboot(keeps: Bool, now: Int64, _ work: LaneWork) {
    commit(now, work)
    delayed.removeAll()
    if !keeps {
      held.abandon(held.count) { work.abandoned(self, $0, "memory lost in a reboot") }
    }
    work.counts.reboots += 1
    start(keeps: keeps, now: now, work)
  }

  /// Whether another frame of `bytes` fits without pushing an unreceipted one out.
  func hasRoom(_ bytes: Int) -> Bool {
    guard let oldest = held.oldest else { return true }
    let safe = memory.size.bytes / OutboxMemory.sectors * (OutboxMemory.sectors - 2)
    return stored - oldest.position + Int64(bytes) < safe
  }

  /// Commits what was collected, as one frame or, where it does not fit one, as several.
  func commit(_ now: Int64, _ work: LaneWork) {
    var next = 0
    while next < open.count {
      let taken = commitFrame(open[next...], now, work)
      guard taken > 0 else { break }
      next += taken
    }
    open.removeAll(keepingCapacity: true)
  }

  private func commitFrame(
    _ planned: ArraySlice<PlannedReading>, _ now: Int64, _ work: LaneWork
  ) -> Int {
    countsAtCommit = campus_outbox_count(memory.outbox)
    var clock = campus_outbox_clock(memory.outbox)
    var readings = campus_readings()
    let capacity = min(
      LaneWork.readingsBytes, campus_outbox_readings_capacity(memory.outbox))
    campus_readings_begin(&readings, work.readings, capacity, &clock)
    var taken = 0
    for reading in planned {
      let error = work.encode(reading, at: at(reading.time), of: self, &readings)
      if error == CAMPUS_ERROR_BUFFER || error == CAMPUS_ERROR_FULL { break }
      guard work.check(error) else { return 0 }
      taken += 1
    }
    var seq: UInt32 = 0
    guard work.check(campus_outbox_append(memory.outbox, &readings, UInt64(now), &seq)) else {
      return 0
    }
    work.committed(self, seq: seq, clock: clock.kind, planned.prefix(taken))
    held.append(HeldFrames.Frame(epoch: epoch, seq: seq, position: stored))
    stored += Int64(readings.length + 48)
    noteDrops(work)
    return taken
  }

  /// The outbox overflowed: its oldest frames made room.
  private func noteDrops(_ work: LaneWork) {
    let drops = campus_outbox_count(memory.outbox).frames_dropped
    guard drops != dropsTold else { return }
    held.abandon(Int(drops &- dropsTold)) { work.abandoned(self, $0, "outbox full") }
    dropsTold = drops
  }

  /// Obeys a message from the `down` topic.
  func receive(_ message: UnsafeBufferPointer<UInt8>, now: Int64, _ work: LaneWork) {
    var receipt = campus_receipt()
    if device.usesJSON {
      guard let twin = JSONTwin.receipt(message) else {
        work.counts.refusedReceipts += 1
        return
      }
      receipt = twin
    } else {
      let error = campus_receipt_open(
        memory.identity, message.baseAddress, message.count, &receipt)
      guard error == CAMPUS_OK else {
        work.counts.refusedReceipts += 1
        return
      }
    }
    work.counts.receipts += 1
    var result = campus_receipt_result()
    work.check(campus_outbox_obey(memory.outbox, &receipt, UInt64(now), &result))
    if result.clock_set, device.clock != .none { setClock(now) }
    guard result.frames_covered > 0 else { return }
    held.cover(epoch: receipt.epoch, through: receipt.through, boot: boot) { frame in
      work.counts.receipted += 1
      work.latency.add(now - frame.firstSentAt)
    }
    work.receipted(self, receipt)
  }
}
