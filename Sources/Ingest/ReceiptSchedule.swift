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
  private var advancedAt = Int64.min

  public init(interval: Int64) { self.interval = interval }

  mutating func note(
    _ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64
  ) {
    // Those that wait come first: a busy boot must not take every turn of its device.
    if now > advancedAt { advance(in: admission, now: now) }
    let device = admission.devices[Int(admission.boots[Int(boot)].device)]
    let isNews = !admission.boots[Int(boot)].isReceiptDue
    admission.boots[Int(boot)].isReceiptDue = true
    let due = dueTime(of: device, atOnce: atOnce)
    if due <= now {
      answer(boot, atOnce: atOnce, in: admission, now: now)
    } else if atOnce, isNews || device.receiptAt < now {
      urgent.append(boot, due: due)
    } else if isNews {
      waiting.append(boot, due: due)
    }
  }

  /// Moves what has become due to `ready`.
  mutating func advance(in admission: Admission, now: Int64) {
    advancedAt = now
    while let boot = urgent.next(now) {
      guard let due = look(boot, atOnce: true, in: admission, now: now) else { continue }
      urgent.append(boot, due: due)
    }
    while let boot = waiting.next(now) {
      guard let due = look(boot, atOnce: false, in: admission, now: now) else { continue }
      waiting.append(boot, due: due)
    }
  }

  /// nil: it is ready, or was answered in the meantime. Otherwise when to look again.
  private mutating func look(
    _ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64
  ) -> Int64? {
    // A recovery beside the lane forgets boots.
    guard Int(boot) < admission.boots.count, admission.boots[Int(boot)].isReceiptDue else { return nil }
    let due = dueTime(of: admission.devices[Int(admission.boots[Int(boot)].device)], atOnce: atOnce)
    if due > now { return due }
    answer(boot, atOnce: atOnce, in: admission, now: now)
    return nil
  }

  /// Never two in a millisecond: one a device a commit.
  private func dueTime(of device: Admission.DeviceState, atOnce: Bool) -> Int64 {
    if atOnce { return device.receiptAt + max(1, min(ReceiptSchedule.duplicateInterval, interval)) }
    return max(device.ordinaryReceiptAt + interval, device.receiptAt + 1)
  }

  private mutating func answer(_ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64) {
    let device = Int(admission.boots[Int(boot)].device)
    admission.devices[device].receiptAt = now
    if !atOnce { admission.devices[device].ordinaryReceiptAt = now }
    ready.append(boot)
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
