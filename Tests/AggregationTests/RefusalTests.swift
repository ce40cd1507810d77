import Aggregation
import ReadingLog
import Testing

@Suite struct RefusalTests {
  /// A core with another secret.
  private struct Refuser: Destination {
    let name = "refuser"
    var postsBodies = true
    func deliver(_ batch: EventBatch) async -> Verdict { .refused(problem: "HTTP 401") }
    func close() async {}
  }

  private func outbox(_ world: World) throws -> OutboxStatus { try #require(try world.store.outboxStatus().first) }

  @Test func whatIsRefusedBeyondTheLimitStaysInTheOutboxVisibly() async throws {
    let world = try World()
    var limit = PutAsideLimit()
    limit.batches = 1
    let relay = Relay(
      "diagnosis", of: world.store, to: Refuser(), source: "test", asideLimit: limit, now: { 7 })
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    let running = Task { try await relay.run() }
    for _ in 0..<1_000 {
      if try outbox(world).rows == 0 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try outbox(world).putAside == 1)
    try world.commit(at: at(7, "08:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    for _ in 0..<1_000 {
      if relay.status.current.failures > 1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(relay.status.current.problem?.contains("no more") == true)
    #expect(try outbox(world).putAside == 1)
    #expect(try outbox(world).rows > 0)
    // Room again.
    try world.store.forgetPutAside(try world.store.batchesPutAside().map(\.id))
    for _ in 0..<1_000 {
      if try outbox(world).rows == 0 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(try outbox(world).putAside == 1)
    #expect(try outbox(world).rows == 0)
    running.cancel()
    _ = await running.result
  }

  /// What stays is a body in any case: it may be sent again to a core elsewhere.
  @Test func revisionsThatAreRefusedArePutAsideAsTheyWouldHaveBeenPosted() async throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    let items = try world.waiting().map { try AggregateItem($0) }
    let relay = Relay(
      "diagnosis", of: world.store, to: Refuser(postsBodies: false), source: "test", now: { 7 })
    let running = Task { try await relay.run() }
    for _ in 0..<1_000 {
      if try outbox(world).rows == 0 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    running.cancel()
    _ = await running.result
    let aside = try world.store.batchesPutAside()
    #expect(aside.map(\.events) == [Int64(items.count)])
    #expect(aside.first?.body == EventBatch(items, source: "test").body)
  }

  @Test func bytesCountToo() throws {
    let world = try World()
    try world.commit(at: at(8, "12:00"))
    try world.fold()
    var limit = PutAsideLimit()
    limit.bytes = 10
    func putAside(_ bytes: Int) throws -> Bool {
      let waiting = try world.store.outboxBatch(for: "diagnosis", limit: 1)
      return try world.store.putAside(
        waiting, of: "diagnosis", body: [UInt8](repeating: 1, count: bytes), reason: "", now: 1, limit: limit)
    }
    let before = try outbox(world).rows
    #expect(try putAside(8))
    #expect(try !putAside(3))
    #expect(try outbox(world).rows == before - 1)
    #expect(try putAside(2))
    // Of a kind that no request can say: there is nothing to keep but that it was.
    #expect(try putAside(0))
  }
}
