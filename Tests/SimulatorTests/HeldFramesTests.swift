import Testing

@testable import campus_simulator

@Suite struct HeldFramesTests {
  private func frames(_ epochs: [(UInt32, ClosedRange<UInt32>)]) -> HeldFrames {
    var held = HeldFrames()
    for (epoch, seqs) in epochs {
      for seq in seqs { held.append(HeldFrames.Frame(epoch: epoch, seq: seq, position: 0)) }
    }
    return held
  }

  @Test func aReceiptCoversOnlyWhatThisBootHasSent() {
    var held = frames([(1, 1...4)])
    for seq: UInt32 in 1...3 { _ = held.sent(epoch: 1, seq: seq, boot: 1, now: 10) }
    var covered: [UInt32] = []
    held.cover(epoch: 1, through: 4, boot: 1) { covered.append($0.seq) }
    #expect(covered == [1, 2, 3])
    #expect(held.count == 1)
  }

  @Test func aLaterEpochMayBeCoveredFirst() {
    var held = frames([(1, 5...6), (2, 1...2)])
    for seq: UInt32 in 1...2 { _ = held.sent(epoch: 2, seq: seq, boot: 2, now: 10) }
    held.cover(epoch: 2, through: 2, boot: 2) { _ in }
    #expect(held.count == 2)
    #expect(held.oldest?.epoch == 1)
  }

  @Test func onlyTheFirstTransmissionIsTimed() {
    var held = frames([(1, 1...1)])
    let isFirst = held.sent(epoch: 1, seq: 1, boot: 1, now: 10)
    let isFirstAgain = held.sent(epoch: 1, seq: 1, boot: 1, now: 20)
    #expect(isFirst)
    #expect(!isFirstAgain)
    #expect(held.oldest?.firstSentAt == 10)
  }

  @Test func theOldestAreGivenUpFirst() {
    var held = frames([(1, 1...200)])
    var lost: [UInt32] = []
    held.abandon(150) { lost.append($0.seq) }
    #expect(lost == Array(1...150))
    #expect(held.oldest?.seq == 151)
  }
}
