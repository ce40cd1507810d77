import ReadingLog
import Testing

@testable import Ingest

@Suite struct ReceiptScheduleTests {
  @Test func aDeviceIsAnsweredAtOnceAndThenOnceASecond() throws {
    let site = try Site()
    var times: [Int64] = []
    // A frame every 10 ms for ten seconds, each in a commit of its own.
    for seq in UInt32(1)...1_000 {
      _ = try site.send(0, Frame(seq))
      for answer in site.answers {
        times.append(answer.now - Site.start)
        #expect(answer.through == seq)
      }
      site.answers = []
      site.now += 10
    }
    #expect(times.first == 0)
    #expect(times.count >= 9 && times.count <= 11, "\(times)")
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= 1_000) }
  }

  @Test func theLastFrameIsAnsweredWithoutAnotherCommit() throws {
    let site = try Site()
    _ = try site.send(0, Frame(1))
    site.answers = []
    site.now += 300
    _ = try site.send(0, Frame(2))
    #expect(site.answers.isEmpty)
    #expect(site.schedule.wait(now: site.now) == 700)
    site.now += 699
    try site.sendDueReceipts()
    #expect(site.answers.isEmpty)
    site.now += 1
    try site.sendDueReceipts()
    #expect(try site.answer().through == 2)
    #expect(site.schedule.wait(now: site.now) == nil)
    site.now += 5_000
    try site.sendDueReceipts()
    #expect(site.answers.isEmpty)
  }

  @Test func duplicatesAreAnsweredAtOnceAtMostTenTimesASecond() throws {
    let site = try Site()
    _ = try site.send(0, Frame(1))
    site.answers = []
    site.now += 100
    #expect(try site.send(0, Frame(1)) == .duplicate)
    #expect(try site.answer().through == 1)
    var times: [Int64] = []
    for _ in 0..<200 {
      site.now += 5
      #expect(try site.send(0, Frame(1)) == .duplicate)
      times += site.answers.map(\.now)
      site.answers = []
    }
    #expect(times.count >= 9 && times.count <= 10, "\(times)")
    for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier >= 100) }
  }

  @Test func aDuplicateTooSoonAfterAReceiptIsAnsweredAllTheSame() throws {
    let site = try Site()
    _ = try site.send(0, Frame(1))
    site.answers = []
    site.now += 20
    #expect(try site.send(0, Frame(1)) == .duplicate)
    #expect(site.answers.isEmpty)
    // Others come and go meanwhile.
    _ = try site.send(1, Frame(1))
    site.answers = []
    site.now += 80
    try site.sendDueReceipts()
    #expect(try site.answer().device == 0)
  }

  @Test func aDeviceGetsOneReceiptACommit() throws {
    let site = try Site()
    for seq in UInt32(1)...20 { site.take(0, Frame(seq)) }
    site.take(0, Frame(3))
    site.take(0, Frame(epoch: 8, 1))
    for seq in UInt32(1)...5 { site.take(1, Frame(seq)) }
    try site.commit()
    #expect(site.answers.map(\.device).sorted() == [0, 1])
    #expect(site.answers.first { $0.device == 0 }?.through == 20)
    // The other boot's turn comes a second later.
    site.answers = []
    site.now += 1_000
    try site.sendDueReceipts()
    #expect(try site.answer().epoch == 8)
  }

  @Test func withoutAnIntervalThereIsStillOneReceiptADeviceAndCommit() throws {
    var limits = IntakeLimits()
    limits.receiptInterval = 0
    let site = try Site(limits)
    for seq in UInt32(1)...20 { site.take(0, Frame(seq)) }
    for seq in UInt32(1)...20 { site.take(0, Frame(seq)) }
    try site.commit()
    #expect(try site.answer().through == 20)
    site.now += 1
    try site.sendDueReceipts()
    site.answers = []
    site.now += 1
    _ = try site.send(0, Frame(21))
    #expect(try site.answer().through == 21)
  }

  @Test func everyBootWithNewsIsAnsweredWithinItsTurn() throws {
    var random = SeededGenerator()
    let site = try Site()
    var news: [[UInt32]: Int64] = [:]
    var next: [[UInt32]: UInt32] = [:]
    for _ in 0..<3_000 {
      site.now += Int64.random(in: 1...40, using: &random)
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let device = Int.random(in: 0...3, using: &random)
        let epoch = UInt32.random(in: 1...3, using: &random)
        let name = [UInt32(device), epoch]
        let isCopy = Int.random(in: 0..<5, using: &random) == 0 && next[name] != nil
        if !isCopy { next[name, default: 0] += 1 }
        site.take(device, Frame(epoch: epoch, next[name]!))
        if news[name] == nil { news[name] = site.now }
      }
      if site.batch.isEmpty { try site.sendDueReceipts() } else { try site.commit() }
      for answer in site.answers {
        let name = [UInt32(answer.device), answer.epoch]
        #expect(answer.through == next[name])
        news[name] = nil
      }
      site.answers = []
      // Three boots of a device take turns, a second each.
      for (name, since) in news { #expect(site.now - since < 8_000, "\(name) waits") }
    }
  }

  @Test func aScheduleOutlivesARecoveryBesideTheLane() throws {
    let site = try Site()
    _ = try site.send(0, Frame(1))
    site.now += 10
    _ = try site.send(0, Frame(2))
    site.answers = []
    // As when replaying from the quarantine fails.
    #expect(throws: (any Error).self) {
      try site.intake.writer.commitOrRecover { (_) throws(LogError) in throw LogError.other("made to fail") }
    }
    site.now += 2_000
    try site.sendDueReceipts()
    #expect(try site.send(0, Frame(3)) == .stored)
    #expect(site.answers.last?.through == 3)
  }

  @Test func underLoadReceiptsTakeTurnsAndNoneIsForgotten() throws {
    let admission = Admission(
      clockTolerance: 300_000, box: SecretBox(MasterKey(bytes: [UInt8](repeating: 1, count: 32)), purpose: "test"))
    let devices = 5_000
    for device in 0..<devices {
      admission.devices.append(Admission.DeviceState())
      admission.boots.append(
        Admission.BootState(id: Int64(device + 1), device: Int64(device), epoch: 1, older: -1, seqs: SeqLedger()))
    }
    var schedule = ReceiptSchedule(interval: 1_000)
    var answered: [Int32: Int64] = [:]
    // Every commit has a frame of each fifth device; what is due takes an eighth of the messages at most.
    for now in Int64(0)..<20 {
      schedule.allow(messages: devices / 5)
      for device in stride(from: Int(now % 5), to: devices, by: 5) {
        schedule.note(Int32(device), atOnce: false, in: admission, now: now)
      }
      schedule.advance(in: admission, now: now)
      let ready = schedule.takeReady()
      #expect(ready.count <= devices / 5 / 8)
      for boot in ready {
        #expect(answered.updateValue(now, forKey: boot) == nil)
        admission.boots[Int(boot)].isReceiptDue = false
      }
    }
    // Without messages the rest follows.
    var now: Int64 = 20
    while schedule.wait(now: now) == 0 {
      schedule.allow(messages: 0)
      schedule.advance(in: admission, now: now)
      for boot in schedule.takeReady() {
        answered[boot] = now
        admission.boots[Int(boot)].isReceiptDue = false
      }
      now += 1
    }
    #expect(answered.count == devices)
    #expect(now < 40)
  }
}
