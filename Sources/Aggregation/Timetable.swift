import ReadingLog

/// Every meeting the fold knows: those of the campus version in force, and those final under earlier ones.
final class Timetable {
  struct Entry {
    var session: Int32
    var place: Int32
    var start: Int64
    var end: Int64
    /// The campus version whose roster it has.
    var version: Int64
    /// The store's number; 0: not stored.
    var stored: Int64 = 0
    var hasBegun = false
    var isFinal = false
    /// Its place among the meetings in memory; -1: it is not.
    var meeting: Int32 = -1

    /// When check-ins count for it.
    var window: Window { Window(start: start - Timetable.early, end: end) }
  }

  /// The meetings of one place, cut into spans in each of which the same meetings are in time.
  struct Schedule {
    /// Where one span ends and the next begins, ascending.
    var boundaries: [Int64] = []
    /// Where the entries of each span begin in `entries`, and where the last ends.
    var starts: [Int32] = []
    var entries: [Int32] = []
  }

  /// Milliseconds before a meeting's start from which check-ins count.
  static let early: Int64 = 900_000

  /// By start, then by session.
  var entries: [Entry]
  /// Positions in `entries` by end.
  let byEnd: [Int32]
  private(set) var schedules: [Schedule] = []
  private var scheduleOfPlace: [Int32: Int32] = [:]
  private var finalTimes: [Window: Int64] = [:]

  init(_ unsorted: [Entry]) {
    entries = unsorted.sorted { ($0.start, $0.session) < ($1.start, $1.session) }
    let sorted = entries
    byEnd = sorted.indices.map { Int32($0) }.sorted { (sorted[Int($0)].end, $0) < (sorted[Int($1)].end, $1) }
    var places: [Int32: [Int32]] = [:]
    for (position, entry) in sorted.enumerated() { places[entry.place, default: []].append(Int32(position)) }
    for (place, positions) in places {
      scheduleOfPlace[place] = Int32(schedules.count)
      schedules.append(Timetable.schedule(positions, sorted))
    }
  }

  private static func schedule(_ positions: [Int32], _ entries: [Entry]) -> Schedule {
    var schedule = Schedule()
    var times: Set<Int64> = []
    for position in positions {
      times.insert(entries[Int(position)].start - early)
      times.insert(entries[Int(position)].end)
    }
    schedule.boundaries = times.sorted()
    var spans = [[Int32]](repeating: [], count: schedule.boundaries.count)
    for position in positions {
      var span = schedule.span(at: entries[Int(position)].start - early)
      while span < spans.count, schedule.boundaries[span] < entries[Int(position)].end {
        spans[span].append(position)
        span += 1
      }
    }
    for span in spans {
      schedule.starts.append(Int32(schedule.entries.count))
      schedule.entries += span
    }
    schedule.starts.append(Int32(schedule.entries.count))
    return schedule
  }

  /// The schedule of a place by its name; -1: nothing meets there.
  func schedule(ofPlace place: Int32) -> Int32 { scheduleOfPlace[place] ?? -1 }

  /// Positions of the entries whose start lies in a window.
  func entries(in window: Window) -> Range<Int> {
    let first = firstEntry(from: window.start)
    return first..<max(first, firstEntry(from: window.end))
  }

  /// The entries of a place that are in time at some moment of a window, by start and session.
  func entries(ofPlace place: Int32, during window: Window) -> [Entry] {
    let number = schedule(ofPlace: place)
    guard number >= 0 else { return [] }
    let spans = schedules[Int(number)]
    var positions: Set<Int32> = []
    var span = max(0, spans.span(at: window.start))
    while span < spans.boundaries.count, spans.boundaries[span] < window.end {
      positions.formUnion(spans.entries(inSpan: span))
      span += 1
    }
    return positions.sorted().map { entries[Int($0)] }
  }

  private func firstEntry(from time: Int64) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].start < time { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// When a window is over and the last of its meetings final.
  func finalTime(of window: Window) -> Int64 {
    if let known = finalTimes[window] { return known }
    let time = entries(in: window).reduce(window.end) { max($0, entries[$1].end + AggregateTable.grace) }
    finalTimes[window] = time
    return time
  }
}

extension Timetable.Schedule {
  /// The span a time falls into; -1: it lies before the first.
  func span(at time: Int64) -> Int {
    var low = 0
    var high = boundaries.count
    while low < high {
      let middle = (low + high) / 2
      if boundaries[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }

  /// Positions of the entries in time during a span.
  func entries(inSpan span: Int) -> ArraySlice<Int32> {
    span < 0 ? [] : entries[Int(starts[span])..<Int(starts[span + 1])]
  }

  /// The time a span lasts.
  func window(ofSpan span: Int) -> Window {
    Window(
      start: span < 0 ? .min : boundaries[span], end: span + 1 < boundaries.count ? boundaries[span + 1] : .max)
  }
}
