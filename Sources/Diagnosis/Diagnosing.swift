import GRDB

/// Takes newer observations and the standards that watch them, gives what becomes of their subjects' warnings; within
/// one transaction.
struct Diagnosing {
  let observations: ObservationTable
  let writer: ObservationWriter
  let warnings: WarningTable
  let now: Int64

  /// So many earlier windows are looked at to find the one a corrected warning still rests on.
  private static let windowLimit = 100

  enum Outcome {
    case unchanged
    case raised(Int64)
    case changed(Int64)
  }

  init(_ db: Database, now: Int64) throws {
    observations = ObservationTable(db: db)
    writer = try ObservationWriter(db)
    warnings = WarningTable(db: db)
    self.now = now
  }

  func diagnose(_ event: AggregateEvent, _ standard: Standard) throws -> Outcome {
    let observation = event.observation
    guard observation.isFinal || standard.basis == .running else { return .unchanged }
    var open = try warnings.open(standard, subject: observation.subject)
    let judgement = standard.judge(observation, current: open?.warning.level)
    guard open != nil else { return try raise(event, standard, judgement) }
    let before = open?.warning
    switch judgement {
    case .bad(let level, let threshold):
      open?.foundBad(observation, level, threshold: threshold, standard, now: now)
    case .good, .none:
      // A window that is still running may turn bad again.
      if observation.isFinal, var entry = open {
        try correct(&entry, observation, standard)
        if judgement == .good, entry.warning.state.isOpen, observation.window.start > entry.verifyAfter {
          try verify(&entry, standard)
        }
        open = entry
      }
    }
    guard var entry = open, entry.warning != before else { return .unchanged }
    try warnings.update(&entry)
    return .changed(entry.warning.id)
  }

  private func raise(_ event: AggregateEvent, _ standard: Standard, _ judgement: Judgement) throws -> Outcome {
    guard case .bad(let level, let threshold) = judgement else { return .unchanged }
    if let last = try warnings.lastClosed(standard, subject: event.observation.subject), level <= last.level,
      let closedAt = last.closedAt
    {
      // What somebody closed is not raised again by another revision of the same window.
      let isCoolingDown = now < closedAt + standard.coolDown
      if isCoolingDown || event.observation.window.start <= last.window.start { return .unchanged }
    }
    var entry = WarningCase(standard, event, level, threshold: threshold, now: now)
    try warnings.insert(&entry)
    return .raised(entry.warning.id)
  }

  /// The bad window of the warning is bad no more: late data came.
  private func correct(_ entry: inout WarningCase, _ observation: Observation, _ standard: Standard) throws {
    guard observation.window.start == entry.warning.window.start else { return }
    let starts = entry.firstStart...max(entry.firstStart, observation.window.start)
    let windows = try observations.windows(
      standard, subject: observation.subject, starts: starts, limit: Self.windowLimit)
    for window in windows where window.window != observation.window {
      guard window.isFinal || standard.basis == .running else { continue }
      if case .bad(let level, let threshold) = standard.judge(window, current: nil) {
        entry.foundGood(observation, earlier: (window, level, threshold), standard, now: now)
        return
      }
    }
    entry.foundGood(observation, earlier: nil, standard, now: now)
  }

  private func verify(_ entry: inout WarningCase, _ standard: Standard) throws {
    guard entry.verifyAfter < .max else { return }
    let windows = try observations.windows(
      standard, subject: entry.warning.subject, starts: entry.verifyAfter + 1 ... .max, limit: Self.windowLimit)
    let level = entry.warning.level
    entry.verify(
      by: windows.filter(\.isFinal).map { ($0, standard.judge($0, current: level)) }, standard, now: now)
  }
}
