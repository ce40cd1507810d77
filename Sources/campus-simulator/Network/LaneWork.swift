import CampusDevice

/// What all devices of one lane work with: buffers, counts, and the ledger's lines of this turn.
final class LaneWork {
  static let readingsBytes = 4_096

  let plan: RunPlan
  var counts = RunCounts()
  var latency = Latency()
  var ledger = LedgerText()
  let readings = UnsafeMutablePointer<UInt8>.allocate(capacity: readingsBytes)
  let message = UnsafeMutablePointer<UInt8>.allocate(capacity: Int(CAMPUS_MESSAGE_MAX))
  var twin = ByteText()
  var wheel: TimerWheel

  private let keepsLedger: Bool
  private let firmware: [CChar]

  init(plan: RunPlan) {
    self.plan = plan
    wheel = TimerWheel(now: SimulatedClock.monotonic)
    keepsLedger = plan.ledger != nil
    firmware = Array(StatusValues.firmware.utf8CString)
  }

  deinit {
    readings.deallocate()
    message.deallocate()
  }

  /// Counts a call of the C library that should not have failed.
  @discardableResult
  func check(_ error: campus_error) -> Bool {
    guard error != CAMPUS_OK else { return true }
    counts.libraryErrors += 1
    if counts.libraryErrors == 1 {
      standardError("device library: \(String(cString: campus_error_text(error)))")
    }
    return false
  }

  func encode(
    _ reading: PlannedReading, at: UInt64, of agent: DeviceAgent, _ readings: inout campus_readings
  ) -> campus_error {
    switch reading.kind {
    case .checkin:
      return plan.cards.withCard(reading.person, reading.card) { card in
        campus_add_checkin(
          &readings, at, card.baseAddress, card.count, campus_method(UInt32(reading.detail)))
      }
    case .passage:
      return plan.cards.withCard(reading.person, reading.card) { card in
        campus_add_passage(
          &readings, at, card.baseAddress, card.count, campus_direction(UInt32(reading.detail)),
          reading.isGranted)
      }
    case .response:
      return withUnsafeBytes(of: reading.ballot.bigEndian) { ballot in
        campus_add_response(
          &readings, at, reading.item, reading.score,
          ballot.bindMemory(to: UInt8.self).baseAddress)
      }
    case .status:
      let values = StatusValues(reading, agent)
      return firmware.withUnsafeBufferPointer { firmware in
        var status = values.status(firmware: firmware.baseAddress)
        return campus_add_status(&readings, at, &status)
      }
    case .incident:
      return campus_add_incident(
        &readings, at, UInt16(reading.item), Incidents.text(Int(reading.score)))
    }
  }
}

// MARK: The ledger

extension LaneWork {
  /// A frame's identity and readings are fixed now: it goes into the ledger.
  func committed(
    _ agent: DeviceAgent, seq: UInt32, clock: campus_clock_kind,
    _ readings: ArraySlice<PlannedReading>
  ) {
    counts.frames += 1
    counts.readings += readings.count
    guard keepsLedger else { return }
    ledger.begin("frame", agent.device.name)
    ledger.member("epoch", agent.epoch)
    ledger.member("seq", seq)
    ledger.member("clock", clock.rawValue)
    ledger.raw(",\"readings\":[")
    for (index, reading) in readings.enumerated() {
      if index > 0 { ledger.raw(",") }
      ledger.append(reading, at: agent.at(reading.time), agent, plan.cards)
    }
    ledger.raw("]")
    ledger.end()
  }

  func abandoned(_ agent: DeviceAgent, _ frame: HeldFrames.Frame, _ reason: String) {
    counts.abandoned += 1
    guard keepsLedger else { return }
    ledger.begin("abandoned", agent.device.name)
    ledger.member("epoch", frame.epoch)
    ledger.member("seq", frame.seq)
    ledger.member("reason", reason)
    ledger.end()
  }

  func receipted(_ agent: DeviceAgent, _ receipt: campus_receipt) {
    guard keepsLedger else { return }
    ledger.begin("receipted", agent.device.name)
    ledger.member("epoch", receipt.epoch)
    ledger.member("through", receipt.through)
    ledger.end()
  }

  func forged(_ agent: DeviceAgent, _ how: String) {
    counts.forged += 1
    guard keepsLedger else { return }
    ledger.begin("forged", agent.device.name)
    ledger.member("how", how)
    ledger.end()
  }

  func sent(_ agent: DeviceAgent, epoch: UInt32, seq: UInt32, attempt: Int) {
    guard keepsLedger, plan.recordsTransmissions else { return }
    ledger.begin("sent", agent.device.name)
    ledger.member("epoch", epoch)
    ledger.member("seq", seq)
    ledger.member("attempt", attempt)
    ledger.end()
  }
}
