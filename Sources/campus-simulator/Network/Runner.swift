import Foundation

/// Starts the lanes, shows how they do, waits for them, closes the ledger.
struct Runner {
  let plan: RunPlan
  let showsProgress: Bool

  func run() throws -> RunSummary {
    _ = stopRequests.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { _ in stopRequests.add(1, ordering: .relaxed) }
    }
    mosquittoBegin()
    defer { mosquittoEnd() }
    writeStart()
    let board = RunBoard(lanes: plan.lanes)
    let began = SimulatedClock.monotonic
    for lane in 0..<plan.lanes { start(lane, board) }
    var progress = Progress(plan: plan)
    while board.finishedLanes < plan.lanes {
      usleep(20_000)
      if let failure = plan.ledger?.failure { board.fail(failure) }
      let now = SimulatedClock.monotonic
      if showsProgress { progress.show(board.total, now) }
    }
    if showsProgress { progress.finish(board.total) }
    let summary = RunSummary(
      counts: board.total, latency: board.latency,
      seconds: Double(SimulatedClock.monotonic - began) / 1_000)
    try writeEnd(summary.counts)
    if let failure = board.failure { throw failure }
    return summary
  }

  private func start(_ number: Int, _ board: RunBoard) {
    let plan = plan
    let thread = Thread {
      do {
        try Lane(number: number, plan: plan, board: board).run()
      } catch let failure as Failure {
        board.fail(failure)
        board.finish(Latency())
      } catch {
        board.fail(.cannotRun("\(error)"))
        board.finish(Latency())
      }
    }
    thread.name = "lane-\(number)"
    thread.start()
  }

  private func writeStart() {
    guard let ledger = plan.ledger else { return }
    var text = LedgerText()
    text.begin("start")
    text.member("seed", plan.seed)
    text.member("devices", plan.devices.count)
    text.member("simulated", LocalDay.isoText(plan.clock.start, zone: plan.zone))
    text.member("shifted_ms", plan.clock.shift)
    text.end()
    for row in plan.scenario.rows {
      text.begin("scenario")
      text.member("line", row.line)
      text.member("what", row.what.rawValue)
      text.member("target", row.target)
      text.member("value", row.value)
      text.end()
    }
    ledger.append(text.bytes)
  }

  private func writeEnd(_ counts: RunCounts) throws {
    guard let ledger = plan.ledger else { return }
    var text = LedgerText()
    text.begin("end")
    text.member("frames", counts.frames)
    text.member("readings", counts.readings)
    text.member("receipted", counts.receipted)
    text.member("unreceipted", counts.waiting)
    text.member("abandoned", counts.abandoned)
    text.member("duplicates_sent", counts.duplicates)
    text.member("forged", counts.forged)
    text.end()
    ledger.append(text.bytes)
    try ledger.finish()
  }
}
