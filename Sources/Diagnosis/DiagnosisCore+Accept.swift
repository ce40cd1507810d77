import GRDB

extension DiagnosisCore {
  /// Takes the body of a POST of the contract (`application/cloudevents-batch+json`) and its headers, gives what became
  /// of its events; all of them or none are taken, in one transaction that is on the disk when this returns.
  ///
  /// Refuses a batch that is not signed as it must be, or is not of the contract: see `DiagnosisError.httpStatus`.
  /// The same batch again changes nothing, nor does an older revision after a newer one.
  public func accept(
    batch: [UInt8], headers: WebhookHeaders? = nil, now: Int64
  ) throws(DiagnosisError) -> Acceptance {
    guard batch.count <= settings.batchBytes else {
      throw .tooLarge(bytes: batch.count, limit: settings.batchBytes)
    }
    if let key = settings.key {
      try key.verify(headers, body: batch, now: now, toleranceSeconds: settings.toleranceSeconds)
    }
    return try accept(unsigned: batch, now: now)
  }

  /// The same for a body of this process's own, which nobody need vouch for.
  public func accept(unsigned batch: [UInt8], now: Int64) throws(DiagnosisError) -> Acceptance {
    let events = try AggregateEvent.batch(batch)
    let known = events.compactMap { $0 }
    return try take(known, unknown: events.count - known.count, now: now)
  }

  /// The same for events of this process, which need not become JSON and back.
  public func accept(_ events: [AggregateEvent], now: Int64) throws(DiagnosisError) -> Acceptance {
    for (index, event) in events.enumerated() {
      if let problem = event.observation.window.problem { throw .malformed(event: index, problem) }
    }
    return try take(events, unknown: 0, now: now)
  }

  /// `unknown`: events besides, of types this contract does not know.
  private func take(
    _ events: [AggregateEvent], unknown: Int, now: Int64
  ) throws(DiagnosisError) -> Acceptance {
    let standards = self.standards
    return try write("accepting a batch") { db in
      let diagnosing = try Diagnosing(db, now: now)
      var acceptance = Acceptance()
      acceptance.unwatched = unknown
      for event in events { try Self.accept(event, standards, diagnosing, &acceptance) }
      // A warning raised by this batch is not also changed by it.
      let raised = Set(acceptance.raised)
      var seen: Set<Int64> = []
      acceptance.changed = acceptance.changed.filter { !raised.contains($0) && seen.insert($0).inserted }
      return acceptance
    }
  }

  private static func accept(
    _ event: AggregateEvent, _ standards: Standards, _ diagnosing: Diagnosing, _ acceptance: inout Acceptance
  ) throws {
    let observation = event.observation
    let series = Standards.Series(
      aggregate: observation.aggregate, scope: observation.scope, grain: observation.grain)
    let watching = standards.watching(series, id: observation.subject)
    guard !watching.isEmpty else {
      acceptance.unwatched += 1
      return
    }
    switch try diagnosing.writer.put(event) {
    case .duplicate: acceptance.duplicate += 1
    case .stale: acceptance.stale += 1
    case .newer:
      acceptance.accepted += 1
      for standard in watching {
        switch try diagnosing.diagnose(event, standard) {
        case .unchanged: break
        case .raised(let id): acceptance.raised.append(id)
        case .changed(let id): acceptance.changed.append(id)
        }
      }
    }
  }
}
