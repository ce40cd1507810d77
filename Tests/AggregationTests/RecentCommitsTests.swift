import Aggregation
import Campus
import DeviceProtocol
import Foundation
import Testing

@testable import ReadingLog

/// What the fold is handed in memory is what the store has.
@Suite struct RecentCommitsTests {
  private func read(
    _ store: LogStore, after cursor: FoldCursor, limit: Int
  ) throws -> (chunk: FoldChunk, next: CampusVersion?) {
    var chunk = FoldChunk()
    let next = try FoldLog(store).read(after: cursor, limit: limit, into: &chunk)
    return (chunk, next)
  }

  /// Both ways, chunk by chunk, to the end of the version.
  private func compare(_ world: World, version: Int64, after first: FoldCursor, limit: Int) throws -> FoldCursor {
    // Has committed nothing itself.
    let other = try LogStore.openReadOnly(world.path)
    defer { try? other.close() }
    var cursor = first
    cursor.version = version
    #expect(world.store.recent.commits(after: cursor, limit: limit) != nil, "memory is what is looked at")
    while true {
      let fromMemory = try read(world.store, after: cursor, limit: limit)
      let fromStore = try read(other, after: cursor, limit: limit)
      #expect(fromMemory.next == fromStore.next)
      #expect(fromMemory.chunk.rows.map { "\($0)" } == fromStore.chunk.rows.map { "\($0)" })
      #expect(fromMemory.chunk.commits.map { "\($0)" } == fromStore.chunk.commits.map { "\($0)" })
      #expect(fromMemory.chunk.details == fromStore.chunk.details)
      #expect(fromMemory.chunk.end == fromStore.chunk.end && fromMemory.chunk.rowsLeft == fromStore.chunk.rowsLeft)
      if fromMemory.chunk.commits.isEmpty { return cursor }
      cursor = fromMemory.chunk.end
      cursor.version = version
    }
  }

  @Test(arguments: [1, 3, 8_000])
  func theyAreWhatTheStoreHas(_ limit: Int) throws {
    let world = try World()
    try world.commit(
      at: at(7, "08:00"),
      [
        .checkIn(Card.s1, at(7, "07:59")), .vote(5, at(7, "07:58")), .incident(3, at(7, "07:50")),
        .status(#"{"battery_mv":3700}"#, at(7, "07:57")), .status(#"{"backlog":2}"#, at(7, "07:59")),
      ])
    // Nothing new in it.
    try world.commit(at: at(7, "08:01"))
    try world.commit(at: at(7, "08:02"), .checkIn(Card.s3, at(7, "08:02"), "term-1"))
    try world.change(.small, at: at(7, "08:03"), zone: "Asia/Tokyo")
    try world.commit(at: at(7, "08:04"), .checkIn(Card.s4, at(7, "08:04"), "term-1"))
    let versions = try world.store.campusVersions().map(\.id)
    let before = try compare(world, version: versions[0], after: FoldCursor(), limit: limit)
    #expect(before.row == 6)
    let end = try compare(world, version: versions[1], after: before, limit: limit)
    #expect(end.row == 7)
  }

  @Test func whatLiesFurtherBackIsReadFromTheStore() throws {
    let world = try World()
    for minute in 0..<3 { try world.commit(at: at(7, "08:0\(minute)"), .checkIn(Card.s1, at(7, "08:00"), "term-1")) }
    world.store.recent.removeAll()
    try world.commit(at: at(7, "08:05"), .checkIn(Card.s2, at(7, "08:05"), "term-1"))
    var cursor = FoldCursor()
    cursor.version = try #require(world.store.campusVersions().first?.id)
    #expect(world.store.recent.commits(after: cursor, limit: 10) == nil)
    let (chunk, _) = try read(world.store, after: cursor, limit: 10)
    #expect(chunk.rows.map(\.row) == [1, 2, 3, 4])
  }

  @Test func longTextsFillTheMemoryNoFurtherThanShortOnes() throws {
    let world = try World()
    world.store.recent.follow()
    let text = "{\"firmware\":\"\(String(repeating: "x", count: 60))\"}"
    for second in Int64(0)..<12 {
      let time = at(7, "08:00") + second * 1_000
      try world.commit(at: time, (0..<4_000).map { _ in .status(text, time) })
    }
    #expect(world.store.recent.bytes <= RecentCommits.byteLimit)
    var cursor = FoldCursor()
    cursor.version = try #require(world.store.campusVersions().first?.id)
    #expect(world.store.recent.commits(after: cursor, limit: 10) == nil, "the oldest are forgotten")
    cursor.batch = 11
    cursor.row = 44_000
    #expect(world.store.recent.commits(after: cursor, limit: 10) != nil, "the newest is kept")
  }
}
