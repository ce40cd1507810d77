import DeviceProtocol
import GRDBSQLite

/// The lane's rarer statements: boots, gaps, quarantine, rejections, the ledger. Each is at most a few rows.
public final class AppenderStatements {
  private let findBoot: Statement
  private let insertBoot: Statement
  private let raiseHigh: Statement
  private let putClock: Statement
  private let listGaps: Statement
  private let findGap: Statement
  private let putGap: Statement
  private let dropGap: Statement
  private let abandonEarlier: Statement
  private let abandonAll: Statement
  private let listOpen: Statement
  private let findIndexed: Statement
  private let readFrame: Statement
  private let findQuarantined: Statement
  private let insertQuarantine: Statement
  private let releaseHeld: Statement
  private let countRejection: Statement
  private let sampleRejection: Statement
  private let trimSamples: Statement
  private let insertWaiting: Statement
  private let countWaiting: Statement
  private let readWaiting: Statement
  private let dropWaiting: Statement
  private let insertBatch: Statement
  private let putPresence: Statement
  private let connection: OpaquePointer

  init(_ connection: OpaquePointer) throws(LogError) {
    self.connection = connection
    findBoot = try Statement(connection, "SELECT id, high, clock_offset FROM boot WHERE device = ?1 AND epoch = ?2")
    insertBoot = try Statement(
      connection, "INSERT INTO boot (device, epoch, high, heard_at) VALUES (?1, ?2, 0, ?3)")
    raiseHigh = try Statement(connection, "UPDATE boot SET high = max(high, ?1) WHERE id = ?2")
    putClock = try Statement(connection, "UPDATE boot SET clock_offset = ?1 WHERE id = ?2")
    listGaps = try Statement(
      connection,
      "SELECT first, last, abandoned_at IS NOT NULL FROM gap WHERE boot = ?1 ORDER BY first DESC LIMIT ?2")
    findGap = try Statement(
      connection,
      """
      SELECT first, last, abandoned_at IS NOT NULL FROM gap
      WHERE boot = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1
      """)
    putGap = try Statement(
      connection,
      """
      INSERT INTO gap (boot, first, last, noticed_at, abandoned_at, device)
      VALUES (?1, ?2, ?3, coalesce((
          SELECT CASE WHEN last >= ?2 THEN noticed_at END FROM gap
          WHERE boot = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1), ?4), ?5, ?6)
      ON CONFLICT (boot, first) DO UPDATE SET last = excluded.last, abandoned_at = excluded.abandoned_at
      """)
    dropGap = try Statement(connection, "DELETE FROM gap WHERE boot = ?1 AND first = ?2")
    abandonEarlier = try Statement(
      connection,
      """
      UPDATE gap SET abandoned_at = ?1
      WHERE abandoned_at IS NULL AND device = ?2 AND boot < ?3 AND boot <> ?4
      """)
    abandonAll = try Statement(
      connection,
      "UPDATE gap SET abandoned_at = ?1 WHERE boot = ?2 AND last < ?3 AND abandoned_at IS NULL")
    listOpen = try Statement(
      connection,
      "SELECT first, last, 0 FROM gap WHERE boot = ?1 AND abandoned_at IS NULL ORDER BY first LIMIT ?2")
    findIndexed = try Statement(
      connection,
      """
      SELECT segment, offsets FROM segment CROSS JOIN frame_index ON segment = segment.id AND boot = ?1
      WHERE first_seq <= ?2 AND last_seq >= ?2 ORDER BY segment.id DESC
      """)
    readFrame = try Statement(connection, "SELECT seq, digest FROM reading WHERE id = ?1 AND boot = ?2")
    findQuarantined = try Statement(
      connection,
      "SELECT digest FROM quarantine WHERE boot = ?1 AND seq = ?2 AND reason <> 'conflict' AND state <> 'replayed' AND digest IS NOT NULL")
    insertQuarantine = try Statement(
      connection,
      """
      INSERT OR IGNORE INTO quarantine
        (received_at, topic, device, boot, seq, digest, reason, reading, bytes, once, sealed, key, arrived_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
      """)
    releaseHeld = try Statement(
      connection,
      "UPDATE quarantine SET state = 'replayed', sealed = NULL, changed_at = ?2 WHERE id = ?1 AND state = 'held'")
    countRejection = try Statement(
      connection,
      """
      INSERT INTO rejection (reason, count) VALUES (?1, ?2)
      ON CONFLICT (reason) DO UPDATE SET count = count + excluded.count
      """)
    sampleRejection = try Statement(
      connection,
      "INSERT INTO rejection_sample (received_at, reason, topic, bytes, head) VALUES (?1, ?2, ?3, ?4, ?5)")
    trimSamples = try Statement(
      connection,
      "DELETE FROM rejection_sample WHERE id <= (SELECT max(id) FROM rejection_sample) - 1000")
    insertWaiting = try Statement(
      connection,
      """
      INSERT OR IGNORE INTO waiting (device, epoch, seq, digest, arrived_at, topic, sealed, key, received_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      """)
    countWaiting = try Statement(connection, "SELECT device, count(*) FROM waiting GROUP BY device")
    readWaiting = try Statement(
      connection,
      "SELECT id, arrived_at, received_at, key, topic, sealed FROM waiting WHERE device = ?1 ORDER BY id LIMIT ?2")
    dropWaiting = try Statement(connection, "DELETE FROM waiting WHERE id = ?1")
    insertBatch = try Statement(
      connection,
      """
      INSERT INTO batch (id, committed_at, received, stored, duplicate, quarantined, rejected, last_row)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
      """)
    putPresence = try Statement(
      connection,
      "UPDATE device SET online = ?2, presence_at = ?3 WHERE id = ?1 AND (?4 = 0 OR online IS NOT ?2)")
  }

  // MARK: Boots

  /// `clockOffset`: 0 where none is kept.
  public func boot(
    device: Int64, epoch: UInt32
  ) throws(LogError) -> (id: Int64, high: UInt32, clockOffset: Int64)? {
    findBoot.bind(1, device)
    findBoot.bind(2, Int64(epoch))
    guard try findBoot.next("looking up a boot") else { return nil }
    defer { findBoot.reset() }
    return (findBoot.integer(0), UInt32(truncatingIfNeeded: findBoot.integer(1)), findBoot.integer(2))
  }

  public func addBoot(device: Int64, epoch: UInt32, at now: Int64) throws(LogError) -> Int64 {
    insertBoot.bind(1, device)
    insertBoot.bind(2, Int64(epoch))
    insertBoot.bind(3, now)
    try insertBoot.run("adding a boot")
    return sqlite3_last_insert_rowid(connection)
  }

  /// For a high that no row shows: seqs that were abandoned or quarantined.
  public func raise(boot: Int64, high: UInt32) throws(LogError) {
    raiseHigh.bind(1, Int64(high))
    raiseHigh.bind(2, boot)
    try raiseHigh.run("raising a boot's high")
  }

  /// Keeps what is to be added to the times of a boot, milliseconds; 0: nothing any more.
  public func keepClock(boot: Int64, offset: Int64) throws(LogError) {
    if offset == 0 { putClock.bindNull(1) } else { putClock.bind(1, offset) }
    putClock.bind(2, boot)
    try putClock.run("keeping a clock's offset")
  }

  // MARK: Gaps

  public struct Gap {
    public var first: UInt32
    public var last: UInt32
    public var abandoned: Bool

    public init(first: UInt32, last: UInt32, abandoned: Bool) {
      self.first = first
      self.last = last
      self.abandoned = abandoned
    }
  }

  private func gap(_ statement: borrowing Statement) -> Gap {
    Gap(
      first: UInt32(truncatingIfNeeded: statement.integer(0)),
      last: UInt32(truncatingIfNeeded: statement.integer(1)), abandoned: statement.integer(2) != 0)
  }

  /// The newest gaps of a boot, highest first.
  public func gaps(boot: Int64, limit: Int) throws(LogError) -> [Gap] {
    listGaps.bind(1, boot)
    listGaps.bind(2, Int64(limit))
    var gaps: [Gap] = []
    while try listGaps.next("listing gaps") { gaps.append(gap(listGaps)) }
    return gaps
  }

  /// The gap that `seq` lies in.
  public func gap(boot: Int64, holding seq: UInt32) throws(LogError) -> Gap? {
    findGap.bind(1, boot)
    findGap.bind(2, Int64(seq))
    guard try findGap.next("looking up a gap") else { return nil }
    defer { findGap.reset() }
    let found = gap(findGap)
    return found.last >= seq ? found : nil
  }

  /// Writes a gap, or what remains of one. A piece of a gap that still stands takes over when that was noticed, so the
  /// upper pieces come first.
  public func put(_ gap: Gap, boot: Int64, device: Int64, at now: Int64) throws(LogError) {
    putGap.bind(6, device)
    putGap.bind(1, boot)
    putGap.bind(2, Int64(gap.first))
    putGap.bind(3, Int64(gap.last))
    putGap.bind(4, now)
    if gap.abandoned { putGap.bind(5, now) } else { putGap.bindNull(5) }
    try putGap.run("noting a gap")
  }

  public func drop(gapAt first: UInt32, boot: Int64) throws(LogError) {
    dropGap.bind(1, boot)
    dropGap.bind(2, Int64(first))
    try dropGap.run("closing a gap")
  }

  /// Marks the gaps of a boot that end below `seq` abandoned.
  public func abandonGaps(boot: Int64, below seq: UInt32 = .max, at now: Int64) throws(LogError) {
    abandonAll.bind(1, now)
    abandonAll.bind(2, boot)
    abandonAll.bind(3, Int64(seq))
    try abandonAll.run("abandoning gaps")
  }

  /// Marks all gaps of a device's boots first heard before `boot` abandoned, except those of `current`.
  public func abandonGaps(
    device: Int64, before boot: Int64, except current: Int64, at now: Int64
  ) throws(LogError) {
    abandonEarlier.bind(1, now)
    abandonEarlier.bind(2, device)
    abandonEarlier.bind(3, boot)
    abandonEarlier.bind(4, current)
    try abandonEarlier.run("abandoning gaps")
  }

  /// The lowest gaps of a boot that the device may still fill.
  public func openGaps(boot: Int64, limit: Int) throws(LogError) -> [Gap] {
    listOpen.bind(1, boot)
    listOpen.bind(2, Int64(limit))
    var gaps: [Gap] = []
    while try listOpen.next("listing open gaps") { gaps.append(gap(listOpen)) }
    return gaps
  }

  // MARK: Old frames

  func digest(boot: Int64, seq: UInt32) throws(LogError) -> UInt64? {
    findQuarantined.bind(1, boot)
    findQuarantined.bind(2, Int64(seq))
    if try findQuarantined.next("looking up a quarantined frame") {
      defer { findQuarantined.reset() }
      return UInt64(bitPattern: findQuarantined.integer(0))
    }
    findIndexed.bind(1, boot)
    findIndexed.bind(2, Int64(seq))
    var found: UInt64?
    while found == nil, try findIndexed.next("looking up the frame index") {
      let segment = findIndexed.integer(0)
      found = try search(findIndexed.blob(1), segment: segment, boot: boot, seq: seq)
    }
    findIndexed.reset()
    return found
  }

  /// Binary search over the rows of one boot in one segment.
  private func search(
    _ offsets: UnsafeRawBufferPointer, segment: Int64, boot: Int64, seq: UInt32
  ) throws(LogError) -> UInt64? {
    var low = 0
    var high = offsets.count / 3
    while low < high {
      let middle = (low + high) / 2
      let at = middle * 3
      let row =
        segment + Int64(offsets[at]) + Int64(offsets[at + 1]) << 8 + Int64(offsets[at + 2]) << 16
      readFrame.bind(1, row)
      readFrame.bind(2, boot)
      guard try readFrame.next("reading an old frame") else { return nil }
      let found = readFrame.integer(0)
      let digest = UInt64(bitPattern: readFrame.integer(1))
      readFrame.reset()
      if found == Int64(seq) { return digest }
      if found < Int64(seq) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  // MARK: Quarantine and rejections

  /// false: a copy of it is held already.
  public func quarantine(_ message: QuarantinedMessage) throws(LogError) -> Bool {
    insertQuarantine.bind(1, message.receivedTime)
    insertQuarantine.bindText(2, message.topic)
    insertQuarantine.bind(3, message.device)
    if let frame = message.frame {
      insertQuarantine.bind(4, frame.boot)
      insertQuarantine.bind(5, Int64(frame.seq))
      insertQuarantine.bind(6, Int64(bitPattern: frame.digest))
    } else {
      for index in Int32(4)...6 { insertQuarantine.bindNull(index) }
    }
    insertQuarantine.bindText(7, message.reason.description)
    insertQuarantine.bind(8, Int64(message.reading))
    insertQuarantine.bind(9, Int64(message.bytes))
    insertQuarantine.bindBlob(10, copying: message.once)
    insertQuarantine.bindBlob(11, copying: message.sealed)
    insertQuarantine.bind(12, message.key)
    insertQuarantine.bind(13, message.arrivedTime)
    try insertQuarantine.run("quarantining a message")
    return sqlite3_changes(connection) == 1
  }

  /// A held message moves to another outcome; false: it is held no more.
  public func release(held id: Int64, at now: Int64) throws(LogError) -> Bool {
    releaseHeld.bind(1, id)
    releaseHeld.bind(2, now)
    try releaseHeld.run("releasing a held message")
    return sqlite3_changes(connection) == 1
  }

  public func reject(_ reason: RejectionReason, count: Int64) throws(LogError) {
    countRejection.bindText(1, reason.description)
    countRejection.bind(2, count)
    try countRejection.run("counting a rejection")
  }

  public func sample(
    _ reason: RejectionReason, topic: String, head: [UInt8], bytes: Int, at now: Int64
  ) throws(LogError) {
    sampleRejection.bind(1, now)
    sampleRejection.bindText(2, reason.description)
    sampleRejection.bindText(3, topic)
    sampleRejection.bind(4, Int64(bytes))
    sampleRejection.bindBlob(5, copying: head)
    try sampleRejection.run("sampling a rejection")
    try trimSamples.run("trimming samples")
  }

  // MARK: Frames over their device's rate

  /// false: the same frame waits already.
  public func wait(_ message: WaitingMessage) throws(LogError) -> Bool {
    insertWaiting.bind(1, message.device)
    insertWaiting.bind(2, Int64(message.epoch))
    insertWaiting.bind(3, Int64(message.seq))
    insertWaiting.bind(4, Int64(bitPattern: message.digest))
    insertWaiting.bind(5, message.arrivedTime)
    insertWaiting.bindText(6, message.topic)
    insertWaiting.bindBlob(7, copying: message.sealed)
    insertWaiting.bind(8, message.key)
    insertWaiting.bind(9, message.receivedTime)
    try insertWaiting.run("keeping a frame over its device's rate")
    return sqlite3_changes(connection) == 1
  }

  /// How many messages of each device wait.
  public func waitingCounts() throws(LogError) -> [Int64: Int] {
    var counts: [Int64: Int] = [:]
    while try countWaiting.next("counting waiting frames") {
      counts[countWaiting.integer(0)] = Int(countWaiting.integer(1))
    }
    return counts
  }

  /// The oldest waiting messages of a device.
  public func waiting(device: Int64, limit: Int) throws(LogError) -> [(id: Int64, message: WaitingMessage)] {
    readWaiting.bind(1, device)
    readWaiting.bind(2, Int64(limit))
    var messages: [(id: Int64, message: WaitingMessage)] = []
    while try readWaiting.next("reading waiting frames") {
      messages.append(
        (
          readWaiting.integer(0),
          WaitingMessage(
            device: device, epoch: 0, seq: 0, digest: 0, key: readWaiting.integer(3),
            arrivedTime: readWaiting.integer(1), receivedTime: readWaiting.integer(2),
            topic: String(decoding: readWaiting.blob(4), as: UTF8.self), sealed: Array(readWaiting.blob(5)))
        ))
    }
    return messages
  }

  public func drop(waiting id: Int64) throws(LogError) {
    dropWaiting.bind(1, id)
    try dropWaiting.run("admitting a waiting frame")
  }

  // MARK: Ledger and presence

  func writeLedger(_ ledger: Ledger, id: Int64, lastRow: Int64, at now: Int64) throws(LogError) {
    insertBatch.bind(1, id)
    insertBatch.bind(2, now)
    insertBatch.bind(3, ledger.received)
    insertBatch.bind(4, ledger.stored)
    insertBatch.bind(5, ledger.duplicate)
    insertBatch.bind(6, ledger.quarantined)
    insertBatch.bind(7, ledger.rejected)
    insertBatch.bind(8, lastRow)
    try insertBatch.run("writing the ledger")
  }

  /// `isRepeated`: it may have been noted before, and then keeps its time.
  public func presence(device: Int64, online: Bool, isRepeated: Bool, at now: Int64) throws(LogError) {
    putPresence.bind(1, device)
    putPresence.bind(2, online ? 1 : 0)
    putPresence.bind(3, now)
    putPresence.bind(4, isRepeated ? 1 : 0)
    try putPresence.run("noting presence")
  }
}

/// A message to be quarantined, sealed already.
public struct QuarantinedMessage {
  public var topic: String
  public var device: Int64
  public var frame: (boot: Int64, seq: UInt32, digest: UInt64)?
  public var reason: QuarantineReason
  public var reading: Int
  public var receivedTime: Int64
  /// The wait at the broker taken off.
  public var arrivedTime: Int64
  /// The key that verified it; 0: none.
  public var key: Int64
  public var bytes: Int
  /// What a copy of the message shares with it.
  public var once: [UInt8]
  public var sealed: [UInt8]

  public init(
    topic: String, device: Int64, frame: (boot: Int64, seq: UInt32, digest: UInt64)?,
    reason: QuarantineReason, reading: Int, receivedTime: Int64, arrivedTime: Int64, key: Int64, bytes: Int,
    once: [UInt8], sealed: [UInt8]
  ) {
    self.topic = topic
    self.device = device
    self.frame = frame
    self.reason = reason
    self.reading = reading
    self.receivedTime = receivedTime
    self.arrivedTime = arrivedTime
    self.key = key
    self.bytes = bytes
    self.once = once
    self.sealed = sealed
  }
}

/// An authenticated message over its device's rate, sealed already.
public struct WaitingMessage {
  public var device: Int64
  public var epoch: UInt32
  public var seq: UInt32
  public var digest: UInt64
  /// The key that verified it; 0: none.
  public var key: Int64
  /// The wait at the broker taken off.
  public var arrivedTime: Int64
  public var receivedTime: Int64
  public var topic: String
  public var sealed: [UInt8]

  public init(
    device: Int64, epoch: UInt32, seq: UInt32, digest: UInt64, key: Int64, arrivedTime: Int64, receivedTime: Int64,
    topic: String, sealed: [UInt8]
  ) {
    self.device = device
    self.epoch = epoch
    self.seq = seq
    self.digest = digest
    self.key = key
    self.arrivedTime = arrivedTime
    self.receivedTime = receivedTime
    self.topic = topic
    self.sealed = sealed
  }
}
