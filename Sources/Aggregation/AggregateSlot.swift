import DeviceProtocol

/// An aggregate being folded: its sums, and how far store and outbox lie behind them.
struct AggregateSlot {
  struct Key: Hashable {
    var kind: AggregateKind
    var scope: AggregateScope
    var grain: AggregateGrain
    var name: Int32
    var start: Int64

    func hash(into hasher: inout Hasher) {
      hasher.combine(
        UInt64(kind.rawValue) << 56 | UInt64(scope.rawValue) << 48 | UInt64(grain.rawValue) << 40
          | UInt64(UInt32(bitPattern: name)))
      hasher.combine(start)
    }
  }

  var key: Key
  var end: Int64
  /// `SumsLayout`'s fixed part.
  var sums: [Int64]
  /// What follows it: a histogram's scores and counts, or a device's boots.
  var pairs: [Int64] = []
  /// Devices that put readings into the sums, by the store's number, ascending.
  var devices: [Int64] = []
  /// Cards counted, where an aggregate counts distinct ones.
  var cards: Set<Token> = []
  /// Of those, not stored yet.
  var newCards: [Token] = []

  /// The store's number; 0: not stored yet.
  var number: Int64 = 0
  var revision: Int64 = 0
  var isFinal = false
  /// Log time from which the next revision waits its interval, that of the latest; `.min`: it does not wait.
  var revisedAt = Int64.min
  /// Rows up to here are in the sums already: a fold that starts again passes over them.
  var through: Int64 = 0
  /// The store lies behind the sums.
  var isDirty = false
  /// The latest revision lies behind the sums.
  var isAhead = false
  /// Its window is over: the next revision is the first final one.
  var isEnding = false
  /// Listed among those that wait for their interval, whatever else comes.
  var isWaiting = false
  /// Listed among those whose revision is due soon.
  var isListed = false

  /// Its revisions are not left to the next cycle, or to the day that changes it.
  @inline(__always)
  var isPrompt: Bool { key.kind != .attendance && (key.kind != .device || isFinal) }

  /// Nothing is to be done about it any more, but for late data.
  var isSettled: Bool { isFinal && !isDirty && !isAhead && !isListed && !isEnding }

  /// As the store keeps it.
  var vector: [Int64] {
    guard key.kind != .attendance else { return sums }
    var vector = sums
    vector.append(Int64(pairs.count))
    vector += pairs
    vector += devices
    return vector
  }

  /// Takes the store's vector.
  mutating func take(_ vector: [Int64]) {
    let fixed = SumsLayout.fixedCount(key.kind, key.scope)
    guard vector.count >= fixed else { return }
    sums = Array(vector[..<fixed])
    guard key.kind != .attendance, vector.count > fixed, let count = Int(exactly: vector[fixed]), count >= 0,
      fixed + 1 + count <= vector.count
    else { return }
    pairs = Array(vector[(fixed + 1)..<(fixed + 1 + count)])
    devices = Array(vector[(fixed + 1 + count)...])
  }

  /// Notes that a device put readings into the sums; true: it is the first time.
  @discardableResult
  mutating func hear(_ device: Int64) -> Bool {
    var low = 0
    var high = devices.count
    while low < high {
      let middle = (low + high) / 2
      if devices[middle] < device { low = middle + 1 } else { high = middle }
    }
    if low < devices.count, devices[low] == device { return false }
    devices.insert(device, at: low)
    sums[SumsLayout.devicesHeard] = Int64(devices.count)
    return true
  }

  /// Counts a score in the histogram.
  mutating func count(score: Int64) {
    var low = 0
    var high = pairs.count / 2
    while low < high {
      let middle = (low + high) / 2
      if pairs[middle * 2] < score { low = middle + 1 } else { high = middle }
    }
    if low * 2 < pairs.count, pairs[low * 2] == score {
      pairs[low * 2 + 1] += 1
    } else {
      pairs.insert(contentsOf: [score, 1], at: low * 2)
    }
  }
}
