import Synchronization

/// The aggregates whose latest running revision one destination has still to be told: takes their numbers, gives each
/// once, in the order of first coming; those of single devices and students (bulk) in a lane of their own.
///
/// It is in memory alone. A running revision is superseded soon, and can be made again from its aggregate: after a
/// start the fold queues those that are open. Bound: as many numbers as there are aggregates that are not final.
public final class RunningQueue: Sendable {
  private struct Lane {
    private var numbers: [Int64] = []
    /// Before it are those that have left.
    private var head = 0
    /// Those that have left, and have neither been accepted nor come back.
    var taken: [Int64] = []

    mutating func append(_ number: Int64) { numbers.append(number) }

    /// `queued`: the numbers of both lanes; others have become final, or stand here a second time.
    mutating func take(_ limit: Int, of queued: inout Set<Int64>) -> [Int64] {
      var first: [Int64] = []
      while first.count < limit, head < numbers.count {
        if let number = queued.remove(numbers[head]) { first.append(number) }
        head += 1
      }
      // Seldom enough to cost nothing, often enough that what has left takes no more room than what waits.
      if head * 2 > numbers.count {
        numbers.removeFirst(head)
        head = 0
      }
      taken += first
      return first
    }

    /// Lets go of what is queued no more, where that is most of it.
    mutating func compact(_ queued: Set<Int64>) {
      guard numbers.count - head > 2 * queued.count + 4_096 else { return }
      var left = queued
      numbers = numbers[head...].filter { left.remove($0) != nil }
      head = 0
    }

    /// `queued`: the numbers of both lanes.
    mutating func giveBack(_ queued: inout Set<Int64>, _ isWanted: (Int64) -> Bool) {
      var kept: [Int64] = []
      var first: [Int64] = []
      for number in taken {
        if !isWanted(number) {
          kept.append(number)
        } else if queued.insert(number).inserted {
          first.append(number)
        }
      }
      taken = kept
      let gap = min(head, first.count)
      numbers.replaceSubrange(head - gap..<head, with: first)
      head -= gap
    }
  }

  private struct State {
    var plain = Lane()
    var bulk = Lane()
    var queued: Set<Int64> = []
    /// nil: not known, because the fold is being read from the store.
    var reached: Int64?

    mutating func giveBack(_ isWanted: (Int64) -> Bool) {
      plain.giveBack(&queued, isWanted)
      bulk.giveBack(&queued, isWanted)
    }
  }

  private let state = Mutex(State())

  public init() {}

  /// How many are queued, or taken and not yet accepted.
  public var count: Int {
    state.withLock { $0.queued.count + $0.plain.taken.count + $0.bulk.taken.count }
  }

  // MARK: The fold's side

  /// Queues aggregates, after the commit that has made their revisions; those that are queued already stay where they
  /// are. `finals` have nothing running to tell any more. `watermark`: log time, Unix milliseconds; no revision that is
  /// made later has a smaller one.
  public func add(_ numbers: [Int64], bulk: [Int64], finals: [Int64] = [], reached watermark: Int64) {
    state.withLock { state in
      for number in finals { state.queued.remove(number) }
      if !finals.isEmpty {
        state.plain.compact(state.queued)
        state.bulk.compact(state.queued)
      }
      for number in numbers where state.queued.insert(number).inserted { state.plain.append(number) }
      for number in bulk where state.queued.insert(number).inserted { state.bulk.append(number) }
      state.reached = watermark
    }
  }

  /// The fold begins anew from the store, and may be behind what it has said before: nothing is known of how far the
  /// destination has been told until the next `add`.
  public func goBack() { state.withLock { $0.reached = nil } }

  // MARK: The relay's side

  /// Gives those that wait longest, at most `limit`; they are out until `finish` or `giveBack`.
  public func take(_ limit: Int, isBulk: Bool) -> [Int64] {
    state.withLock { state in
      isBulk ? state.bulk.take(limit, of: &state.queued) : state.plain.take(limit, of: &state.queued)
    }
  }

  /// What was taken is the destination's.
  public func finish() {
    state.withLock { state in
      state.plain.taken.removeAll(keepingCapacity: true)
      state.bulk.taken.removeAll(keepingCapacity: true)
    }
  }

  /// Puts everything that was taken before all others again, but for what has been queued meanwhile.
  public func giveBack() { state.withLock { $0.giveBack { _ in true } } }

  /// The same for some of it.
  public func giveBack(_ numbers: [Int64]) {
    guard !numbers.isEmpty else { return }
    let wanted = Set(numbers)
    state.withLock { $0.giveBack { wanted.contains($0) } }
  }

  /// Every running revision with a smaller watermark is the destination's; nil: something waits, or it is not known.
  public var toldThrough: Int64? {
    state.withLock { state in
      let isEmpty = state.queued.isEmpty && state.plain.taken.isEmpty && state.bulk.taken.isEmpty
      return isEmpty ? state.reached : nil
    }
  }
}
