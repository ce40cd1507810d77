/// The frames of the rows that the frame index does not reach yet: which row, and the digest of their readings.
/// An open-addressing table; a frame costs a few probes side by side and no allocation.
struct FrameTail: Sendable {
  struct Entry: Sendable {
    /// boot << 32 | seq; 0: free (boot ids start at 1).
    var frame: UInt64 = 0
    var digest: UInt64 = 0
    /// 0: the frame left no row, it was quarantined.
    var row: Int64 = 0
  }

  private(set) var entries: ContiguousArray<Entry>
  private(set) var count = 0

  init(capacity: Int) {
    var size = 1024
    while size < capacity * 2 { size *= 2 }
    entries = ContiguousArray(repeating: Entry(), count: size)
  }

  @inline(__always)
  static func key(boot: Int64, seq: UInt32) -> UInt64 { UInt64(boot) << 32 | UInt64(seq) }

  /// Frames of a boot lie side by side, eight together, so that a device's next one is found where its last one was.
  @inline(__always)
  private func slot(_ frame: UInt64) -> Int {
    // Fibonacci hashing. The highest bits of the product: only they depend on the boot, which is in the upper half.
    let group = (frame >> 3) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: group >> UInt64(67 - entries.count.trailingZeroBitCount)) << 3
      | Int(truncatingIfNeeded: frame & 7)
  }

  func digest(_ frame: UInt64) -> UInt64? {
    var index = slot(frame)
    while entries[index].frame != 0 {
      if entries[index].frame == frame { return entries[index].digest }
      index = (index + 1) & (entries.count - 1)
    }
    return nil
  }

  mutating func insert(_ frame: UInt64, digest: UInt64, row: Int64) {
    if count * 2 >= entries.count { grow() }
    var index = slot(frame)
    while entries[index].frame != 0 && entries[index].frame != frame {
      index = (index + 1) & (entries.count - 1)
    }
    if entries[index].frame == 0 { count += 1 }
    entries[index] = Entry(frame: frame, digest: digest, row: row)
  }

  private mutating func grow() {
    let old = entries
    entries = ContiguousArray(repeating: Entry(), count: old.count * 2)
    count = 0
    for entry in old where entry.frame != 0 {
      insert(entry.frame, digest: entry.digest, row: entry.row)
    }
  }
}
