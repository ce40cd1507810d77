/// When receipts leave: at most one per `interval` a device, save that duplicates are answered at once, at
/// most ten a second. Takes boots that have news, gives those due. Bounded: a boot stands in it once.
public struct ReceiptSchedule {
  /// Between two receipts of one device that answer duplicates, milliseconds.
  static let duplicateInterval: Int64 = 100

  let interval: Int64
  private var waiting: [(boot: Int32, due: Int64)] = []
  private var head = 0
  private(set) var ready: [Int32] = []

  public init(interval: Int64) { self.interval = interval }

  mutating func note(
    _ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64
  ) {
    let device = Int(admission.boots[Int(boot)].device)
    let last = admission.devices[device].receiptAt
    let due = last + (atOnce ? min(ReceiptSchedule.duplicateInterval, interval) : interval)
    if due <= now {
      // One a device a commit: the next within this millisecond waits.
      admission.devices[device].receiptAt = now
      if !admission.boots[Int(boot)].isReceiptDue || atOnce {
        admission.boots[Int(boot)].isReceiptDue = true
        ready.append(boot)
      }
    } else if !admission.boots[Int(boot)].isReceiptDue {
      admission.boots[Int(boot)].isReceiptDue = true
      waiting.append((boot, due))
    }
  }

  /// Moves what has become due to `ready`.
  mutating func advance(in admission: Admission, now: Int64) {
    while head < waiting.count, waiting[head].due <= now {
      let boot = waiting[head].boot
      let device = Int(admission.boots[Int(boot)].device)
      head += 1
      guard admission.boots[Int(boot)].isReceiptDue else { continue }
      // Answered at once in the meantime, and asked for again since.
      let due = admission.devices[device].receiptAt + interval
      guard due <= now else {
        waiting.append((boot, due))
        continue
      }
      admission.devices[device].receiptAt = now
      ready.append(boot)
    }
    if head > 1024, head * 2 > waiting.count {
      waiting.removeFirst(head)
      head = 0
    }
  }

  /// Milliseconds until the next is due; nil: none waits.
  func wait(now: Int64) -> Int64? {
    head < waiting.count ? max(0, waiting[head].due - now) : nil
  }

  mutating func takeReady() -> [Int32] {
    defer { ready.removeAll(keepingCapacity: true) }
    return ready
  }

  mutating func removeAll() { self = ReceiptSchedule(interval: interval) }
}
