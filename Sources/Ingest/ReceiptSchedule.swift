/// When receipts leave: at most one per `interval` a device, save that duplicates are answered at once, at
/// most ten a second. Takes boots that have news, gives those due. Bounded: a boot stands in a queue once.
///
/// A receipt costs nearly as much as a frame. So that intake does not cost more the more devices share it, receipts
/// that answer no duplicate take turns within an allowance while there is much to commit: with 20,000 devices at
/// full load each waits some two seconds instead of one, far below the ten after which a device sends again.
public struct ReceiptSchedule {
  /// Between two receipts of one device that answer duplicates, milliseconds.
  static let duplicateInterval: Int64 = 100

  let interval: Int64
  private var waiting = Queue()
  /// Boots of duplicates that came too soon after a receipt.
  private var urgent = Queue()
  private(set) var ready: [Int32] = []
  private var advancedAt = Int64.min
  /// Receipts that may still become ready before the next `allow`, those of duplicates apart.
  private var allowance = 0

  public init(interval: Int64) { self.interval = interval }

  /// At the start of a turn that handles so many messages.
  mutating func allow(messages: Int) {
    allowance = messages == 0 ? ReceiptSchedule.idleAllowance : max(ReceiptSchedule.leastAllowance, messages / 8)
  }

  /// Of a turn without messages, and the least of one with some.
  static let idleAllowance = 512
  static let leastAllowance = 32

  mutating func note(
    _ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64
  ) {
    // Those that wait come first: a busy boot must not take every turn of its device.
    if now > advancedAt { advance(in: admission, now: now) }
    let isNews = !admission.boots[Int(boot)].isReceiptDue
    admission.boots[Int(boot)].isReceiptDue = true
    let device = Int(admission.boots[Int(boot)].device)
    let due = dueTime(of: device, atOnce: atOnce, in: admission)
    if due <= now, atOnce || allowance > 0 {
      answer(boot, atOnce: atOnce, in: admission, now: now)
    } else if atOnce, isNews || admission.devices[device].receiptAt < now {
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
    while allowance > 0, let boot = waiting.next(now) {
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
    let due = dueTime(of: Int(admission.boots[Int(boot)].device), atOnce: atOnce, in: admission)
    if due > now { return due }
    answer(boot, atOnce: atOnce, in: admission, now: now)
    return nil
  }

  /// Never two in a millisecond: one a device a commit.
  @inline(__always)
  private func dueTime(of device: Int, atOnce: Bool, in admission: Admission) -> Int64 {
    let last = admission.devices[device].receiptAt
    if atOnce { return last + max(1, min(ReceiptSchedule.duplicateInterval, interval)) }
    return max(admission.devices[device].ordinaryReceiptAt + interval, last + 1)
  }

  private mutating func answer(_ boot: Int32, atOnce: Bool, in admission: Admission, now: Int64) {
    let device = Int(admission.boots[Int(boot)].device)
    admission.devices[device].receiptAt = now
    if !atOnce {
      admission.devices[device].ordinaryReceiptAt = now
      allowance -= 1
    }
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
    /// By boot: whether it stands in the queue.
    private var members: ContiguousArray<Bool> = []

    var due: Int64? { head < entries.count ? entries[head].due : nil }

    mutating func append(_ boot: Int32, due: Int64) {
      while members.count <= Int(boot) { members.append(false) }
      if members[Int(boot)] { return }
      members[Int(boot)] = true
      entries.append((boot, due))
    }

    /// Takes the first out if it is due.
    mutating func next(_ now: Int64) -> Int32? {
      guard head < entries.count, entries[head].due <= now else { return nil }
      let boot = entries[head].boot
      members[Int(boot)] = false
      head += 1
      if head > 1024, head * 2 > entries.count {
        entries.removeFirst(head)
        head = 0
      }
      return boot
    }
  }
}
