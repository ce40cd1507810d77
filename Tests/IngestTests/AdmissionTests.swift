import Foundation
import GRDB
import Testing

@testable import DeviceProtocol
@testable import Ingest
@testable import ReadingLog

@Suite struct AdmissionTests {
  // MARK: The four outcomes

  @Test func aFrameIsStoredOnceAndItsCopiesAreDuplicates() throws {
    let site = try Site()
    for device in [0, 4] {
      #expect(try site.send(device, Frame(1)) == .stored)
      #expect(try site.send(device, Frame(1)) == .duplicate)
      // A copy changes `sent` and `oldest`.
      #expect(try site.send(device, Frame(1, sent: Site.start + 10_000, oldest: (7, 1))) == .duplicate)
    }
    // Copies within one batch, too.
    for _ in 0..<3 { site.take(1, Frame(5)) }
    let ledger = try site.commit()
    #expect(ledger.stored == 1 && ledger.duplicate == 2)
    try site.restart()
    #expect(try site.send(0, Frame(1)) == .duplicate)
    #expect(try site.send(4, Frame(1)) == .duplicate)
    #expect(try site.readings().count == 3)
    try site.expectBalance()
  }

  @Test func otherReadingsUnderASeqAreAConflictAndConsumeNothing() throws {
    let site = try Site()
    let other = Frame(1, readings: [Frame.response(2)])
    #expect(try site.send(0, Frame(1)) == .stored)
    #expect(try site.send(0, other) == .quarantined)
    #expect(try site.send(0, other) == .duplicate)
    #expect(try site.send(0, Frame(1)) == .duplicate)
    #expect(try site.send(0, Frame(1, readings: [Frame.response(3)])) == .quarantined)
    try site.restart()
    #expect(try site.send(0, other) == .duplicate)
    #expect(try site.send(0, Frame(2)) == .stored)
    #expect(try site.store.quarantine().map(\.reason) == ["conflict", "conflict"])
    #expect(try site.gaps().isEmpty)
    #expect(try site.readings().map(\.item) == [1, 1])
    try site.expectBalance()
  }

  /// Retention removes rows and leaves their seqs used, so a device that counts its epochs anew sends other frames
  /// under them.
  @Test func aFrameThatNothingCanBeComparedWithIsKept() throws {
    let site = try Site(segmentRows: 4)
    for seq in UInt32(1)...4 { #expect(try site.send(0, Frame(seq)) == .stored) }
    #expect(try site.store.retain(before: .max, quarantineBefore: 0) == 4)
    site.answers = []
    site.now += 1_000
    let other = Frame(1, readings: [Frame.response(99)])
    #expect(try site.send(0, other) == .quarantined)
    // It is receipted, so that its device ends.
    #expect(site.answers.last?.through == 4)
    #expect(try site.send(0, other) == .duplicate)
    // A copy that comes very late cannot be told from it.
    #expect(try site.send(0, Frame(2)) == .quarantined)
    #expect(try site.send(0, Frame(2)) == .duplicate)
    #expect(try site.send(0, Frame(3, readings: [Frame.faulty(1)])) == .quarantined)
    let held = try site.store.quarantine()
    #expect(held.map(\.reason) == ["conflict", "conflict", "conflict"])
    // Nor by a replay, which leaves the content where it is.
    let replayed = site.intake.replay(held.map(\.id), now: site.now)
    #expect(replayed.map(\.outcome) == ["quarantined", "quarantined", "quarantined"])
    #expect(try site.scalar("SELECT count(*) FROM quarantine WHERE state = 'held' AND sealed IS NOT NULL") == 3)
    #expect(try site.send(0, Frame(5)) == .stored)
    #expect(try site.readings().map(\.seq) == [5])
    try site.expectBalance()
  }

  @Test func aFaultyFrameConsumesItsSeqAndItsCopiesAreDuplicates() throws {
    let site = try Site()
    let faulty = Frame(2, readings: [Frame.response(1), Frame.faulty(1)])
    #expect(try site.send(0, Frame(1)) == .stored)
    #expect(try site.send(0, faulty) == .quarantined)
    site.answers = []
    site.now += 1_000
    var copy = faulty
    copy.sent += 10_000
    copy.oldest = (7, 1)
    #expect(try site.send(0, copy) == .duplicate)
    let answer = try site.answer()
    #expect(answer.through == 2 && answer.missing.isEmpty)
    // A good frame under its seq is another frame.
    #expect(try site.send(0, Frame(2)) == .quarantined)
    #expect(try site.store.quarantine().map(\.reason) == ["unknown_kind", "conflict"])
    #expect(try site.store.quarantine().map(\.reading) == [1, -1])
    try site.restart()
    #expect(try site.send(0, copy) == .duplicate)
    #expect(try site.send(0, Frame(3)) == .stored)
    site.answers = []
    site.now += 1_000
    #expect(try site.send(0, Frame(3)) == .duplicate)
    #expect(try site.answer().through == 3)
    try site.expectBalance()
  }

  /// The version and the clock stand before the readings, yet copies are known by the readings alone.
  @Test func copiesOfAFrameOfAnotherVersionAreDuplicates() throws {
    let site = try Site()
    for (seq, version, clock) in [(UInt32(1), UInt64(2), UInt64(2)), (2, 1, 9)] {
      var frame = Frame(seq, clock: clock)
      frame.version = version
      #expect(try site.send(0, frame) == .quarantined)
      frame.sent += 10_000
      #expect(try site.send(0, frame) == .duplicate)
    }
    var twin = Frame(1)
    twin.version = 2
    #expect(try site.send(4, twin) == .quarantined)
    twin.sent += 10_000
    twin.oldest = (7, 1)
    #expect(try site.send(4, twin) == .duplicate)
    try site.expectBalance()
  }

  @Test func aMessageWithoutAReadableHeadIsQuarantinedOnceAndConsumesNothing() throws {
    let site = try Site()
    let headless = site.message(0, [0x80])
    #expect(try site.send(Site.topic(0), headless) == .quarantined)
    #expect(try site.send(Site.topic(0), headless) == .duplicate)
    #expect(try site.send(Site.topic(0), site.message(0, [0x81, 0x01])) == .quarantined)
    #expect(site.answers.isEmpty)
    #expect(try site.scalar("SELECT count(*) FROM boot") == 0)
    try site.restart()
    #expect(try site.send(Site.topic(0), headless) == .duplicate)
    #expect(try site.send(Site.topic(4), Array("{".utf8)) == .quarantined)
    #expect(try site.send(Site.topic(4), Array("{".utf8)) == .duplicate)
    #expect(try site.store.quarantine().count == 3)
    try site.expectBalance()
  }

  @Test func whatIsQuarantinedIsKeptWholeAndSealed() throws {
    let site = try Site()
    let message = site.message(0, Frame(1, readings: [Frame.checkin(at: Site.start), Frame.faulty(1)]).payload)
    #expect(try site.send(Site.topic(0), message) == .quarantined)
    let held = try #require(try site.store.quarantine().first)
    #expect(held.topic == Site.topic(0) && held.bytes == Int64(message.count) && held.receivedTime == site.now)
    #expect(held.epoch == 7 && held.seq == 1 && held.reading == 1)
    #expect(
      try site.store.content(ofHeld: held.id, box: SecretBox(Site.masterKey, purpose: "quarantine v1")) == message)
    let card: [UInt8] = [4, 0xa1, 0xb2, 0xc3]
    let sealed = try site.store.pool.read { try Data.fetchOne($0, sql: "SELECT sealed FROM quarantine") ?? Data() }
    #expect(!sealed.isEmpty && sealed.range(of: Data(card)) == nil)
  }

  @Test func aCardIsStoredAsItsSubject() throws {
    let site = try Site()
    #expect(try site.send(0, Frame(1, readings: [Frame.checkin(at: Site.start)])) == .stored)
    let token = [UInt8]([4, 0xa1, 0xb2, 0xc3]).withUnsafeBytes { site.intake.subjects.token($0) }
    #expect(try site.readings().first?.token == withUnsafeBytes(of: token) { Array($0) })
  }

  // MARK: Gaps and receipts

  @Test func aReceiptTellsWhatIsMissing() throws {
    let site = try Site()
    func answer(_ seqs: [UInt32]) throws -> Answer {
      site.now += 1_000
      for seq in seqs { site.take(0, Frame(seq, sent: Site.start + Int64(seq))) }
      try site.commit()
      return try site.answer()
    }
    func expect(_ answer: Answer, _ through: UInt32, _ missing: [[UInt32]], echo: UInt32) {
      #expect(answer.through == through && answer.missing == missing)
      #expect(answer.echo == (echo == 0 ? 0 : Site.start + Int64(echo)))
      #expect(answer.now == site.now && answer.epoch == 7)
    }
    // The first frame heard lies behind a gap: nothing is covered, so there is no echo.
    expect(try answer([4]), 0, [[1, 3]], echo: 0)
    expect(try answer([2]), 0, [[1, 1], [3, 3]], echo: 0)
    expect(try answer([1]), 2, [[3, 3]], echo: 1)
    expect(try answer([6, 9]), 2, [[3, 3], [5, 5], [7, 8]], echo: 1)
    expect(try answer([3]), 4, [[5, 5], [7, 8]], echo: 3)
    expect(try answer([8, 7, 5]), 9, [], echo: 5)
    expect(try answer([10, 11]), 11, [], echo: 11)
    #expect(try site.gaps().isEmpty)
  }

  @Test func aReceiptNamesSixteenRangesAtMost() throws {
    let site = try Site()
    for seq in stride(from: UInt32(2), through: 80, by: 2) { site.take(0, Frame(seq)) }
    try site.commit()
    let answer = try site.answer()
    #expect(answer.through == 0)
    #expect(answer.missing == stride(from: UInt32(1), to: 32, by: 2).map { [$0, $0] })
  }

  @Test func afterARestartAReceiptHasNoEchoUntilAFrameComes() throws {
    let site = try Site()
    _ = try site.send(0, Frame(1))
    try site.restart()
    site.answers = []
    site.now += 1_000
    // A conflict is answered, and covers nothing new.
    #expect(try site.send(0, Frame(1, sent: Site.start + 5, readings: [Frame.response(9)])) == .quarantined)
    let answer = try site.answer()
    #expect(answer.through == 1 && answer.echo == 0)
    site.now += 1_000
    #expect(try site.send(0, Frame(1, sent: Site.start + 6)) == .duplicate)
    #expect(try site.answer().echo == Site.start + 6)
  }

  @Test func aLateCopyOfAnOlderFrameDoesNotChangeTheEcho() throws {
    let site = try Site()
    for seq in UInt32(1)...3 { _ = try site.send(0, Frame(seq, sent: Site.start + Int64(seq))) }
    site.answers = []
    site.now += 1_000
    #expect(try site.send(0, Frame(1, sent: Site.start)) == .duplicate)
    let answer = try site.answer()
    #expect(answer.through == 3 && answer.echo == Site.start + 3)
    // By seq: the clock may have been set back since.
    site.now += 1_000
    #expect(try site.send(0, Frame(3, sent: Site.start - 50)) == .duplicate)
    #expect(try site.answer().echo == Site.start - 50)
    site.now += 1_000
    #expect(try site.send(0, Frame(4, sent: Site.start - 40)) == .stored)
    #expect(try site.answer().echo == Site.start - 40)
  }

  @Test func aSeqBelowTheRememberedWindowIsNewExactlyIfTheGapLedgerListsIt() throws {
    for isRestarted in [false, true] {
      let site = try Site()
      // 600 gaps of two, more than memory keeps.
      for seq in stride(from: UInt32(3), through: 1_800, by: 3) { site.take(0, Frame(seq)) }
      try site.commit()
      if isRestarted { try site.restart() }
      var filled: Set<UInt32> = []
      var random = SeededGenerator()
      for _ in 0..<400 {
        let seq = UInt32.random(in: 1...1_800, using: &random)
        let isKnown = seq.isMultiple(of: 3) || !filled.insert(seq).inserted
        #expect(try site.send(0, Frame(seq)) == (isKnown ? .duplicate : .stored), "\(seq)")
      }
      site.answers = []
      site.now += 2_000
      _ = try site.send(0, Frame(3))
      let open = (UInt32(1)...1_800).filter { !$0.isMultiple(of: 3) && !filled.contains($0) }
      #expect(try site.answer().through == open[0] - 1)
      #expect(try site.scalar("SELECT sum(last - first + 1) FROM gap") == Int64(open.count))
      #expect(try site.readings().count == 600 + filled.count)
      try site.expectBalance()
    }
  }

  // MARK: Oldest

  @Test func aGapBelowOldestIsAbandonedAndThroughPassesIt() throws {
    let site = try Site()
    for seq: UInt32 in [1, 5, 9] { _ = try site.send(0, Frame(seq)) }
    site.answers = []
    site.now += 1_000
    _ = try site.send(0, Frame(10, oldest: (7, 7)))
    let answer = try site.answer()
    #expect(answer.through == 6 && answer.missing == [[7, 8]])
    #expect(try site.gaps() == ["2-4a", "6-6a", "7-8"])
    // Repeating it changes nothing; a lower one neither.
    _ = try site.send(0, Frame(11, oldest: (7, 7)))
    _ = try site.send(0, Frame(12, oldest: (7, 2)))
    #expect(try site.gaps() == ["2-4a", "6-6a", "7-8"])
    // Such a frame arriving after all is stored.
    #expect(try site.send(0, Frame(3)) == .stored)
    #expect(try site.gaps() == ["2-2a", "4-4a", "6-6a", "7-8"])
    #expect(try site.send(0, Frame(3)) == .duplicate)
    try site.restart()
    #expect(try site.send(0, Frame(4)) == .stored)
    #expect(try site.send(0, Frame(4)) == .duplicate)
    #expect(try site.gaps() == ["2-2a", "6-6a", "7-8"])
    try site.expectBalance()
  }

  @Test func whatRemainsOfAGapWasNoticedWhenTheGapWas() throws {
    let site = try Site()
    _ = try site.send(0, Frame(10))
    let noticed = site.now
    site.now += 5_000
    _ = try site.send(0, Frame(5))
    _ = try site.send(0, Frame(11, oldest: (7, 3)))
    _ = try site.send(0, Frame(1))
    #expect(try site.gaps() == ["2-2a", "3-4", "6-9"])
    #expect(try site.store.gaps(all: true).map(\.noticedTime) == [noticed, noticed, noticed])
    _ = try site.send(0, Frame(20))
    #expect(try site.store.gaps(all: true).map(\.noticedTime) == [noticed, noticed, noticed, site.now])
  }

  @Test func oldestMayLieAheadOfAllThatWasHeard() throws {
    let site = try Site()
    _ = try site.send(0, Frame(2))
    site.answers = []
    site.now += 1_000
    _ = try site.send(0, Frame(50, oldest: (7, 40)))
    let answer = try site.answer()
    #expect(answer.through == 39 && answer.missing == [[40, 49]])
    try site.restart()
    #expect(try site.send(0, Frame(41)) == .stored)
    #expect(try site.send(0, Frame(20)) == .stored)
    #expect(try site.send(0, Frame(20)) == .duplicate)
    try site.expectBalance()
  }

  @Test func oldestInALaterBootAbandonsTheEarlierBootsGaps() throws {
    let site = try Site()
    _ = try site.send(0, Frame(epoch: 30, 5))
    _ = try site.send(0, Frame(epoch: 20, 5))
    _ = try site.send(1, Frame(epoch: 30, 5))
    // Epochs are ordered as first heard: 30, 20, 25.
    _ = try site.send(0, Frame(epoch: 25, 4, oldest: (20, 3)))
    #expect(try site.gaps(0, epoch: 30) == ["1-4a"])
    #expect(try site.gaps(0, epoch: 20) == ["1-2a", "3-4"])
    #expect(try site.gaps(0, epoch: 25) == ["1-3"])
    // Another device's are its own.
    #expect(try site.gaps(1, epoch: 30) == ["1-4"])
    _ = try site.send(0, Frame(epoch: 25, 5, oldest: (25, 1)))
    #expect(try site.gaps(0, epoch: 20) == ["1-2a", "3-4a"])
    #expect(try site.gaps(0, epoch: 25) == ["1-3"])
  }

  @Test func oldestMayNameABootNeverHeard() throws {
    let site = try Site()
    _ = try site.send(0, Frame(epoch: 1, 3))
    _ = try site.send(0, Frame(epoch: 3, 2, oldest: (2, 10)))
    #expect(try site.gaps(0, epoch: 1) == ["1-2a"])
    #expect(try site.gaps(0, epoch: 2) == ["1-9a"])
    #expect(try site.gaps(0, epoch: 3) == ["1-1"])
    #expect(try site.send(0, Frame(epoch: 2, 10)) == .stored)
    #expect(try site.send(0, Frame(epoch: 2, 4)) == .stored)
    #expect(try site.gaps(0, epoch: 2) == ["1-3a", "5-9a"])
  }

  /// Whatever the order in which two boots were first heard, a device holds frames of the one it sends in.
  @Test func oldestNeverAbandonsWhatItsOwnBootMisses() throws {
    let site = try Site()
    _ = try site.send(0, Frame(epoch: 3, 4))
    _ = try site.send(0, Frame(epoch: 3, 6, oldest: (2, 10)))
    #expect(try site.gaps(0, epoch: 3) == ["1-3", "5-5"])
    // In a later boot, the same `oldest` speaks of it.
    _ = try site.send(0, Frame(epoch: 4, 1, oldest: (2, 10)))
    #expect(try site.gaps(0, epoch: 3) == ["1-3a", "5-5a"])
  }

  @Test func aDuplicateStillTellsItsOldest() throws {
    let site = try Site()
    _ = try site.send(0, Frame(5))
    #expect(try site.send(0, Frame(5, oldest: (7, 5))) == .duplicate)
    #expect(try site.gaps() == ["1-4a"])
  }

  /// A frame of an earlier boot may come late and leave a gap that the device's `oldest` already spoke of.
  @Test func oldestRepeatedAbandonsWhatHasAppearedBelowIt() throws {
    let site = try Site()
    _ = try site.send(0, Frame(epoch: 1, 1))
    _ = try site.send(0, Frame(epoch: 2, 1, oldest: (2, 1)))
    _ = try site.send(0, Frame(epoch: 1, 5))
    _ = try site.send(0, Frame(epoch: 2, 2, oldest: (2, 1)))
    #expect(try site.gaps(0, epoch: 1) == ["2-4a"])
  }

  /// With more gaps than memory keeps, `oldest` still speaks only of what lies below it.
  @Test(arguments: [UInt32(50), 52, 401, 1_790])
  func oldestBelowTheRememberedWindowAbandonsNothingAboveIt(_ oldest: UInt32) throws {
    for isRestarted in [false, true] {
      let site = try Site()
      // Gaps of three: 1-3, 5-7, …
      for seq in stride(from: UInt32(4), through: 2_000, by: 4) { site.take(0, Frame(seq)) }
      try site.commit()
      if isRestarted { try site.restart() }
      site.answers = []
      site.now += 1_000
      _ = try site.send(0, Frame(2_001, oldest: (7, oldest)))
      let missing = (UInt32(1)...2_000).filter { !$0.isMultiple(of: 4) }
      let open = try #require(missing.first { $0 >= oldest })
      let answer = try site.answer()
      #expect(answer.through == open - 1)
      #expect(answer.missing.first?.first == open)
      let abandoned = try site.scalar("SELECT sum(last - first + 1) FROM gap WHERE abandoned_at IS NOT NULL")
      #expect(abandoned == Int64(missing.filter { $0 < oldest }.count))
      let waited = try site.scalar("SELECT sum(last - first + 1) FROM gap WHERE abandoned_at IS NULL")
      #expect(waited == Int64(missing.filter { $0 >= oldest }.count))
      #expect(try site.send(0, Frame(open)) == .stored)
      // Abandoned, yet stored when it comes after all.
      #expect(try site.send(0, Frame(1)) == .stored)
    }
  }

  // MARK: Boots

  @Test func everyBootCountsForItself() throws {
    let site = try Site()
    for epoch in UInt32(1)...12 { #expect(try site.send(0, Frame(epoch: epoch, epoch)) == .stored) }
    for epoch in (UInt32(1)...12).reversed() {
      #expect(try site.send(0, Frame(epoch: epoch, epoch)) == .duplicate)
      if epoch > 1 { #expect(try site.send(0, Frame(epoch: epoch, epoch - 1)) == .stored) }
      #expect(try site.send(0, Frame(epoch: epoch, epoch + 1)) == .stored)
    }
    try site.restart()
    for epoch in UInt32(1)...12 {
      #expect(try site.send(0, Frame(epoch: epoch, epoch + 1)) == .duplicate)
      #expect(try site.send(0, Frame(epoch: epoch, epoch + 2)) == .stored)
    }
    try site.expectBalance()
  }

  @Test func aNewEpochWithEveryFrameIsBorne() throws {
    let site = try Site()
    for epoch in UInt32(1)...700 { site.take(0, Frame(epoch: epoch, 1)) }
    #expect(try site.commit().stored == 700)
    for epoch in UInt32(1)...700 { site.take(0, Frame(epoch: epoch, 1)) }
    #expect(try site.commit().duplicate == 700)
    try site.expectBalance()
  }

  /// `oldest` brings another boot into memory and may push out the frame's own.
  @Test func aFrameStaysWithItsBootWhateverItsOldestNames() throws {
    let site = try Site()
    for epoch in UInt32(1)...4 {
      _ = try site.send(0, Frame(epoch: epoch, 1))
      site.now += 5_000
      try site.sendDueReceipts()
    }
    #expect(try site.send(0, Frame(epoch: 1, 2, oldest: (99, 1))) == .stored)
    #expect(try site.send(0, Frame(epoch: 1, 2)) == .duplicate)
    #expect(try site.readings().map(\.epoch) == [1, 2, 3, 4, 1])
    #expect(try site.gaps(0, epoch: 99) == [])
    site.now += 5_000
    // The same for a duplicate's receipt.
    for epoch in UInt32(5)...8 {
      _ = try site.send(0, Frame(epoch: epoch, 1))
      site.now += 5_000
      try site.sendDueReceipts()
    }
    site.now += 5_000
    site.answers = []
    #expect(try site.send(0, Frame(epoch: 5, 1, oldest: (100, 1))) == .duplicate)
    #expect(try site.answer().epoch == 5)
  }

  // MARK: Failure

  @Test func aFailedCommitLeavesNothingAndTheSameFramesAreThenStoredOnce() throws {
    let site = try Site(segmentRows: 50)
    for seq in UInt32(1)...20 { site.take(0, Frame(seq)) }
    try site.commit()
    func takeAll() {
      for seq in UInt32(19)...400 where seq % 7 != 0 {
        site.take(0, Frame(seq, readings: (1...20).map { Frame.response($0) }, oldest: seq == 100 ? (7, 15) : nil))
      }
      for seq in UInt32(1)...30 { site.take(4, Frame(seq)) }
      site.take(0, Frame(402, readings: [Frame.faulty(1)]))
      site.take(Site.topic(0), [1])
    }
    let before = try site.store.audit()
    let pages = try site.store.writerPragma("page_count")
    try site.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
    for _ in 0..<2 {
      takeAll()
      #expect(throws: LogError.self) { try site.commit() }
      try site.recover()
    }
    #expect(site.answers.count == 1)
    let after = try site.store.audit()
    #expect(after.ledger == before.ledger && after.readings == before.readings && after.isBalanced)
    #expect(try site.gaps().isEmpty)
    try site.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1073741823") }
    takeAll()
    let ledger = try site.commit()
    let new = (21...400).filter { $0 % 7 != 0 }.count
    #expect(ledger.stored == Int64(new + 30) && ledger.duplicate == 0)
    // Seqs 19 and 20 were used with other readings.
    #expect(ledger.quarantined == 3 && ledger.rejected == 1)
    takeAll()
    let again = try site.commit()
    #expect(again.stored == 0 && again.quarantined == 0 && again.rejected == 1)
    try site.expectBalance()
  }

  // MARK: Time

  @Test func oneDeviceNeverMovesAnothersTime() throws {
    let site = try Site()
    let year: Int64 = 365 * 86_400_000
    func send(_ device: Int, _ seq: UInt32, ahead: Int64) throws {
      let sent = site.now + ahead
      _ = try site.send(device, Frame(seq, sent: sent, clock: 1, readings: [Frame.response(1, at: sent - 1_000)]))
    }
    for seq in UInt32(1)...10 {
      try send(0, seq, ahead: year)
      try send(1, seq, ahead: 0)
      try send(2, seq, ahead: -20 * 60_000)
      site.now += 2_000
    }
    let readings = try site.readings()
    for reading in readings {
      let isRight = reading.eventTime == reading.receivedTime - 1_000
      switch reading.device {
      case "m0": #expect(isRight && reading.quality == .corrected)
      case "m1": #expect(isRight && reading.quality == .device)
      default:
        // Believed from the eighth frame on.
        #expect(isRight == (reading.seq >= 8) && reading.quality == (reading.seq >= 8 ? .corrected : .device))
      }
    }
  }

  /// A check-in, two seconds after the last, by a clock that is so far ahead.
  private func checkIn(_ site: Site, _ seq: UInt32, epoch: UInt32 = 7, ahead: Int64) throws {
    site.now += 2_000
    let sent = site.now + ahead
    let frame = Frame(epoch: epoch, seq, sent: sent, clock: 1, readings: [Frame.checkin(at: sent - 1_000)])
    #expect(try site.send(0, frame) == .stored)
  }

  /// Whether the newest reading has the time it was taken at, and says that it was corrected.
  private func isCorrected(_ site: Site) throws -> Bool {
    let reading = try #require(try site.readings().last)
    return reading.eventTime == reading.receivedTime - 1_000 && reading.quality == .corrected
  }

  @Test func aClockAnHourSlowIsCorrectedInTheFirstFrameAfterARestart() throws {
    let site = try Site()
    let slow: Int64 = -3_600_000
    for seq in UInt32(1)...8 { try checkIn(site, seq, ahead: slow) }
    #expect(try isCorrected(site))
    try site.restart()
    try checkIn(site, 9, ahead: slow)
    #expect(try isCorrected(site))
    // Another boot has another clock, and leaves this one's alone.
    try checkIn(site, 1, epoch: 8, ahead: slow)
    #expect(try !isCorrected(site))
    try checkIn(site, 10, ahead: slow)
    #expect(try isCorrected(site))
    // A clock that was set right is believed, after a restart too.
    site.now += 60_000
    try checkIn(site, 11, ahead: 0)
    try site.restart()
    try checkIn(site, 12, ahead: slow)
    #expect(try !isCorrected(site))
    try site.expectBalance()
  }

  @Test func aFailedCommitTakesItsClockEstimateBack() throws {
    let site = try Site()
    let slow: Int64 = -3_600_000
    for seq in UInt32(1)...8 { try checkIn(site, seq, ahead: slow) }
    site.now += 60_000
    site.take(0, Frame(9, sent: site.now, clock: 1))
    let (batch, now) = (site.batch, site.now)
    #expect(throws: LogError.self) {
      try site.intake.writer.commit { (log) throws(LogError) in
        _ = try site.intake.admission.admit(batch, to: log, now: now, monotonic: now) { _, _ in }
        throw LogError.other("made to fail")
      }
    }
    try site.recover()
    #expect(try site.scalar("SELECT clock_offset FROM boot") == -slow)
    try checkIn(site, 9, ahead: slow)
    #expect(try isCorrected(site))
  }

  @Test func aClockIsWrittenOnlyWhenItsEstimateChanges() throws {
    let site = try Site()
    try site.store.pool.write { db in
      try db.execute(
        sql: """
          CREATE TABLE clock_write (value INTEGER);
          CREATE TRIGGER clock_written AFTER UPDATE OF clock_offset ON boot
          BEGIN INSERT INTO clock_write VALUES (new.clock_offset); END
          """)
    }
    var seq: UInt32 = 0
    /// How often the clock was written during some frames, which differ by a few milliseconds.
    func writes(_ frames: Int, ahead: (Int) -> Int64) throws -> Int64 {
      let before = try site.scalar("SELECT count(*) FROM clock_write")
      for number in 0..<frames {
        seq += 1
        try checkIn(site, seq, ahead: ahead(number) + Int64(number % 7))
      }
      return try site.scalar("SELECT count(*) FROM clock_write") - before
    }
    let year: Int64 = 365 * 86_400_000
    #expect(try writes(20) { _ in 0 } == 0)
    #expect(try writes(40) { _ in year } == 1)
    // It drifts within tolerance, and is set wrong in another way.
    #expect(try writes(40) { year + Int64($0) * 1_000 } == 0)
    #expect(try writes(40) { _ in year + 600_000 } == 1)
    try site.restart()
    #expect(try writes(40) { _ in year + 600_000 } == 0)
    #expect(try writes(40) { _ in 0 } == 1)
    #expect(try site.scalar("SELECT count(*) FROM boot WHERE clock_offset IS NOT NULL") == 0)
    // At the edge of tolerance, which it crosses with every frame: once a minute, and taken back as often.
    #expect(try writes(90) { $0 % 2 == 0 ? 299_900 : 300_001 } <= 8)
  }

  @Test func waitingFramesKeepTheirTimes() throws {
    let site = try Site()
    // Twenty frames that waited an hour at the broker prove nothing against their clock.
    for seq in UInt32(1)...20 {
      let sent = site.now - 3_600_000
      site.take(0, Frame(seq, sent: sent, readings: [Frame.response(1, at: sent - 500)]), expiryLeft: 2_592_000 - 3_600)
    }
    // Twenty whose broker does not tell how long, behind a backlog.
    for seq in UInt32(1)...20 {
      let sent = site.now - 3_600_000
      site.take(
        1, Frame(seq, sent: sent, readings: [Frame.response(1, at: sent - 500)]), expiryLeft: nil, caughtUp: false)
    }
    // Uptime: the wait comes off.
    site.take(
      2, Frame(1, sent: 93_000, clock: 0, readings: [Frame.response(1, at: 90_500)]), expiryLeft: 2_592_000 - 3_600)
    site.take(2, Frame(2, sent: 5, clock: 3, readings: [Frame.response(1, at: 90_500)]), expiryLeft: 2_592_000 - 3_600)
    site.take(2, Frame(3, readings: [Frame.response(1, at: site.now + 300_001)]))
    try site.commit()
    for reading in try site.readings() {
      #expect(reading.receivedTime == site.now)
      switch (reading.device, reading.seq) {
      case ("m2", 1): #expect(reading.eventTime == site.now - 3_602_500 && reading.quality == .corrected)
      case ("m2", 2): #expect(reading.eventTime == site.now - 3_600_000 && reading.quality == .arrival)
      case ("m2", 3): #expect(reading.eventTime == site.now && reading.quality == .arrival)
      default: #expect(reading.eventTime == site.now - 3_600_500 && reading.quality == .device)
      }
    }
  }
}
