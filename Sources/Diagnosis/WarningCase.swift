/// A warning as a state machine: takes what the data, a person or the clock say, gives the warning's next state and the
/// steps to be written. Does no I/O.
struct WarningCase {
  private(set) var warning: Warning
  /// The start of the window that raised it.
  let firstStart: Int64
  /// Windows that start later tell whether it got better.
  private(set) var verifyAfter: Int64
  /// Whether it was closed because its window turned out good after all.
  private(set) var isCorrected = false
  /// Steps not yet written.
  private(set) var newSteps: [Warning.Step] = []

  /// A warning as the store has it.
  init(_ warning: Warning, firstStart: Int64, verifyAfter: Int64, isCorrected: Bool) {
    self.warning = warning
    self.firstStart = firstStart
    self.verifyAfter = verifyAfter
    self.isCorrected = isCorrected
  }

  /// A new warning; its id is the store's to give.
  init(_ standard: Standard, _ event: AggregateEvent, _ level: Level, threshold: Double, now: Int64) {
    let observation = event.observation
    warning = Warning(
      id: 0, standard: standard.id, name: standard.name, nameEn: standard.nameEn, layer: standard.layer,
      unit: standard.unit(for: event), level: level, escalations: 0, state: .raised,
      aggregate: standard.aggregate, scope: standard.scope, subject: observation.subject, grain: standard.grain,
      window: observation.window, measure: standard.measure, direction: standard.direction,
      value: observation.value(of: standard.measure) ?? 0, threshold: threshold,
      sample: observation.value(of: standard.sampleMeasure), cause: event.id, causeTime: event.time, raisedAt: now,
      changedAt: now)
    firstStart = observation.window.start
    verifyAfter = observation.window.start
    wait(standard, now)
    add(.raised, at: now, observation: observation, note: warning.unit)
  }

  mutating func gotID(_ id: Int64) { warning.id = id }
  mutating func wroteSteps() { newSteps = [] }

  // MARK: The data

  /// A window of the subject is bad.
  mutating func foundBad(
    _ observation: Observation, _ level: Level, threshold: Double, _ standard: Standard, now: Int64
  ) {
    let window = observation.window
    let isAfter = window.start > verifyAfter
    guard isAfter || window.start >= warning.window.start else { return }
    let before = warning.level
    warning.level = level
    warning.threshold = threshold
    warning.value = observation.value(of: standard.measure) ?? 0
    warning.sample = observation.value(of: standard.sampleMeasure)
    warning.window = window
    if isAfter { verifyAfter = window.start }
    if isAfter, warning.state == .improving || warning.state == .verified {
      warning.state = .reopened
      wait(standard, now)
      add(.reopened, at: now, observation: observation)
    } else if level != before {
      add(level > before ? .worsened : .eased, at: now, observation: observation, note: level.rawValue)
    }
  }

  /// The latest bad window turned out good, or cannot be judged any more. `earlier`: the latest other bad one.
  mutating func foundGood(
    _ observation: Observation, earlier: (observation: Observation, level: Level, threshold: Double)?,
    _ standard: Standard, now: Int64
  ) {
    if let earlier {
      warning.level = earlier.level
      warning.threshold = earlier.threshold
      warning.value = earlier.observation.value(of: standard.measure) ?? 0
      warning.sample = earlier.observation.value(of: standard.sampleMeasure)
      warning.window = earlier.observation.window
      // What follows the window it rests on now tells whether it got better, but where a measure says from when on.
      if warning.state != .improving, verifyAfter == observation.window.start { verifyAfter = warning.window.start }
    } else {
      isCorrected = true
      shut(now)
    }
    add(.corrected, at: now, observation: observation)
  }

  /// The judgements of the final windows after `verifyAfter`, the latest first: enough good ones in a row verify.
  mutating func verify(
    by windows: [(observation: Observation, judgement: Judgement)], _ standard: Standard, now: Int64
  ) {
    guard warning.state.isOpen, warning.state != .verified else { return }
    let judged = windows.filter { $0.judgement != .none }
    guard let latest = judged.first, judged.prefix(while: { $0.judgement == .good }).count >= standard.verifyWindows
    else { return }
    warning.state = .verified
    warning.dueAt = now + standard.coolDown
    add(.verified, at: now, observation: latest.observation)
  }

  // MARK: People

  mutating func acknowledge(by: String, note: String?, _ standard: Standard?, now: Int64) throws(DiagnosisError) {
    guard warning.state.isWaiting else { throw .wrongState(warning.id, warning.state, step: .acknowledged) }
    warning.state = .acknowledged
    rest(standard, now)
    add(.acknowledged, at: now, by: by, note: note)
  }

  /// `latestStart`: of the latest window known of the subject.
  mutating func improve(
    by: String, measure: String, latestStart: Int64?, _ standard: Standard?, now: Int64
  ) throws(DiagnosisError) {
    guard warning.state.isOpen, warning.state != .verified else {
      throw .wrongState(warning.id, warning.state, step: .improving)
    }
    warning.state = .improving
    verifyAfter = max(verifyAfter, latestStart ?? verifyAfter)
    rest(standard, now)
    add(.improving, at: now, by: by, note: measure)
  }

  mutating func close(by: String, note: String?, now: Int64) throws(DiagnosisError) {
    guard warning.state.isOpen else { throw .wrongState(warning.id, warning.state, step: .closed) }
    guard warning.state == .verified || note != nil else { throw .missingText(.reason) }
    shut(now)
    add(.closed, at: now, by: by, note: note)
  }

  // MARK: The clock

  /// Its time has come: nobody acknowledged it, or it rested long enough. `standard`: nil if there is none any more.
  mutating func fellDue(_ standard: Standard?, now: Int64) {
    guard warning.state.isWaiting else {
      shut(now)
      add(.closed, at: now)
      return
    }
    guard let standard, canEscalate(standard) else {
      warning.dueAt = nil
      return
    }
    if warning.escalations < standard.escalateTo.count { warning.unit = standard.escalateTo[warning.escalations] }
    warning.escalations += 1
    wait(standard, now)
    add(.escalated, at: now, note: warning.unit)
  }

  // MARK: Parts

  /// Somebody is to acknowledge it.
  private mutating func wait(_ standard: Standard, _ now: Int64) {
    warning.dueAt = canEscalate(standard) ? standard.escalateAfter.map { now + $0 } : nil
  }

  /// Somebody looks after it. What happened once cannot be verified by later windows: it closes by itself, where the
  /// standard says after how long.
  private mutating func rest(_ standard: Standard?, _ now: Int64) {
    warning.dueAt = standard.flatMap { $0.isOnce && $0.coolDown > 0 ? now + $0.coolDown : nil }
  }

  private mutating func shut(_ now: Int64) {
    warning.state = .closed
    warning.closedAt = now
    warning.dueAt = nil
  }

  private func canEscalate(_ standard: Standard) -> Bool {
    warning.escalations < standard.escalateTo.count || warning.urgency < .alarm
  }

  private mutating func add(
    _ kind: Warning.Step.Kind, at now: Int64, by: String = Warning.Step.core, observation: Observation? = nil,
    note: String? = nil
  ) {
    let value = observation?.value(of: warning.measure)
    warning.changedAt = now
    newSteps.append(
      Warning.Step(
        at: now, kind: kind, state: warning.state, by: by, note: note, value: value, window: observation?.window))
  }
}
