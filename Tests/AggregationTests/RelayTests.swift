import Aggregation
import ReadingLog
import Synchronization
import Testing

@Suite struct RelayTests {
  /// Accepts everything and keeps it.
  private final class Keeper: Destination {
    let name = "keeper"
    let postsBodies: Bool
    private let kept = Mutex<[EventBatch]>([])

    init(postsBodies: Bool) { self.postsBodies = postsBodies }

    var batches: [EventBatch] { kept.withLock { $0 } }

    func deliver(_ batch: EventBatch) async -> Verdict {
      kept.withLock { $0.append(batch) }
      return .accepted
    }

    func close() async {}
  }

  private func isEmpty(_ world: World) throws -> Bool { try world.store.outboxStatus().allSatisfy { $0.rows == 0 } }

  private func waitForEmptyOutbox(_ world: World) async throws {
    for _ in 0..<1_000 {
      if try isEmpty(world) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("the outbox is not empty after 10 s")
  }

  /// It looks by itself once an hour.
  private func relay(_ world: World, _ outbox: String, to destination: Keeper) -> Relay {
    Relay(outbox, of: world.store, to: destination, source: "test", idle: 3_600_000, now: { 7 })
  }

  @Test func whatIsQueuedWakesARelayThatWaits() async throws {
    let world = try World()
    let relay = relay(world, "diagnosis", to: Keeper(postsBodies: false))
    let running = Task { try await relay.run() }
    try await Task.sleep(for: .milliseconds(100))
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    world.store.outboxSignal.raise()
    try await waitForEmptyOutbox(world)
    running.cancel()
    _ = await running.result
  }

  @Test func aRelayThatWaitsStopsAtOnce() async throws {
    let world = try World()
    let relay = relay(world, "diagnosis", to: Keeper(postsBodies: false))
    let running = Task { try await relay.run() }
    try await Task.sleep(for: .milliseconds(100))
    let start = ContinuousClock.now
    running.cancel()
    _ = await running.result
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func onlyWhoPostsIsGivenBodiesAndBothAreToldTheSame() async throws {
    var settings = AggregationSettings()
    settings.destinations = ["near", "far"]
    let world = try World(settings: settings)
    try world.commit(at: at(7, "08:31"), [.checkIn(Card.s1, at(7, "08:31")), .vote(2, at(7, "08:31"))])
    try world.fold()
    let (near, far) = (Keeper(postsBodies: false), Keeper(postsBodies: true))
    let relays = [relay(world, "near", to: near), relay(world, "far", to: far)]
    let running = relays.map { relay in Task { try await relay.run() } }
    try await waitForEmptyOutbox(world)
    for task in running {
      task.cancel()
      _ = await task.result
    }
    let revisions = near.batches.flatMap { batch -> [AggregateItem] in
      if case .items(let items, let source) = batch.content, source == "test" { items } else { [] }
    }
    #expect(!revisions.isEmpty && revisions.count == near.batches.reduce(0) { $0 + $1.count })
    for batch in far.batches {
      if case .items = batch.content { Issue.record("who posts was given revisions") }
    }
    #expect(near.batches.map(\.body) == far.batches.map(\.body))
    #expect(near.batches.map(\.id) == far.batches.map(\.id))
  }

  @Test func aBodyIsBoundedAndASingleEventIsNot() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    let items = try world.items()
    try #require(items.count > 3)
    #expect(EventBatch(composing: items, source: "test", limit: .max).count == items.count)
    #expect(EventBatch(composing: items, source: "test", limit: 1).count == 1)
    let three = EventBatch(Array(items.prefix(3)), source: "test").body
    let bounded = EventBatch(composing: items, source: "test", limit: three.count)
    #expect(bounded.count == 3 && bounded.body == three)
    #expect(EventBatch(composing: items, source: "test", limit: three.count - 2).count == 2)
  }
}
