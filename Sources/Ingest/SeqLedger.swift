/// Which seqs of one boot have an outcome: everything up to `high` except what lies in a gap. The store's gap
/// table is the same thing on disk, so nothing here is ever guessed.
struct SeqLedger {
  struct Gap: Equatable {
    var first: UInt32
    var last: UInt32
    var abandoned: Bool
  }

  var high: UInt32 = 0
  /// The newest gaps, ascending. Empty for a device that lost nothing: no allocation.
  private(set) var gaps: [Gap] = []
  /// Below this, gaps may stand in the store only.
  private(set) var floor: UInt32 = 0

  /// Gaps kept in memory for one boot.
  static let maximumGaps = 256

  init(high: UInt32 = 0, newestGaps: [Gap] = []) {
    self.high = high
    gaps = newestGaps
    if gaps.count >= SeqLedger.maximumGaps { floor = gaps[0].first }
  }

  enum Standing {
    case new
    case seen
    /// Older than what is remembered here: ask the store.
    case unknown
  }

  @inline(__always)
  func standing(of seq: UInt32) -> Standing {
    if seq > high { return .new }
    if gaps.isEmpty && floor == 0 { return .seen }
    if gapIndex(seq) != nil { return .new }
    return seq < floor ? .unknown : .seen
  }

  /// Whether everything up to `seq` has an outcome or was abandoned, as far as memory tells.
  @inline(__always)
  func covers(_ seq: UInt32) -> Bool {
    guard floor == 0 else { return false }
    guard let open = gaps.first(where: { !$0.abandoned }) else { return true }
    return seq < open.first
  }

  func gapIndex(_ seq: UInt32) -> Int? {
    var low = 0
    var high = gaps.count
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].last < seq { low = middle + 1 } else { high = middle }
    }
    return low < gaps.count && gaps[low].first <= seq ? low : nil
  }

  /// Takes a seq above `high`; gives the gap this leaves.
  mutating func advance(to seq: UInt32, abandoned: Bool = false) -> Gap? {
    let first = high + 1
    high = seq
    guard first < seq else { return nil }
    let gap = Gap(first: first, last: seq - 1, abandoned: abandoned)
    remember(gap)
    return gap
  }

  mutating func remember(_ gap: Gap) {
    gaps.append(gap)
    forgetLowest()
  }

  /// Keeps memory bounded, whatever a device leaves out: the lowest gaps stand in the store only.
  private mutating func forgetLowest() {
    guard gaps.count > SeqLedger.maximumGaps else { return }
    gaps.removeFirst(SeqLedger.maximumGaps / 4)
    floor = gaps[0].first
  }

  /// Takes a seq out of the gap at `index`; what remains of it, zero to two gaps.
  mutating func fill(_ seq: UInt32, at index: Int) -> [Gap] {
    let gap = gaps[index]
    let rest = SeqLedger.remains(of: gap, without: seq)
    gaps.replaceSubrange(index...index, with: rest)
    forgetLowest()
    return rest
  }

  static func remains(of gap: Gap, without seq: UInt32) -> [Gap] {
    var rest: [Gap] = []
    if gap.first < seq { rest.append(Gap(first: gap.first, last: seq - 1, abandoned: gap.abandoned)) }
    if seq < gap.last { rest.append(Gap(first: seq + 1, last: gap.last, abandoned: gap.abandoned)) }
    return rest
  }

  /// Marks everything below `seq` abandoned; a gap that `seq` divides is divided. Gives the gaps that changed.
  mutating func abandon(below seq: UInt32) -> [Gap] {
    var changed: [Gap] = []
    var index = 0
    while index < gaps.count, gaps[index].first < seq {
      if !gaps[index].abandoned {
        if gaps[index].last >= seq {
          let rest = Gap(first: seq, last: gaps[index].last, abandoned: false)
          gaps[index].last = seq - 1
          gaps.insert(rest, at: index + 1)
          changed.append(rest)
        }
        gaps[index].abandoned = true
        changed.append(gaps[index])
      }
      index += 1
    }
    forgetLowest()
    return changed
  }
}
