import ReadingLog

extension AggregateTable {
  /// How often running revisions of a slot may follow one another, milliseconds of log time.
  private func interval(_ slot: AggregateSlot) -> Int64 {
    switch slot.key.kind {
    case .device: settings.deviceInterval
    case .attendance: slot.key.scope == .student ? settings.studentInterval : settings.rollupInterval
    default: settings.revisionInterval
    }
  }

  private func isDue(_ slot: AggregateSlot) -> Bool {
    slot.isAhead
      && (slot.isEnding || slot.isFinal || slot.revisedAt == .min || logTime - slot.revisedAt >= interval(slot))
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
      if all || isDue(slots[Int(place)]) {
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
  var hasLagging: Bool { lagging.contains { isDue(slots[Int($0)]) } }

  /// Whether a revision is due that `writePrompt` would write.
  var hasPrompt: Bool { prompt.contains { isDue(slots[Int($0)]) } }

  /// Begins a cycle: everything that has changed up to now will be written.
  func beginCycle() {
    guard cycle.isEmpty else { return }
    swap(&cycle, &changed)
    cycleNext = 0
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
    if slot.isAhead, all || isDue(slot) {
      try revise(place, outbox, writer, &budget)
      return
    }
    guard slot.isDirty else { return }
    try store(place, writer, &budget)
    try writer.aggregates.grow(slots[Int(place)].number, through: max(row, slot.through), sums: slot.vector)
    slots[Int(place)].isDirty = false
    budget -= 1
  }

  private func store(_ place: Int32, _ writer: FoldWriter, _ budget: inout Int) throws(LogError) {
    let slot = slots[Int(place)]
    if slot.number == 0 {
      slots[Int(place)].number = try writer.aggregates.add(
        kind: slot.key.kind.rawValue, scope: slot.key.scope.rawValue, grain: slot.key.grain.rawValue,
        name: names.text(slot.key.name), start: slot.key.start, end: slot.end)
      budget -= 1
    }
    for token in slot.newCards { try writer.count(token, aggregate: slots[Int(place)].number) }
    budget -= slot.newCards.count
    slots[Int(place)].newCards.removeAll()
  }

  private func revise(
    _ place: Int32, _ outbox: Outbox, _ writer: FoldWriter, _ budget: inout Int
  ) throws(LogError) {
    try store(place, writer, &budget)
    let number = slots[Int(place)].number
    slots[Int(place)].revision += 1
    slots[Int(place)].isFinal = slots[Int(place)].isFinal || slots[Int(place)].isEnding
    slots[Int(place)].isEnding = false
    slots[Int(place)].isAhead = false
    slots[Int(place)].isDirty = false
    slots[Int(place)].revisedAt = logTime
    slots[Int(place)].through = max(row, slots[Int(place)].through)
    let slot = slots[Int(place)]
    let revision = Outbox.Revision(
      number: number, revision: slot.revision, isFinal: slot.isFinal, watermark: logTime, through: slot.through,
      end: slot.end, sums: slot.vector, isBulk: Outbox.isBulk(slot.key.kind, slot.key.scope))
    try outbox.make(revision, writer, &budget)
  }
}
