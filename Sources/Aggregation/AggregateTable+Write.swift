import ReadingLog

extension AggregateTable {
  /// How often running revisions of a slot may follow one another, milliseconds of log time.
  private func interval(_ key: AggregateSlot.Key) -> Int64 {
    switch (key.kind, key.grain) {
    case (.device, _): settings.deviceInterval
    case (.attendance, _): settings.rollupInterval
    case (.satisfaction, .fiveMinutes), (.satisfaction, .meal): settings.surveyInterval
    case (.satisfaction, _): isBusy ? settings.rollupInterval : settings.surveyInterval
    case (.assessment, .month), (.assessment, .term): isBusy ? settings.rollupInterval : settings.revisionInterval
    default: settings.revisionInterval
    }
  }

  @inline(__always)
  private func isDue(_ number: Int32) -> Bool {
    let place = Int(number)
    guard slots[place].isAhead else { return false }
    if slots[place].isEnding || slots[place].isFinal || slots[place].revisedAt == .min { return true }
    return logTime - slots[place].revisedAt >= interval(slots[place].key)
  }

  /// Slots whose sums no revision says yet.
  var pending: Int { slots.lazy.filter { $0.isAhead }.count }

  /// Lists the slots whose sums are stored but that no revision says yet, for when everything is to be written.
  func listAhead() {
    for place in slots.indices where slots[place].isAhead && !slots[place].isDirty {
      slots[place].isDirty = true
      changed.append(Int32(place))
    }
  }

  /// Writes the revisions that are due, `all` even those that are not, as far as the budget reaches.
  func writePrompt(_ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool) throws(LogError) {
    var kept: [Int32] = []
    var next = 0
    while next < prompt.count, budget > 0 {
      let place = prompt[next]
      next += 1
      guard slots[Int(place)].isAhead else {
        slots[Int(place)].isListed = false
        continue
      }
      if all || isDue(place) {
        slots[Int(place)].isListed = false
        try revise(place, outbox, writer, &budget)
      } else {
        kept.append(place)
      }
    }
    prompt.replaceSubrange(..<next, with: kept)
  }

  /// Writes the roll-ups of attendance whose revision is due; after those of their days.
  func writeLagging(_ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool) throws(LogError) {
    var kept: [Int32] = []
    var next = 0
    while next < lagging.count, budget > 0 {
      let place = lagging[next]
      next += 1
      try write(place, outbox, writer, &budget, all: all)
      if slots[Int(place)].isAhead { kept.append(place) } else { slots[Int(place)].isListed = false }
    }
    lagging.replaceSubrange(..<next, with: kept)
  }

  /// Adds to the sums of a roll-up of attendance and writes it in the same transaction as the day that changed.
  func add(
    _ delta: AttendanceSums, to place: Int32, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool
  ) throws(LogError) {
    for number in 0..<SumsLayout.fixedCount(.attendance, .student) { slots[Int(place)].sums[number] += delta[number] }
    change(place)
    try write(place, outbox, writer, &budget, all: all)
    if slots[Int(place)].isAhead, !slots[Int(place)].isListed {
      slots[Int(place)].isListed = true
      lagging.append(place)
    }
  }

  /// Whether a revision of a roll-up is due that `writeLagging` would write.
  var hasLagging: Bool { lagging.contains { isDue($0) } }

  /// Whether a revision is due that `writePrompt` would write.
  var hasPrompt: Bool { prompt.contains { isDue($0) } }

  /// Begins a cycle: everything that has changed up to now will be written.
  func beginCycle() {
    guard cycle.isEmpty else { return }
    swap(&cycle, &changed)
    takeWaiting { isDue($0) }
    sort(&cycle)
    cycleNext = 0
  }

  /// Puts what is to be written in the store's order; before a transaction.
  func sortPrompt() {
    guard !isSorted else { return }
    sort(&prompt)
    isSorted = true
  }

  /// In the store's order, so that what one transaction writes lies on few pages.
  private func sort(_ places: inout [Int32]) {
    places.sort { slots[Int($0)].number < slots[Int($1)].number }
  }

  /// Goes on with the cycle as far as the budget reaches; true once it is done.
  func writeCycle(_ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool) throws(LogError) -> Bool {
    while cycleNext < cycle.count {
      guard budget > 0 else { return false }
      try write(cycle[cycleNext], outbox, writer, &budget, all: all)
      cycleNext += 1
    }
    cycle.removeAll(keepingCapacity: true)
    cycleNext = 0
    return true
  }

  /// Writes a slot: as a revision where one is due, else its sums alone.
  func write(
    _ place: Int32, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int, all: Bool
  ) throws(LogError) {
    let slot = slots[Int(place)]
    guard slot.isDirty || slot.isAhead else { return }
    if slot.isAhead, all || isDue(place) {
      try revise(place, outbox, writer, &budget)
      return
    }
    if slot.isAhead, !slot.isWaiting, slot.key.kind == .device {
      slots[Int(place)].isWaiting = true
      waiting.append(place)
    }
    guard slot.isDirty else { return }
    if slot.number == 0 {
      var begun = stored(slot)
      begun.sums = []
      slots[Int(place)].number = try writer.aggregates.add(begun, through: 0)
      budget -= 1
    }
    try countCards(place, writer, &budget)
    try writer.aggregates.grow(slots[Int(place)].number, through: max(row, slot.through), sums: slot.vector)
    slots[Int(place)].isDirty = false
    budget -= 1
  }

  private func stored(_ slot: AggregateSlot) -> StoredAggregate {
    StoredAggregate(
      number: slot.number, kind: slot.key.kind.rawValue, scope: slot.key.scope.rawValue,
      grain: slot.key.grain.rawValue, name: names.text(slot.key.name), start: slot.key.start, end: slot.end,
      revision: slot.revision, isFinal: slot.isFinal, watermark: 0, sums: slot.vector)
  }

  private func countCards(_ place: Int32, _ writer: FoldWriter, _ budget: inout Int) throws(LogError) {
    guard !slots[Int(place)].newCards.isEmpty else { return }
    for token in slots[Int(place)].newCards { try writer.count(token, aggregate: slots[Int(place)].number) }
    budget -= slots[Int(place)].newCards.count
    slots[Int(place)].newCards.removeAll()
  }

  private func revise(
    _ place: Int32, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) {
    slots[Int(place)].revision += 1
    slots[Int(place)].isFinal = slots[Int(place)].isFinal || slots[Int(place)].isEnding
    slots[Int(place)].isEnding = false
    slots[Int(place)].isAhead = false
    slots[Int(place)].isDirty = false
    slots[Int(place)].revisedAt = logTime
    slots[Int(place)].through = max(row, slots[Int(place)].through)
    var revision = stored(slots[Int(place)])
    revision.watermark = logTime
    slots[Int(place)].number = try outbox.make(revision, through: slots[Int(place)].through, writer, &budget)
    try countCards(place, writer, &budget)
  }
}
