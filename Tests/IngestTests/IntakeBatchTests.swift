import Testing

@testable import DeviceProtocol
@testable import Ingest

@Suite struct IntakeBatchTests {
  @Test func theWaitAtTheBrokerIsTakenOffArrival() throws {
    let site = try Site()
    site.take(0, Frame(1), expiryLeft: 2_592_000)
    site.take(0, Frame(2), expiryLeft: 2_592_000 - 3_600)
    site.take(0, Frame(3), expiryLeft: nil)
    site.take(0, Frame(4), expiryLeft: 2_592_001)
    site.take(0, Frame(5), expiryLeft: 2_592_000, caughtUp: false)
    site.take(0, Frame(6), expiryLeft: nil, caughtUp: false)
    site.take(0, Frame(7), expiryLeft: 0)
    let entries = site.batch.entries
    #expect(entries.map { site.now - $0.arrival } == [0, 3_600_000, 0, 0, 0, 0, 2_592_000_000])
    // Without the broker's word, a message is live once the backlog is behind.
    #expect(entries.map(\.isLive) == [true, false, true, true, true, false, false])
    #expect(entries.allSatisfy { $0.received == site.now })
  }

  @Test func whatCannotBeTiedToADeviceIsRejectedWithItsReason() throws {
    let site = try Site()
    let good = site.message(0, Frame(1).payload)
    var flipped = good
    flipped[flipped.count - 1] ^= 1
    func take(_ topic: String, _ payload: [UInt8]) -> RejectionReason? {
      site.batch.removeAll()
      site.take(topic, payload)
      #expect(site.batch.received == 1)
      #expect(site.batch.entries.isEmpty == (site.batch.rejections.reduce(0, +) == 1))
      return RejectionReason.allCases.first { site.batch.rejections[Int($0.rawValue)] == 1 }
    }
    #expect(take(Site.topic(0), good) == nil)
    #expect(take("campus/v1/main/nobody/up", good) == .unknownDevice)
    #expect(take("campus/v2/main/m0/up", good) == .unknownDevice)
    #expect(take("", []) == .unknownDevice)
    #expect(take(Site.topic(0, "json"), Frame(1).json()) == .wrongChannel)
    #expect(take(Site.topic(0, "json"), []) == .wrongChannel)
    #expect(take(Site.topic(4, "up"), good) == .wrongChannel)
    #expect(take(Site.topic(0, "down"), good) == .wrongChannel)
    #expect(take(Site.topic(1), good) == .authenticationFailed)
    #expect(take(Site.topic(0), flipped) == .authenticationFailed)
    #expect(take(Site.topic(0), good + [0]) == .notCOSE)
    #expect(take(Site.topic(0), []) == .notCOSE)
    #expect(take(Site.topic(0), Frame(1).json()) == .notCOSE)
    #expect(take(Site.topic(4), Array(repeating: 0x20, count: 16_385)) == .tooLarge)
    // 16 KiB to the byte is looked at.
    #expect(take(Site.topic(4), Frame(1).json() + Array(repeating: 0x20, count: 16_384 - Frame(1).json().count)) == nil)
    #expect(site.batch.entries.first?.fault == nil)
  }

  @Test func aDeviceWithoutAKeyIsTold() throws {
    let site = try Site(keys: [[], [[UInt8](repeating: 1, count: 32)], [], [], []])
    let message = COSEMac0.message(
      Frame(1).payload, MACKey([UInt8](repeating: 9, count: 32), topic: Array(Site.topic(0).utf8)))
    site.take(Site.topic(0), message)
    #expect(site.batch.rejections[Int(RejectionReason.noKey.rawValue)] == 1)
  }

  @Test func presenceIsNotCounted() throws {
    let site = try Site()
    site.take(Site.topic(0, "state"), Array("online".utf8))
    site.take(Site.topic(1, "state"), Array("offline".utf8))
    site.take(Site.topic(1, "state"), Array("perhaps".utf8))
    site.take(Site.topic(1, "state"), [])
    site.take("campus/v1/main/nobody/state", Array("online".utf8))
    #expect(site.batch.received == 0 && site.batch.messages == 5)
    #expect(site.batch.presence.map(\.online) == [true, false])
    let ledger = try site.commit()
    #expect(ledger.isZero)
    #expect(try site.scalar("SELECT count(*) FROM batch") == 0)
    #expect(try site.store.deviceReports().map(\.isOnline) == [nil, true, false, nil, nil])
  }

  @Test func retainedPresenceThatIsKnownAlreadyKeepsItsTime() throws {
    let site = try Site()
    func tell(_ state: String, isRetained: Bool) throws -> Int64? {
      site.now += 60_000
      site.take(Site.topic(0, "state"), Array(state.utf8), isRetained: isRetained)
      let ledger = try site.commit()
      #expect(ledger.isZero)
      return try site.store.deviceReports().compactMap(\.presenceTime).first
    }
    let first = try tell("online", isRetained: true)
    #expect(first == site.now, "what is not known is news")
    let again = try tell("online", isRetained: true)
    #expect(again == first)
    let live = try tell("online", isRetained: false)
    #expect(live == site.now)
    let other = try tell("offline", isRetained: true)
    #expect(other == site.now)
    #expect(try site.store.deviceReports().compactMap(\.isOnline) == [false])
  }

  @Test func rejectionsAreSampledOnceASecondAndReason() throws {
    let site = try Site()
    for number in 0..<2_500 {
      site.take("campus/v1/main/nobody/up", Array(repeating: UInt8(truncatingIfNeeded: number), count: 500))
      site.take(Site.topic(0), [1, 2, 3])
      site.now += 1
    }
    #expect(site.batch.samples.count == 6)
    #expect(site.batch.samples.allSatisfy { $0.head.count <= 64 })
    let ledger = try site.commit()
    #expect(ledger.received == 5_000 && ledger.rejected == 5_000)
    #expect(try site.scalar("SELECT count(*) FROM rejection_sample") == 6)
    #expect(try site.scalar("SELECT count FROM rejection WHERE reason = 'unknown_device'") == 2_500)
    #expect(try site.scalar("SELECT max(bytes) FROM rejection_sample") == 500)
    // Nothing of it is counted again with the next batch.
    site.take(0, Frame(1))
    #expect(try site.commit().rejected == 0)
    try site.expectBalance()
  }

  @Test func aBatchIsFullByReadingsMessagesOrBytes() throws {
    let site = try Site()
    for seq in UInt32(1)...10 { site.take(0, Frame(seq, readings: (1...5).map { Frame.response($0) })) }
    #expect(site.batch.isFull(readings: 50))
    #expect(!site.batch.isFull(readings: 51))
    site.batch.removeAll()
    for _ in 0..<50 { site.take(Site.topic(0), []) }
    #expect(site.batch.isFull(readings: 50))
    site.batch.removeAll()
    #expect(site.batch.isEmpty && !site.batch.isFull(readings: 1))
  }

  @Test func eitherKeyOfARotationVerifiesWhateverTheHint() throws {
    let newest = [UInt8](repeating: 1, count: 32)
    let older = [UInt8](repeating: 2, count: 32)
    let site = try Site(keys: [[newest, older], [], [], [], []])
    for (number, key) in [newest, older].enumerated() {
      for kid: [UInt8]? in [nil, [0], [1], [77]] {
        var message = COSEMac0.message(Frame(1).payload, MACKey(key, topic: Array(Site.topic(0).utf8)))
        if let kid { message.replaceSubrange(5...5, with: [0xa1, 0x04, 0x41] + kid) }
        site.batch.removeAll()
        site.take(Site.topic(0), message)
        #expect(site.batch.entries.first?.keyID == Int64(100 - number))
      }
    }
  }

  @Test func aReceiptIsMadeWithTheKeyThatVerifiedItsFrame() throws {
    let site = try Site(keys: [[[UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32)], [], [], [], []])
    site.take(0, Frame(1), key: 1)
    try site.commit()
    #expect(try site.answer().through == 1)
    #expect(site.lastReceiptKey == 1)
    site.now += 1_000
    site.take(0, Frame(2), key: 0)
    try site.commit()
    #expect(try site.answer().through == 2)
    #expect(site.lastReceiptKey == 0)
  }
}
