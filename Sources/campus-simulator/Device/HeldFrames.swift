/// The frames a device holds, oldest first: what its outbox holds, and when each was first sent.
struct HeldFrames {
  struct Frame {
    var epoch: UInt32
    var seq: UInt32
    /// Monotonic milliseconds of the first transmission; 0 before.
    var firstSentAt: Int64 = 0
    /// Bytes the device had stored before this frame.
    var position: Int64
    /// The boot in which it was last sent: a receipt covers nothing else.
    var boot: UInt32 = 0
    var isCovered = false
  }

  private var frames: [Frame] = []
  private var head = 0
  /// Frames not yet covered.
  private(set) var count = 0

  /// The oldest frame not covered.
  var oldest: Frame? { head < frames.count ? frames[head] : nil }

  mutating func append(_ frame: Frame) {
    if head > 32, head * 2 > frames.count {
      frames.removeSubrange(..<head)
      head = 0
    }
    frames.append(frame)
    count += 1
  }

  /// Notes a transmission; true if it is the frame's first.
  mutating func sent(epoch: UInt32, seq: UInt32, boot: UInt32, now: Int64) -> Bool {
    guard let index = index(epoch: epoch, seq: seq) else { return false }
    frames[index].boot = boot
    guard frames[index].firstSentAt == 0 else { return false }
    frames[index].firstSentAt = now
    return true
  }

  /// Lets go what a receipt covers; `body` gets each frame.
  mutating func cover(epoch: UInt32, through: UInt32, boot: UInt32, _ body: (Frame) -> Void) {
    for index in head..<frames.count {
      let frame = frames[index]
      guard frame.epoch == epoch, !frame.isCovered else { continue }
      guard frame.seq <= through else { break }
      guard frame.boot == boot else { continue }
      frames[index].isCovered = true
      count -= 1
      body(frame)
    }
    dropCovered()
  }

  /// Gives the oldest `limit` frames up; `body` gets each.
  mutating func abandon(_ limit: Int, _ body: (Frame) -> Void) {
    var left = limit
    while left > 0, head < frames.count {
      body(frames[head])
      frames[head].isCovered = true
      count -= 1
      left -= 1
      dropCovered()
    }
  }

  private mutating func dropCovered() {
    while head < frames.count, frames[head].isCovered { head += 1 }
    if head == frames.count {
      frames.removeAll(keepingCapacity: true)
      head = 0
    }
  }

  private func index(epoch: UInt32, seq: UInt32) -> Int? {
    // Nearly always of the newest epoch, whose seqs follow one another.
    if let last = frames.last, last.epoch == epoch, seq <= last.seq {
      let index = frames.count - 1 - Int(last.seq - seq)
      if index >= head, frames[index].epoch == epoch, frames[index].seq == seq { return index }
    }
    return (head..<frames.count).first { frames[$0].epoch == epoch && frames[$0].seq == seq }
  }
}
