import Testing

@testable import ReadingLog

@Suite struct AuditTests {
  private func filled() throws -> Log {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...5 { try log.store([.init(boot: boot, seq: seq, readings: 3)]) }
    try log.quarantine(1)
    try log.quarantine(1)
    try log.writer.commit { (appender) throws(LogError) in
      try appender.rare.reject(.authenticationFailed, count: 2)
      try appender.rare.reject(.authenticationFailed, count: 1)
      try appender.rare.reject(.notCOSE, count: 4)
      var ledger = Ledger()
      (ledger.received, ledger.rejected) = (7, 7)
      try appender.writeLedger(ledger, at: 1)
    }
    return log
  }

  @Test func whatIsThereAddsUp() throws {
    let audit = try filled().store.audit()
    #expect(audit.isBalanced)
    #expect(audit.ledger.received == 14 && audit.ledger.stored == 5 && audit.ledger.duplicate == 1)
    #expect(audit.ledger.quarantined == 1 && audit.ledger.rejected == 7)
    #expect(audit.readings == 15 && audit.framesRecounted == 5)
    #expect(audit.rejections.map(\.reason) == ["authentication_failed", "not_cose"])
    #expect(audit.rejections.map(\.count) == [3, 4])
  }

  @Test(arguments: [
    "DELETE FROM reading WHERE id = 4", "DELETE FROM quarantine", "UPDATE rejection SET count = count - 1",
    "DELETE FROM batch WHERE id = 2", "UPDATE batch SET received = received + 1 WHERE id = 1",
    "UPDATE log_state SET value = 1 WHERE name = 'removed_frames'",
  ])
  func aRowRemovedOrChangedByHandIsSeen(_ sql: String) throws {
    let log = try filled()
    try log.execute(sql)
    let audit = try log.store.audit()
    #expect(!audit.isBalanced)
    #expect(!audit.faults.isEmpty)
    try log.reopen()
    #expect(try !log.store.audit().isBalanced)
  }

  @Test func aDiscardedMessageStaysCounted() throws {
    let log = try filled()
    #expect(try log.store.discardHeld([1, 99], now: 5) == 1)
    #expect(try log.store.discardHeld([1], now: 5) == 0)
    #expect(try log.store.audit().isBalanced)
    #expect(try log.store.content(ofHeld: 1, box: SecretBox(Log.masterKey, purpose: "x")) == nil)
  }
}
