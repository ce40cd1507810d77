import Aggregation
import GRDB
import ReadingLog
import Synchronization
import Testing

@Suite struct RelayTests {
  /// Accepts everything and keeps it.
  private final class Keeper: Destination {
    let name = "keeper"
    let postsBodies: Bool
    private let kept = Mutex<[EventBatch]>([])
    private let failures: Mutex<Int>

    /// `failures`: so many deliveries fail first.
    init(postsBodies: Bool, failures: Int = 0) {
      self.postsBodies = postsBodies
      self.failures = Mutex(failures)
    }

    var batches: [EventBatch] { kept.withLock { $0 } }

    var revisions: [AggregateItem] {
      batches.flatMap { batch -> [AggregateItem] in
        if case .items(let items, _) = batch.content { items } else { [] }
      }
    }

    func deliver(_ batch: EventBatch) async -> Verdict {
      let isFailing = failures.withLock { left -> Bool in
        left -= 1
        return left >= 0
      }
      if isFailing { return .unavailable(problem: "away") }
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

  /// Delivers everything that waits, until the store says that it was told.
  private func deliverAll(_ world: World, to destination: Keeper) async throws {
    let relay = relay(world, "diagnosis", to: destination)
    let running = Task { try await relay.run() }
    try await waitForEmptyOutbox(world)
    for _ in 0..<1_000 {
      if try world.scalar("SELECT coalesce(max(told_through), 0) FROM destination") > 0 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    running.cancel()
    _ = await running.result
  }

  @Test func whatCouldNotBeDeliveredIsDeliveredOnceLater() async throws {
    let world = try World()
    try world.commit(at: at(7, "09:31"), [.checkIn(Card.s1, at(7, "08:31")), .vote(2, at(7, "09:31"))])
    try world.fold()
    let waiting = try world.waiting().map { try AggregateItem($0) }
    let keeper = Keeper(postsBodies: false, failures: 2)
    try await deliverAll(world, to: keeper)
    #expect(keeper.revisions == waiting)
  }

  @Test func whatIsRevisedDuringADeliveryIsToldAgain() throws {
    let world = try World()
    try world.commit(at: at(7, "08:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    let queue = world.store.runningQueue(for: "diagnosis")
    let taken = try world.store.runningRevisions(queue.take(500, isBulk: false)).map(\.aggregate)
    let meeting = try #require(taken.first { $0.name == "m1" })
    try world.commit(at: at(7, "08:32"), .checkIn(Card.s2, at(7, "08:32")))
    try world.fold()
    queue.finish()
    let revisions = try world.running().filter { $0.name == "m1" }.map(\.revision)
    #expect(revisions == [meeting.revision + 1])
  }

  @Test func afterACrashOpenAggregatesAreToldAndNoFinalTwice() async throws {
    let world = try World()
    try world.commit(at: at(7, "09:31"), [.checkIn(Card.s1, at(7, "08:31")), .vote(2, at(7, "09:31"))])
    try world.fold()
    let first = try world.items()
    #expect(first.contains { $0.isFinal })
    #expect(first.contains { !$0.isFinal })
    // Nothing was delivered.
    try world.restart()
    let keeper = Keeper(postsBodies: false)
    try await deliverAll(world, to: keeper)
    #expect(Set(keeper.revisions.map(\.eventID)).isSuperset(of: first.map(\.eventID)))
    // Everything was, but it is not known.
    try world.restart { db in try db.execute(sql: "UPDATE destination SET told_through = NULL") }
    try world.fold()
    let again = Keeper(postsBodies: false)
    try await deliverAll(world, to: again)
    let open = try world.items().filter { !$0.isFinal }.map(\.eventID)
    #expect(again.revisions.map(\.eventID).sorted() == open.sorted())
  }

  @Test func afterAStartOnlyWhatMayNotHaveBeenToldIsToldAgain() async throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    try world.commit(at: at(7, "08:40"), .vote(2, at(7, "08:40")))
    try world.fold()
    try await deliverAll(world, to: Keeper(postsBodies: false))
    let mark = at(7, "08:40")
    #expect(try world.scalar("SELECT told_through FROM destination") == mark)
    let open = try world.items().filter { !$0.isFinal }
    let untold = open.filter { $0.watermark == mark }.map(\.eventID)
    try world.restart()
    let again = try world.running().map { try AggregateItem($0).eventID }
    #expect(again.sorted() == untold.sorted())
    #expect(!again.isEmpty)
    #expect(again.count < open.count)
  }

  @Test func aFoldThatIsBehindItsMarkIsToldFromWhereItIs() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"), .vote(2, at(7, "08:30")))
    try world.fold()
    // Ahead of the cursor, as after a crash between a revision and the end of its cycle.
    try world.restart { db in
      try db.execute(sql: "UPDATE destination SET told_through = ?", arguments: [at(7, "09:00")])
    }
    #expect(try world.running().isEmpty)
    #expect(try world.scalar("SELECT told_through FROM destination") == at(7, "08:30"))
    try world.commit(at: at(7, "08:40"), .vote(3, at(7, "08:40")))
    try world.fold()
    let made = try world.running().map(\.number)
    try world.restart()
    let again = Set(try world.running().map(\.number))
    #expect(!made.isEmpty)
    #expect(again.isSuperset(of: made))
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
