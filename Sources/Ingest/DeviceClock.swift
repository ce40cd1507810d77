import ReadingLog

/// What is known of one device's clock. Takes (`sent`, arrival) of its frames, gives the offset to add to its
/// times, in milliseconds; 0 while the clock is within tolerance. A value: a device cannot move another's time.
///
/// Only `sent` after arrival proves a wrong clock by itself. A positive arrival − `sent` may be a wait on the
/// way, so it counts only as the least over recent frames that arrived live. For the same reason a frame that waited
/// nobody knows how long shows a fast clock less fast than it is, and takes nothing back.
struct DeviceClock {
  /// Frames whose least difference is believed.
  static let samples = 8

  private(set) var offset: Int64 = 0
  /// The boot it is judged by; -1: none yet.
  private var epoch: Int64 = -1
  private var least: Int64 = 0
  private var count: Int32 = 0

  /// The clock as it stands in the boot `epoch`: of another boot than the last only the offset is known, `kept`.
  @inline(__always)
  func resumed(epoch: UInt32, kept: Int64) -> DeviceClock {
    if Int64(epoch) == self.epoch { return self }
    var clock = DeviceClock()
    clock.epoch = Int64(epoch)
    clock.offset = kept
    return clock
  }

  /// `kept`: the boot's offset as last written; 0: none. `isWaitKnown`: the wait at the broker is taken off `arrival`.
  mutating func observe(
    sent: Int64, arrival: Int64, epoch: UInt32, kept: Int64 = 0, isLive: Bool, isWaitKnown: Bool = false,
    tolerance: Int64
  ) {
    if Int64(epoch) != self.epoch { self = resumed(epoch: epoch, kept: kept) }
    let difference = arrival - sent
    let isExact = isLive || isWaitKnown
    if difference < -tolerance {
      offset = isExact ? difference : min(offset, difference)
      (least, count) = (0, 0)
    } else if difference <= tolerance {
      // However long it waited, such a clock is not slow.
      if isExact || offset > 0 { offset = 0 }
      (least, count) = (0, 0)
    } else if isLive {
      least = count == 0 ? difference : min(least, difference)
      count += 1
      if count >= DeviceClock.samples {
        offset = least
        // Forget slowly, so that a clock that drifts further is followed.
        (least, count) = (difference, 1)
      }
    }
  }

  /// The event time of a reading, and how it was obtained (specification, section Time).
  func eventTime(
    at: Int64, sent: Int64, clock: UInt8, arrival: Int64, tolerance: Int64
  ) -> (time: Int64, quality: TimeQuality) {
    var time = at
    var quality = TimeQuality.device
    switch clock {
    case 0: (time, quality) = (arrival - (sent - at), .corrected)
    case 3: return (arrival, .arrival)
    default:
      if offset > tolerance || offset < -tolerance { (time, quality) = (at + offset, .corrected) }
    }
    if time > arrival + tolerance { return (arrival, .arrival) }
    return (max(0, time), quality)
  }
}
