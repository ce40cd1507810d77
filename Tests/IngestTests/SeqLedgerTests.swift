import Testing

@testable import Ingest

@Suite struct SeqLedgerTests {
  /// The plain truth: which seqs have an outcome, which were given up.
  private struct Model {
    var taken: Set<UInt32> = []
    var abandoned: Set<UInt32> = []
    var high: UInt32 = 0
  }

  /// What the store's gap table would hold, kept up by what the ledger reports.
  private struct Table {
    var gaps: [UInt32: SeqLedger.Gap] = [:]

    mutating func put(_ gap: SeqLedger.Gap) { gaps[gap.first] = gap }

    func holding(_ seq: UInt32) -> SeqLedger.Gap? { gaps.values.first { $0.first <= seq && seq <= $0.last } }
  }

  private func check(_ ledger: SeqLedger, _ table: Table, _ model: Model, upTo limit: UInt32) {
    #expect(ledger.high == model.high)
    var holding: [UInt32: SeqLedger.Gap] = [:]
    for gap in table.gaps.values { for seq in gap.first...gap.last { holding[seq] = gap } }
    var isOpenBelow = false
    var wrong: [UInt32] = []
    for seq in 1...limit {
      let isTaken = model.taken.contains(seq)
      let isRight =
        switch ledger.standing(of: seq) {
        case .new: !isTaken
        case .seen: isTaken
        case .unknown: (holding[seq] == nil) == isTaken
        }
      if !isRight { wrong.append(seq) }
      guard seq <= model.high else { continue }
      // The table lists what is missing, and whether it was given up.
      if (holding[seq] == nil) != isTaken { wrong.append(seq) }
      if let gap = holding[seq], gap.abandoned != model.abandoned.contains(seq) { wrong.append(seq) }
      isOpenBelow = isOpenBelow || (!isTaken && !model.abandoned.contains(seq))
      if isOpenBelow, ledger.covers(seq) { wrong.append(seq) }
      if !isOpenBelow, ledger.floor == 0, !ledger.covers(seq) { wrong.append(seq) }
    }
    #expect(wrong.isEmpty)
    let gaps = ledger.gaps
    for (gap, next) in zip(gaps, gaps.dropFirst()) { #expect(gap.first <= gap.last && gap.last < next.first) }
    for gap in gaps { #expect(table.gaps[gap.first] == gap) }
    #expect(gaps.count <= SeqLedger.maximumGaps, "every list has a limit")
  }

  @Test func anyOrderGivesWhatASetGives() {
    var random = SeededGenerator()
    for round in 0..<120 {
      // Some rounds leave more gaps than memory keeps.
      let limit = UInt32([12, 40, 300, 1_500][round % 4])
      let share = [0.9, 0.5][round % 2]
      var ledger = SeqLedger()
      var table = Table()
      var model = Model()
      var order = (1...limit).filter { _ in Double.random(in: 0..<1, using: &random) < share }
      switch round % 3 {
      case 0: order.shuffle(using: &random)
      case 1:
        for index in order.indices where index > 0 && Int.random(in: 0..<4, using: &random) == 0 {
          order.swapAt(index, Int.random(in: max(0, index - 9)...index, using: &random))
        }
      // Every other first: gaps in plenty, then filled from anywhere.
      default:
        let rest = order.filter { !$0.isMultiple(of: 2) }.shuffled(using: &random)
        order = order.filter { $0.isMultiple(of: 2) } + rest
      }
      for (step, seq) in order.enumerated() {
        if seq > ledger.high {
          if let gap = ledger.advance(to: seq) { table.put(gap) }
        } else if let index = ledger.gapIndex(seq) {
          let first = ledger.gaps[index].first
          let rest = ledger.fill(seq, at: index)
          table.gaps[first] = nil
          for gap in rest { table.put(gap) }
        } else if let gap = table.holding(seq) {
          #expect(ledger.standing(of: seq) == .unknown)
          table.gaps[gap.first] = nil
          for rest in SeqLedger.remains(of: gap, without: seq) { table.put(rest) }
        }
        model.taken.insert(seq)
        model.abandoned.remove(seq)
        model.high = max(model.high, seq)
        if step % 7 == 3, Int.random(in: 0..<6, using: &random) == 0 {
          let below = UInt32.random(in: 1...limit, using: &random)
          for gap in ledger.abandon(below: below) { table.put(gap) }
          // What memory has let go is the store's to abandon.
          for gap in table.gaps.values where gap.first < below && !gap.abandoned {
            table.put(SeqLedger.Gap(first: gap.first, last: min(gap.last, below - 1), abandoned: true))
            if gap.last >= below { table.put(SeqLedger.Gap(first: below, last: gap.last, abandoned: false)) }
          }
          for seq in 1..<max(1, min(below, model.high)) where !model.taken.contains(seq) { model.abandoned.insert(seq) }
        }
        if step % 61 == 0 { check(ledger, table, model, upTo: limit) }
      }
      check(ledger, table, model, upTo: limit)
    }
  }

  @Test func aDeviceThatLosesNothingLeavesNoGap() {
    var ledger = SeqLedger()
    for seq in UInt32(1)...1_000 { #expect(ledger.advance(to: seq) == nil) }
    #expect(ledger.gaps.isEmpty && ledger.covers(1_000))
  }

  @Test func theLastSeqOfAllIsTaken() {
    var ledger = SeqLedger()
    #expect(ledger.advance(to: .max) == SeqLedger.Gap(first: 1, last: .max - 1, abandoned: false))
    #expect(ledger.standing(of: .max) == .seen)
    #expect(ledger.abandon(below: .max).count == 1)
    #expect(ledger.covers(.max))
  }

  @Test func fillingOneHugeGapKeepsTheLimit() {
    var ledger = SeqLedger()
    _ = ledger.advance(to: 1_000_000)
    for seq in stride(from: UInt32(10), to: 100_000, by: 10) {
      if let index = ledger.gapIndex(seq) { _ = ledger.fill(seq, at: index) }
      #expect(ledger.gaps.count <= SeqLedger.maximumGaps)
    }
  }

  @Test func aLedgerLoadedFromTheStoreAsksItAboutWhatItDoesNotHold() {
    let gaps = stride(from: UInt32(4), through: 1_200, by: 4).map {
      SeqLedger.Gap(first: $0, last: $0 + 1, abandoned: false)
    }
    let ledger = SeqLedger(high: 2_000, newestGaps: Array(gaps.suffix(SeqLedger.maximumGaps)))
    #expect(ledger.standing(of: 4) == .unknown)
    #expect(ledger.standing(of: 6) == .unknown)
    #expect(ledger.standing(of: 1_200) == .new)
    #expect(ledger.standing(of: 1_202) == .seen)
    #expect(ledger.standing(of: 2_001) == .new)
  }
}
