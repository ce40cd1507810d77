/// What a run did, counted where it happens.
struct RunCounts: Sendable, Equatable {
  var frames = 0
  var readings = 0
  /// Messages handed to a connection that carry a frame of ours, copies too.
  var transmissions = 0
  /// Transmissions the outbox repeated because no receipt came.
  var resends = 0
  /// Copies sent on purpose.
  var duplicates = 0
  var reordered = 0
  var forged = 0
  /// Frames covered by a receipt.
  var receipted = 0
  /// Frames given up: an outbox that overflowed, or RAM lost in a reboot.
  var abandoned = 0
  var receipts = 0
  /// Receipts thrown away on purpose.
  var lostReceipts = 0
  /// Messages on `down` that were not taken for a receipt.
  var refusedReceipts = 0
  /// Calls into the C library that failed when they should not have.
  var libraryErrors = 0
  var reboots = 0
  var reconnects = 0
  /// Connections cut on purpose.
  var cuts = 0
  /// Turns in which the load stood still because outboxes were full.
  var stalls = 0

  /// Frames that still wait for a receipt.
  var waiting: Int { frames - receipted - abandoned }

  static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.frames += right.frames
    sum.readings += right.readings
    sum.transmissions += right.transmissions
    sum.resends += right.resends
    sum.duplicates += right.duplicates
    sum.reordered += right.reordered
    sum.forged += right.forged
    sum.receipted += right.receipted
    sum.abandoned += right.abandoned
    sum.receipts += right.receipts
    sum.lostReceipts += right.lostReceipts
    sum.refusedReceipts += right.refusedReceipts
    sum.libraryErrors += right.libraryErrors
    sum.reboots += right.reboots
    sum.reconnects += right.reconnects
    sum.cuts += right.cuts
    sum.stalls += right.stalls
    return sum
  }
}
