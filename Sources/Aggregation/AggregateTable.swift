import ReadingLog

/// The aggregates in memory: all that are not final, those with something unwritten, and some final ones that were
/// touched lately (`AggregationSettings.finalsKept`). Others are read from the store when a reading falls into them.
final class AggregateTable {
  var slots: ContiguousArray<AggregateSlot> = []
  /// Changes when slots are given up: numbers of slots that someone remembers are void then.
  private(set) var generation = 0
  let names: Names
  let log: FoldLog
  let settings: AggregationSettings
  /// The log's time.
  var logTime: Int64 = 0
  /// The greatest commit time, of rows or of a campus version, when the fold began: one before it may have come so far.
  var startTime = Int64.max
  /// Time zones of all campus versions so far.
  var zones: Set<String> = []
  /// Rows come so fast that long windows need not follow each of them.
  var isBusy = false
  /// The row being folded.
  var row: Int64 = 0

  private var index: [AggregateSlot.Key: Int32] = [:]
  private var free: [Int32] = []
  /// Slots that changed since the cycle of writing began, and those the cycle has still to write.
  var changed: [Int32] = []
  var cycle: [Int32] = []
  var cycleNext = 0
  /// Slots with a revision due before the next cycle, in the order in which they changed.
  var prompt: [Int32] = []
  var isSorted = true
  /// Slots of devices that are written and whose revision was not due then, and when they were last looked through.
  var waiting: [Int32] = []
  private var lookedTime = Int64.min
  /// Roll-ups of attendance with a revision to come, after those of their days.
  var lagging: [Int32] = []
  /// Slots by when their window is over for good.
  private var endings: [Int64: [Int32]] = [:]
  private var endingTimes: [Int64] = []
  /// When the last meeting of a window of attendance is final, so that the window can be.
  var attendanceEnd: (Window) -> Int64 = { $0.end }

  /// Milliseconds of log time after a window's end at which it is final.
  static let grace: Int64 = 300_000
  /// Milliseconds between the first revisions of devices that are heard at once.
  private static let stagger: Int64 = 997
  /// Final slots from which on some are given up.
  private var finalsLimit: Int

  init(_ log: FoldLog, names: Names, settings: AggregationSettings) {
    self.log = log
    self.names = names
    self.settings = settings
    finalsLimit = settings.finalsKept
  }

  /// Reads every aggregate that is not final; attendance of meetings and days is read with its day.
  func load() throws(LogError) {
    let attendance = AggregateKind.attendance.rawValue
    let states = try log.openAggregates(except: [
      (attendance, AggregateGrain.meeting.rawValue), (attendance, AggregateGrain.day.rawValue),
    ])
    for state in states { try adopt(state) }
  }

  @discardableResult
  private func adopt(_ state: AggregateState) throws(LogError) -> Int32 {
    let stored = state.aggregate
    guard let kind = AggregateKind(rawValue: stored.kind), let scope = AggregateScope(rawValue: stored.scope),
      let grain = AggregateGrain(rawValue: stored.grain)
    else { throw .other(AggregationError.unknownAggregate(number: stored.number).description) }
    let key = AggregateSlot.Key(
      kind: kind, scope: scope, grain: grain, name: names.number(stored.name), start: stored.start)
    var slot = AggregateSlot(key: key, end: stored.end, sums: SumsLayout.empty(kind, scope))
    slot.take(state.sums)
    slot.number = stored.number
    slot.revision = stored.revision
    slot.isFinal = stored.isFinal
    slot.revisedAt = stored.revision > 0 ? stored.watermark : firstWait(key)
    slot.through = state.through
    slot.isAhead = state.isAhead || stored.revision == 0
    if kind == .passage, scope == .dormitory { slot.cards = try log.cards(ofAggregate: stored.number) }
    let place = insert(slot)
    // Its revision is still to be made.
    if slot.isAhead { change(place) }
    return place
  }

  private func insert(_ slot: AggregateSlot) -> Int32 {
    let place: Int32
    if let reused = free.popLast() {
      place = reused
      slots[Int(place)] = slot
    } else {
      place = Int32(slots.count)
      slots.append(slot)
    }
    index[slot.key] = place
    if !slot.isFinal { watch(place, until: ending(slot)) }
    return place
  }

  /// The slot of a key; made where the store has none.
  func slot(
    _ kind: AggregateKind, _ scope: AggregateScope, _ name: Int32, _ grain: AggregateGrain, _ window: Window
  ) throws(LogError) -> Int32 {
    let key = AggregateSlot.Key(kind: kind, scope: scope, grain: grain, name: name, start: window.start)
    if let known = index[key] { return known }
    if mayBeStored(grain, window),
      let state = try log.aggregate(
        kind: kind.rawValue, scope: scope.rawValue, grain: grain.rawValue, name: names.text(name), start: window.start)
    {
      return try adopt(state)
    }
    var slot = AggregateSlot(key: key, end: window.end, sums: SumsLayout.empty(kind, scope))
    slot.revisedAt = firstWait(key)
    return insert(slot)
  }

  /// From when a slot without a revision waits for its first: there are two of every device, and what they say at once
  /// they say better at the end of their interval, each at another moment of it.
  private func firstWait(_ key: AggregateSlot.Key) -> Int64 {
    guard key.kind == .device else { return .min }
    return logTime - Int64(key.name) * AggregateTable.stagger % settings.deviceInterval
  }

  /// Whether the store may have an aggregate that is not in memory: a final one. A window of the calendar that goes on
  /// is not; a meeting's may have been before its end was put off, and so may others in another time zone.
  private func mayBeStored(_ grain: AggregateGrain, _ window: Window) -> Bool {
    grain == .meeting || zones.count > 1 || window.end <= max(logTime, startTime)
  }

  /// The slot of a key, where it is in memory.
  func known(
    _ kind: AggregateKind, _ scope: AggregateScope, _ name: Int32, _ grain: AggregateGrain, _ window: Window
  ) -> Int32? {
    index[AggregateSlot.Key(kind: kind, scope: scope, grain: grain, name: name, start: window.start)]
  }

  /// Adds the row being folded to a slot's sums in place; not where it is in them already, because the fold started
  /// again from before it.
  @inline(__always)
  func add(to slot: Int32, _ body: (inout AggregateSlot) -> Void) {
    let row = row
    guard AggregateTable.add(row, to: &slots[Int(slot)], body) else { return }
    list(slot)
  }

  /// true: the slot is to be listed.
  @inline(__always)
  private static func add(
    _ row: Int64, to slot: inout AggregateSlot, _ body: (inout AggregateSlot) -> Void
  ) -> Bool {
    guard row > slot.through else { return false }
    body(&slot)
    let isListed = slot.isAhead && slot.isDirty && (slot.isListed || !slot.isPrompt)
    slot.isAhead = true
    return !isListed
  }

  /// Whether the row being folded is in a slot's sums already.
  @inline(__always)
  func hasRow(_ slot: Int32) -> Bool { row <= slots[Int(slot)].through }

  /// Notes that a slot's sums have changed.
  @inline(__always)
  func change(_ slot: Int32) {
    slots[Int(slot)].isAhead = true
    list(slot)
  }

  private func list(_ slot: Int32) {
    let place = Int(slot)
    if !slots[place].isDirty {
      slots[place].isDirty = true
      changed.append(slot)
    }
    if !slots[place].isListed, slots[place].isPrompt {
      slots[place].isListed = true
      prompt.append(slot)
      isSorted = false
    }
  }

  /// Takes those waiting revisions into the cycle that have become due; not more often than cycles follow one another
  /// under load.
  func takeWaiting(isDue: (Int32) -> Bool) {
    guard !waiting.isEmpty, lookedTime == .min || logTime - lookedTime >= settings.cycleInterval else { return }
    lookedTime = logTime
    var kept: [Int32] = []
    for place in waiting {
      // Said meanwhile, or given up and taken for another, which is said on its own account.
      guard slots[Int(place)].isAhead, slots[Int(place)].isWaiting else {
        slots[Int(place)].isWaiting = false
        continue
      }
      if isDue(place) {
        slots[Int(place)].isWaiting = false
        cycle.append(place)
      } else {
        kept.append(place)
      }
    }
    waiting = kept
  }

  // MARK: Windows that are over

  private func ending(_ slot: AggregateSlot) -> Int64 {
    slot.key.kind == .attendance
      ? attendanceEnd(Window(start: slot.key.start, end: slot.end)) : slot.end + AggregateTable.grace
  }

  private func watch(_ slot: Int32, until time: Int64) {
    if endings[time] == nil {
      // Few distinct times: windows end together.
      let place = endingTimes.firstIndex { $0 > time } ?? endingTimes.count
      endingTimes.insert(time, at: place)
    }
    endings[time, default: []].append(slot)
  }

  /// Marks the slots whose window is over by `time` as ending.
  func end(by time: Int64) {
    while let first = endingTimes.first, first <= time {
      endingTimes.removeFirst()
      for slot in endings.removeValue(forKey: first) ?? [] {
        // A timetable that changed meanwhile may have put it off.
        let due = ending(slots[Int(slot)])
        if due > time {
          watch(slot, until: due)
          continue
        }
        slots[Int(slot)].isEnding = true
        change(slot)
        guard !slots[Int(slot)].isListed else { continue }
        slots[Int(slot)].isListed = true
        if slots[Int(slot)].key.kind == .attendance {
          lagging.append(slot)
        } else {
          prompt.append(slot)
          isSorted = false
        }
      }
    }
  }

  // MARK: Memory

  /// Aggregates in memory.
  var count: Int { index.count }

  /// Gives up final slots once there are many: those that neither the store nor a revision lies behind. What a full
  /// table of others costs to look through is spread over as many new ones.
  func trim() {
    let finals = slots.count - free.count - endings.values.reduce(0) { $0 + $1.count }
    guard finals > finalsLimit else { return }
    var given = 0
    for (key, place) in index where slots[Int(place)].isSettled {
      index[key] = nil
      // Its number may still stand among the changed: there is nothing to write of it.
      slots[Int(place)].sums = []
      slots[Int(place)].pairs = []
      slots[Int(place)].devices = []
      slots[Int(place)].cards = []
      free.append(place)
      given += 1
    }
    finalsLimit = finals - given + settings.finalsKept
    if given > 0 { generation += 1 }
  }
}
