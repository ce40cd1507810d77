import Testing

@testable import ReadingLog

@Suite struct FrameIndexTests {
  /// Every digest is found wherever the frame stands: in memory, in a segment that is being closed, in the index.
  @Test func everyStoredFrameIsFoundInAnyOrderOfSeqs() throws {
    var random = SeededGenerator()
    for _ in 0..<3 {
      let log = try Log(segmentRows: Int64.random(in: 5...60, using: &random))
      var boots: [Int64] = []
      for device in Int64(1)...12 {
        for epoch in UInt32(0)..<2 { boots.append(try log.boot(device: device, epoch: epoch)) }
      }
      var stored: [Log.Frame] = []
      var isStored: Set<[Int64]> = []
      for _ in 0..<120 {
        var frames: [Log.Frame] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          let frame = Log.Frame(
            boot: boots.randomElement(using: &random)!, seq: UInt32.random(in: 1...200, using: &random),
            readings: Int.random(in: 1...4, using: &random))
          if isStored.insert([frame.boot, Int64(frame.seq)]).inserted { frames.append(frame) }
        }
        try log.store(frames)
        stored += frames
        switch Int.random(in: 0..<40, using: &random) {
        case 0: try log.reopen()
        case 1: try log.settle()
        case 2: try log.writer.recover()
        default: break
        }
        if let frame = stored.randomElement(using: &random) {
          #expect(try log.digest(frame.boot, frame.seq) == frame.digest)
        }
      }
      for isReopened in [false, true] {
        if isReopened { try log.reopen() } else { try log.settle() }
        #expect(try log.scalar("SELECT count(*) FROM segment") > 2)
        for frame in stored { #expect(try log.digest(frame.boot, frame.seq) == frame.digest) }
        for _ in 0..<300 {
          let boot = boots.randomElement(using: &random)!
          let seq = UInt32.random(in: 1...220, using: &random)
          let known = isStored.contains([boot, Int64(seq)])
          #expect((try log.digest(boot, seq) != nil) == known)
        }
      }
      #expect(try log.store.audit().isBalanced)
    }
  }

  @Test func closedSegmentsShowTheirBootsHighs() throws {
    let log = try Log(segmentRows: 10)
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...10 { try log.store([.init(boot: boot, seq: seq * 3)]) }
    try log.settle()
    #expect(try log.scalar("SELECT high FROM boot WHERE id = \(boot)") == 30)
    #expect(try log.scalar("SELECT value FROM log_state WHERE name = 'indexed_through'") == 10)
    // The rows behind the index are folded at the next start.
    try log.store([.init(boot: boot, seq: 40)])
    try log.reopen()
    #expect(log.fold.highs == [boot: 40])
  }

  @Test func aSegmentIndexedTwiceIsTheSame() throws {
    let log = try Log(segmentRows: 8)
    let boots = try (1...3).map { try log.boot(device: $0, epoch: 1) }
    for seq in UInt32(1)...4 { for boot in boots { try log.store([.init(boot: boot, seq: seq)]) } }
    try log.settle()
    // As after a crash between the index's rows and its end.
    try log.execute("UPDATE log_state SET value = 0 WHERE name = 'indexed_through'; DELETE FROM segment")
    try log.reopen()
    for seq in UInt32(5)...9 { for boot in boots { try log.store([.init(boot: boot, seq: seq)]) } }
    try log.settle()
    for boot in boots {
      for seq in UInt32(1)...9 {
        #expect(try log.digest(boot, seq) == Log.Frame(boot: boot, seq: seq).digest)
      }
    }
  }

  @Test func aQuarantinedFramesDigestOutlivesItsSegment() throws {
    let log = try Log(segmentRows: 5)
    let boot = try log.boot(device: 1, epoch: 1)
    try log.writer.commit { (appender) throws(LogError) in
      _ = try appender.rare.quarantine(
        QuarantinedMessage(
          topic: "t", device: 1, frame: (boot, 3, 77), reason: .outOfRange, reading: 0, receivedTime: 1, arrivedTime: 1,
          key: 1, bytes: 1,
          once: [1], sealed: [1]))
      appender.remember(boot: boot, seq: 3, digest: 77)
      var ledger = Ledger()
      (ledger.received, ledger.quarantined) = (1, 1)
      try appender.writeLedger(ledger, at: 1)
    }
    #expect(try log.digest(boot, 3) == 77)
    for seq in UInt32(4)...20 { try log.store([.init(boot: boot, seq: seq)]) }
    #expect(try log.digest(boot, 3) == 77)
    try log.reopen()
    #expect(try log.digest(boot, 3) == 77)
    #expect(try log.store.audit().isBalanced)
  }

  @Test func theTailGrowsAndForgetsNothing() {
    var random = SeededGenerator()
    var tail = FrameTail(capacity: 1)
    var model: [UInt64: UInt64] = [:]
    for _ in 0..<20_000 {
      let frame = FrameTail.key(
        boot: Int64.random(in: 1...50, using: &random), seq: UInt32.random(in: 1...1000, using: &random))
      let digest = random.next() >> 17
      tail.insert(frame, digest: digest, row: 1)
      model[frame] = digest
    }
    #expect(tail.count == model.count)
    for (frame, digest) in model { #expect(tail.digest(frame) == digest) }
    #expect(tail.digest(FrameTail.key(boot: 51, seq: 1)) == nil)
  }

  @Test func framesOfManyBootsInStepLieApart() {
    // As when thousands of devices start together: the same few seqs of each.
    var tail = FrameTail(capacity: 120_000)
    for seq in UInt32(1)...6 {
      for boot in Int64(1)...20_000 { tail.insert(FrameTail.key(boot: boot, seq: seq), digest: 1, row: 1) }
    }
    var longest = 0
    var run = 0
    for entry in tail.entries {
      run = entry.frame == 0 ? 0 : run + 1
      longest = max(longest, run)
    }
    #expect(longest < 100)
  }
}
