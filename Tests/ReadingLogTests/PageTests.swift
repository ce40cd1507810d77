import Testing

@testable import ReadingLog

@Suite struct PageTests {
  @Test func whereADeviceStandsIsKnownAfterTheCampusIsRegisteredAnew() throws {
    let log = try Log()
    func places() throws -> [String?] {
      try log.store.readings(ReadingFilter(), after: 0, limit: 10).readings.map(\.place)
    }
    let ids = try log.store.register([(site: "a", device: "b", place: "here")])
    let boot = try log.boot(device: ids[0], epoch: 1)
    try log.store([.init(boot: boot, seq: 1)])
    #expect(try places() == ["here"])
    let moved = [(site: "a", device: "b", place: "there"), (site: "a", device: "c", place: "here")]
    let other = try log.boot(device: try log.store.register(moved)[1], epoch: 1)
    try log.store([.init(boot: boot, seq: 2), .init(boot: other, seq: 1)])
    #expect(try places() == ["here", "there", "here"])
  }

  @Test func pagesOfReadingsSkipClosedSegmentsAndMeetTheEnd() throws {
    let log = try Log(segmentRows: 10)
    let ids = try log.store.register([(site: "a", device: "b", place: "p")])
    let boot = try log.boot(device: ids[0], epoch: 1)
    for seq in UInt32(1)...45 { try log.store([.init(boot: boot, seq: seq, time: Int64(seq))]) }
    try log.settle()
    var filter = ReadingFilter()
    filter.from = 25
    var found: [Int64] = []
    var next: Int64? = 0
    var pages = 0
    while let row = next, pages < 100 {
      let page = try log.store.readings(filter, after: row, limit: 4)
      found += page.readings.map(\.seq)
      next = page.next
      pages += 1
    }
    #expect(found == Array(25...45))
    #expect(pages == 6)
    #expect(try log.store.readings(filter, after: 45, limit: 4).next == nil)
  }
}
