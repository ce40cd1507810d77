import Testing

@testable import Ingest
@testable import ReadingLog

/// What admission must decide, in dictionaries that forget nothing.
private struct Model {
  struct Boot {
    var order: Int
    var high: UInt32 = 0
    var contents: [UInt32: UInt32] = [:]
    var abandoned: Set<UInt32> = []

    mutating func abandon(below seq: UInt32) {
      guard high > 0 else { return }
      for gap in 1...high where gap < seq && contents[gap] == nil { abandoned.insert(gap) }
    }

    /// The open ranges, lowest first.
    var missing: [[UInt32]] {
      var ranges: [[UInt32]] = []
      guard high > 0 else { return [] }
      for seq in 1...high where contents[seq] == nil && !abandoned.contains(seq) {
        if let last = ranges.last, last[1] == seq - 1 {
          ranges[ranges.count - 1][1] = seq
        } else {
          ranges.append([seq, seq])
        }
      }
      return ranges
    }
  }

  var devices: [Int: [UInt32: Boot]] = [:]
  var kept: Set<[UInt32]> = []
  var stored: [[UInt32]] = []
  var ledger = Ledger()
  private var heard = 0

  private mutating func boot(_ device: Int, _ epoch: UInt32) -> Boot {
    if let known = devices[device]?[epoch] { return known }
    heard += 1
    return Boot(order: heard)
  }

  /// A device that sends in a boot, `own`, holds frames of it.
  private mutating func apply(_ oldest: (epoch: UInt32, seq: UInt32), _ device: Int, own: UInt32) {
    var named = boot(device, oldest.epoch)
    for (epoch, var other) in devices[device] ?? [:] where other.order < named.order && epoch != own {
      other.abandon(below: .max)
      devices[device]?[epoch] = other
    }
    if oldest.seq > 0 { named.high = max(named.high, oldest.seq - 1) }
    named.abandon(below: oldest.seq)
    devices[device, default: [:]][oldest.epoch] = named
  }

  /// `content`: below 100 good, above faulty.
  mutating func admit(
    _ device: Int, _ epoch: UInt32, _ seq: UInt32, _ content: UInt32, _ oldest: (epoch: UInt32, seq: UInt32)?
  ) {
    ledger.received += 1
    if let known = devices[device]?[epoch]?.contents[seq] {
      guard known == content else {
        if kept.insert([UInt32(device), epoch, seq, content]).inserted {
          ledger.quarantined += 1
        } else {
          ledger.duplicate += 1
        }
        return
      }
      ledger.duplicate += 1
      if let oldest, content < 100 { apply(oldest, device, own: epoch) }
      return
    }
    if let oldest, content < 100 { apply(oldest, device, own: epoch) }
    var boot = boot(device, epoch)
    boot.high = max(boot.high, seq)
    boot.contents[seq] = content
    boot.abandoned.remove(seq)
    devices[device, default: [:]][epoch] = boot
    if content < 100 {
      ledger.stored += 1
      stored.append([UInt32(device), epoch, seq, content])
    } else {
      ledger.quarantined += 1
    }
  }
}

@Suite struct RestartTests {
  /// Two sites take the same random stream; one of them is stopped, cut off in a commit, and started again all
  /// the time. Both must do what the model does, commit by commit.
  @Test(arguments: 0..<6)
  func aSiteThatIsStoppedAllTheTimeDecidesLikeOneThatNeverWas(_ round: Int) throws {
    var random = SeededGenerator()
    let steady = try Site(segmentRows: 40)
    let restless = try Site(segmentRows: 40)
    var model = Model()
    var heads: [[UInt32]: UInt32] = [:]
    // From few boots to more than memory keeps, from short runs to more gaps than memory keeps.
    let epochs = UInt32([2, 3, 9][round % 3])
    let stride = UInt32(round < 3 ? 3 : 40)
    for _ in 0..<220 {
      var frames: [(device: Int, frame: Frame, content: UInt32)] = []
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let device = Int.random(in: 0...2, using: &random)
        let epoch = UInt32.random(in: 1...epochs, using: &random)
        let head = heads[[UInt32(device), epoch]] ?? 0
        let seq: UInt32 =
          switch Int.random(in: 0..<10, using: &random) {
          case 0..<5: head + 1
          case 5, 6: head + UInt32.random(in: 2...stride, using: &random)
          default: UInt32.random(in: 1...max(1, head), using: &random)
          }
        heads[[UInt32(device), epoch]] = max(head, seq)
        // The content follows from the seq, save for a liar now and then.
        var content = seq % 11 == 0 ? 100 + seq % 3 : seq % 5
        if Int.random(in: 0..<25, using: &random) == 0 { content = UInt32.random(in: 0...3, using: &random) + 50 }
        var frame = Frame(
          epoch: epoch, seq, sent: steady.now,
          readings: [content < 100 ? Frame.response(content) : Frame.faulty(content)])
        if Int.random(in: 0..<12, using: &random) == 0 {
          let named = UInt32.random(in: 1...epochs, using: &random)
          let at = heads[[UInt32(device), named]] ?? 0
          frame.oldest = (named, UInt32.random(in: 0...(at + 3), using: &random))
          if let seq = frame.oldest?.seq, seq > 0 { heads[[UInt32(device), named]] = max(at, seq - 1) }
        }
        frames.append((device, frame, content))
      }
      let before = model.ledger
      for (device, frame, content) in frames { model.admit(device, frame.epoch, frame.seq, content, frame.oldest) }

      func takeAll(_ site: Site) { for (device, frame, _) in frames { site.take(device, frame) } }
      switch Int.random(in: 0..<10, using: &random) {
      case 0: try restless.restart()
      case 1:
        // The commit fails at its end: all of it is undone, and the broker delivers it again.
        takeAll(restless)
        let batch = restless.batch
        #expect(throws: LogError.self) {
          try restless.intake.writer.commit { (log) throws(LogError) in
            _ = try restless.intake.admission.admit(batch, to: log, now: restless.now, monotonic: restless.now) {
              _, _ in
            }
            throw LogError.other("made to fail")
          }
        }
        try restless.recover()
      default: break
      }
      for site in [steady, restless] {
        takeAll(site)
        let ledger = try site.commit()
        #expect(ledger.received == model.ledger.received - before.received)
        #expect(ledger.stored == model.ledger.stored - before.stored)
        #expect(ledger.duplicate == model.ledger.duplicate - before.duplicate)
        #expect(ledger.quarantined == model.ledger.quarantined - before.quarantined)
        let answered = Set(site.answers.map(\.device))
        #expect(answered == Set(frames.map(\.device)))
        for answer in site.answers {
          let boot = try #require(model.devices[answer.device]?[answer.epoch])
          let missing = boot.missing
          #expect(
            answer.missing == Array(missing.prefix(16)),
            "device \(answer.device) epoch \(answer.epoch) \(site === restless ? "restarted" : "")")
          #expect(answer.through == (missing.first.map { $0[0] - 1 } ?? boot.high))
        }
        site.answers = []
        // Every boot's turn comes before the next commit.
        for _ in 0..<12 {
          site.now += 1_000
          try site.sendDueReceipts()
        }
        site.answers = []
      }
    }
    try restless.restart()
    for site in [steady, restless] {
      try site.expectBalance()
      let found = try site.readings().map {
        [UInt32(Site.names.firstIndex(of: $0.device)!), UInt32($0.epoch), UInt32($0.seq), UInt32($0.item ?? 0)]
      }
      #expect(found == model.stored)
      for (device, boots) in model.devices {
        for (epoch, boot) in boots {
          let open = try site.store.gaps(all: false).filter {
            $0.device == Site.names[device] && $0.epoch == Int64(epoch)
          }
          #expect(
            open.reduce(0) { $0 + $1.last - $1.first + 1 } == boot.missing.reduce(0) { $0 + Int64($1[1] - $1[0]) + 1 })
        }
      }
    }
  }
}
