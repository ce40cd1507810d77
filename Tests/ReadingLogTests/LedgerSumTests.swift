import Testing

@testable import ReadingLog

@Suite struct LedgerSumTests {
  private func expectTheSumOfAllRows(_ log: Log) throws {
    let audit = try log.store.audit()
    let summary = try log.store.summary()
    #expect(summary.ledger == audit.ledger && summary.commits == audit.commits)
    #expect(try log.store.totals().ledger == audit.ledger)
  }

  /// A commit so far on that those before it are old.
  private func commit(_ id: Int, _ log: Log) throws {
    try log.execute(
      """
      INSERT INTO batch (id, committed_at, received, stored, duplicate, quarantined, rejected, last_row)
      VALUES (\(id), 9, 1, 0, 1, 0, 0, 5)
      """)
  }

  @Test func aSumIsGoneOnFromWhereItEnded() throws {
    let log = try Log()
    #expect(try log.store.summary().lastCommit == nil)
    try expectTheSumOfAllRows(log)
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...5 {
      try log.store([.init(boot: boot, seq: seq)])
      try expectTheSumOfAllRows(log)
    }
    try log.quarantine(1)
    try expectTheSumOfAllRows(log)
    #expect(try log.store.summary().lastCommit == 1)
  }

  @Test func rowsThatHaveBecomeOneAreNotCountedTwice() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...5 { try log.store([.init(boot: boot, seq: seq)]) }
    try expectTheSumOfAllRows(log)
    try commit(10_004, log)
    try log.store.sumOldBatches()
    try expectTheSumOfAllRows(log)
    // What was summed last is among these.
    try commit(10_104, log)
    try commit(20_204, log)
    try log.store.sumOldBatches()
    try expectTheSumOfAllRows(log)
  }
}
