/// When receipts leave: at most one per `interval` a device, save that duplicates are answered at once, at
/// most ten a second. Takes boots that have news, gives those due. Bounded: a boot stands in a queue once.
public struct ReceiptSchedule {
  /// Between two receipts of one device that answer duplicates, milliseconds.
  static let duplicateInterval: Int64 = 100

  let interval: Int64
  private var waiting = Queue()
  /// Boots of duplicates that came too soon after a receipt.
  private var urgent = Queue()
  private(set) var ready: [Int32] = []

  public init(interval: Int64) { self.interval = interval }

  // Never two in a millisecond: one a device a commit.
  private var spacing: Int64 { max(1, interval) }
  private var urgentSpacing: Int64 { max(1, min(ReceiptSchedule.duplicateInterval, interval)) }

  mutating func note(
    _ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64
  ) {
    let device = Int(admission.boots[Int(boot)].device)
    let last = admission.devices[device].receiptAt
    let due = last + (atOnce ? urgentSpacing : spacing)
    let isNews = !admission.boots[Int(boot)].isReceiptDue
    admission.boots[Int(boot)].isReceiptDue = true
    if due <= now {
      admission.devices[device].receiptAt = now
      ready.append(boot)
    } else if atOnce, isNews || last < now {
      urgent.append(boot, due: due)
    } else if isNews {
      waiting.append(boot, due: due)
    }
  }

  /// Moves what has become due to `ready`.
  mutating func advance(in admission: Admission, now: Int64) {
    while let boot = urgent.next(now) {
      if let due = answer(boot, urgentSpacing, in: admission, now: now) { urgent.append(boot, due: due) }
    }
    while let boot = waiting.next(now) {
      if let due = answer(boot, spacing, in: admission, now: now) { waiting.append(boot, due: due) }
    }
  }

  /// nil: it is ready, or was answered in the meantime. Otherwise when to look again.
  private mutating func answer(
    _ boot: Int32, _ spacing: Int64, in admission: Admission, now: Int64
  ) -> Int64? {
    // A recovery beside the lane forgets boots.
    guard Int(boot) < admission.boots.count, admission.boots[Int(boot)].isReceiptDue else { return nil }
    let device = Int(admission.boots[Int(boot)].device)
    let due = admission.devices[device].receiptAt + spacing
    if due > now { return due }
    admission.devices[device].receiptAt = now
    ready.append(boot)
    return nil
  }

  /// Milliseconds until the next is due; nil: none waits.
  func wait(now: Int64) -> Int64? {
    let due = min(urgent.due ?? .max, waiting.due ?? .max)
    return due == .max ? nil : max(0, due - now)
  }

  mutating func takeReady() -> [Int32] {
    defer { ready.removeAll(keepingCapacity: true) }
    return ready
  }

  mutating func removeAll() { self = ReceiptSchedule(interval: interval) }

  /// First in, first out.
  private struct Queue {
    private var entries: [(boot: Int32, due: Int64)] = []
    private var head = 0
    private var members: Set<Int32> = []

    var due: Int64? { head < entries.count ? entries[head].due : nil }

    mutating func append(_ boot: Int32, due: Int64) {
      if members.insert(boot).inserted { entries.append((boot, due)) }
    }

    /// Takes the first out if it is due.
    mutating func next(_ now: Int64) -> Int32? {
      guard head < entries.count, entries[head].due <= now else { return nil }
      let boot = entries[head].boot
      members.remove(boot)
      head += 1
      if head > 1024, head * 2 > entries.count {
        entries.removeFirst(head)
        head = 0
      }
      return boot
    }
  }
}
