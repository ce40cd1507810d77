import GRDB
import Testing

@testable import ReadingLog

@Suite struct RetentionTests {
  @Test func theAuditBalancesThroughEveryRetention() throws {
    var random = SeededGenerator()
    let log = try Log(segmentRows: 20)
    let boots = try (1...4).map { try log.boot(device: $0, epoch: 1) }
    var stored: Int64 = 0
    var quarantined: UInt8 = 0
    for round in UInt32(1)...60 {
      try log.store(
        boots.map {
          .init(boot: $0, seq: round, readings: Int.random(in: 1...3, using: &random), time: Int64(round) * 100)
        })
      stored += Int64(boots.count)
      if round % 5 == 0 {
        quarantined += 1
        try log.quarantine(quarantined, received: Int64(round) * 100)
      }
      if round % 15 == 0 {
        try log.settle()
        try log.store.retain(before: Int64(round) * 70, quarantineBefore: Int64(round) * 50)
        if round % 30 == 0 { try log.reopen() }
        let audit = try log.store.audit()
        #expect(audit.isBalanced, "\(audit.faults)")
        #expect(audit.framesRecounted + audit.framesRemoved == stored)
        #expect(audit.framesRemoved > 0 && audit.quarantineRemoved > 0)
        #expect(audit.quarantineRecounted + audit.quarantineRemoved == Int64(quarantined))
      }
    }
    // Only whole old segments go, and their index with them.
    #expect(try log.scalar("SELECT min(event_time + delay) FROM reading") >= 60 * 70 - 2_000)
    #expect(try log.scalar("SELECT count(*) FROM frame_index WHERE segment NOT IN (SELECT id FROM segment)") == 0)
    #expect(try log.scalar("SELECT count(*) FROM reading r WHERE r.id < (SELECT min(id) FROM segment)") == 0)
  }

  /// At a few readings a day a segment would take years to fill, and a site that falls silent never fills one.
  @Test func theOpenSegmentIsClosedOnceItsFirstRowIsOld() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...5 { try log.store([.init(boot: boot, seq: seq, readings: 2, time: Int64(seq) * 1_000)]) }
    try log.writer.closeSegment(receivedBefore: 1_000)
    log.writer.waitForIndex()
    #expect(try log.scalar("SELECT count(*) FROM segment") == 0)
    try log.writer.closeSegment(receivedBefore: 1_001)
    log.writer.waitForIndex()
    #expect(try log.scalar("SELECT last_row FROM segment") == 10)
    // Nothing is open now.
    try log.writer.closeSegment(receivedBefore: .max)
    try log.store([.init(boot: boot, seq: 6, time: 9_000)])
    #expect(try log.scalar("SELECT count(*) FROM segment") == 1)
    #expect(try log.store.retain(before: 5_001, quarantineBefore: 0) == 10)
    #expect(try log.scalar("SELECT min(id) FROM reading") == 11)
    try log.reopen()
    #expect(try log.digest(boot, 6) != nil)
    try log.store([.init(boot: boot, seq: 7)])
    #expect(try log.scalar("SELECT max(id) FROM reading") == 12)
    #expect(try log.store.audit().isBalanced)
  }

  @Test func aClockThatJumpsAheadIsBelievedADayARun() throws {
    let log = try Log()
    let day: Int64 = 86_400_000
    let start = 20_000 * day
    #expect(try log.store.retentionTime(now: start) == start)
    #expect(try log.store.retentionTime(now: start + 3_600_000) == start + 3_600_000)
    for run in 1...3 {
      #expect(try log.store.retentionTime(now: start + 3_650 * day) == start + 3_600_000 + Int64(run) * day)
    }
    try log.reopen()
    #expect(try log.store.retentionTime(now: start + 3_650 * day) == start + 3_600_000 + 4 * day)
    // It is right again.
    #expect(try log.store.retentionTime(now: start + 7_200_000) == start + 7_200_000)
    #expect(try log.store.retentionTime(now: start + 2 * 3_600_000) == start + 7_200_000)
  }

  @Test func aLogThatWasNeverRetainedGoesByItsNewestCommit() throws {
    let log = try Log()
    // Commits of these tests are made at 1.
    try log.store([.init(boot: try log.boot(device: 1, epoch: 1), seq: 1)])
    #expect(try log.store.retentionTime(now: 1_000 * 86_400_000) == 86_400_001)
  }

  @Test func nothingBehindACursorGoes() throws {
    let log = try Log(segmentRows: 10)
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...50 { try log.store([.init(boot: boot, seq: seq)]) }
    try log.settle()
    try log.execute("INSERT INTO cursor (name, row, moved_at) VALUES ('slow', 15, 1), ('fast', 50, 1)")
    try log.store.retain(before: .max, quarantineBefore: 0)
    #expect(try log.scalar("SELECT min(id) FROM reading") == 11)
    try log.execute("UPDATE cursor SET row = 50")
    try log.store.retain(before: .max, quarantineBefore: 0)
    #expect(try log.scalar("SELECT count(*) FROM reading") == 0)
    #expect(try log.store.audit().isBalanced)
  }

  @Test func aFrameWhoseRowsAreGoneIsNotFoundAndItsBootRemains() throws {
    let log = try Log(segmentRows: 10)
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...20 { try log.store([.init(boot: boot, seq: seq)]) }
    try log.settle()
    #expect(try log.store.retain(before: .max, quarantineBefore: 0) == 20)
    try log.reopen()
    #expect(try log.digest(boot, 5) == nil)
    let known = try log.writer.read { (appender) throws(LogError) in try appender.rare.boot(device: 1, epoch: 1) }
    #expect(known?.id == boot && known?.high == 20)
  }

  @Test func summingTheLedgerKeepsItsTotals() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...5 { try log.store([.init(boot: boot, seq: seq)]) }
    try log.quarantine(1)
    let before = try log.store.audit()
    // As if ten thousand commits had come after these.
    try log.execute(
      """
      INSERT INTO batch (id, committed_at, received, stored, duplicate, quarantined, rejected, last_row)
      VALUES (10004, 9, 1, 0, 1, 0, 0, 5)
      """)
    try log.store.sumOldBatches()
    let after = try log.store.audit()
    var wanted = before.ledger
    wanted.received += 1
    wanted.duplicate += 1
    #expect(after.ledger == wanted)
    #expect(after.commits == before.commits + 1)
    #expect(after.isBalanced, "\(after.faults)")
    #expect(try log.scalar("SELECT count(*) FROM batch") == 4)
    #expect(try log.scalar("SELECT commits FROM batch ORDER BY id LIMIT 1") == 4)
    // Nothing more to sum: nothing changes.
    try log.store.sumOldBatches()
    #expect(try log.store.audit().ledger == wanted)
    try log.reopen()
    try log.store([.init(boot: boot, seq: 6)])
    #expect(try log.scalar("SELECT max(id) FROM batch") == 10005)
    #expect(try log.store.audit().isBalanced)
  }
}
