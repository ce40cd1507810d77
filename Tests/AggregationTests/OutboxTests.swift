import Aggregation
import GRDB
import Testing

@testable import ReadingLog

@Suite struct OutboxTests {
  @Test func theLatestRunningRevisionIsToldOnce() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    #expect(try running(world, "m1").map(\.revision) == [1])
    try world.commit(at: at(7, "08:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    #expect(try running(world, "m1").map(\.revision) == [2])
    #expect(try world.scalar("SELECT count(*) FROM outbox WHERE final = 0") == 0)
    _ = try world.running(isTold: true)
    #expect(try running(world, "m1").isEmpty)
    try world.commit(at: at(7, "08:32"), .checkIn(Card.s2, at(7, "08:32")))
    try world.fold()
    #expect(try running(world, "m1").map(\.revision) == [3])
  }

  @Test func whatIsFinalByNowIsToldAsAFinalAlone() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    #expect(try running(world, "m1").count == 1)
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    #expect(try running(world, "m1").isEmpty)
    #expect(try entries(world, "m1").map(\.aggregate.isFinal) == [true])
  }

  @Test func whatWasNotCommittedIsNotQueued() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"), .vote(3, at(7, "08:30")))
    try world.store.pool.write { db in
      try db.execute(
        sql: "CREATE TRIGGER broken BEFORE UPDATE ON cursor BEGIN SELECT raise(ABORT, 'broken'); END")
    }
    #expect(throws: LogError.self) { try world.aggregator.settle() }
    #expect(world.store.runningQueue(for: "diagnosis").count == 0)
    try world.store.pool.write { try $0.execute(sql: "DROP TRIGGER broken") }
    try world.fold()
    let open = try world.items().filter { !$0.isFinal }.map(\.eventID)
    #expect(try world.running().map { try AggregateItem($0).eventID }.sorted() == open.sorted())
  }

  @Test func finalsNeverGiveWay() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    try world.commit(at: at(7, "09:31"), .checkIn(Card.s1, at(7, "08:31")))
    try world.fold()
    let finals = try entries(world, "m1").filter(\.aggregate.isFinal)
    #expect(finals.count == 2)
    let items = try finals.map { try AggregateItem($0.aggregate).attendance }
    #expect(items == [[3, 0, 0, 3, 0], [3, 1, 0, 2, 0]])
  }

  @Test func aRefusedBatchIsPutAsideVisibly() throws {
    let world = try World()
    try world.commit(at: at(8, "12:00"))
    try world.fold()
    let waiting = try world.store.outboxBatch(for: "diagnosis", limit: 2)
    try #require(waiting.count == 2)
    try world.store.putAside(waiting, of: "diagnosis", body: [1, 2], reason: "HTTP 400", now: 5)
    let status = try #require(try world.store.outboxStatus().first)
    #expect((status.putAside, status.putAsideEvents) == (1, 2))
    let left = try world.store.outboxBatch(for: "diagnosis", limit: 1_000)
    #expect(!left.contains { waiting.contains($0) })
  }

  @Test func runningRevisionsNeverStopTheFold() throws {
    var settings = AggregationSettings()
    settings.writesPerTransaction = 4
    settings.outboxRows = 30
    let world = try World(settings: settings)
    try world.commit(at: at(7, "08:35"), [.checkIn(Card.s1, at(7, "08:31")), .vote(2, at(7, "08:31"))])
    #expect(try !world.aggregator.settle().isBlocked)
    let open = try world.items().filter { !$0.isFinal }.map(\.eventID)
    #expect(open.count > 8)
    #expect(try world.running().map { try AggregateItem($0).eventID }.sorted() == open.sorted())
    let status = try #require(try world.store.outboxStatus().first)
    #expect(status.running == Int64(open.count) && status.rows == status.finals + status.running)
  }

  @Test func fullOfFinalsTheFoldWaitsAndLosesNone() throws {
    var settings = AggregationSettings()
    settings.writesPerTransaction = 4
    settings.outboxRows = 12
    let world = try World(settings: settings)
    try world.commit(at: at(8, "12:00"), .checkIn(Card.s1, at(7, "08:31")))
    try world.commit(at: at(14, "00:00"))
    #expect(try world.aggregator.settle().isBlocked)
    #expect(try world.scalar("SELECT count(*) FROM outbox") > 0)
    var told: Set<String> = []
    for _ in 0..<200 {
      let waiting = try world.store.outboxBatch(for: "diagnosis", limit: 5)
      told.formUnion(try waiting.map { try AggregateItem($0.aggregate).eventID })
      try world.store.markSent(waiting)
      _ = try world.aggregator.settle()
    }
    #expect(try !world.aggregator.settle().isBlocked)
    #expect(try world.items().filter(\.isFinal).allSatisfy { told.contains($0.eventID) })
    #expect(try world.attendance("m1") == [3, 1, 0, 2, 0])
  }

  @Test func oldAggregatesGoOnceEveryoneWasToldOfThem() throws {
    let world = try World()
    let fine = [AggregateGrain.fiveMinutes.rawValue, AggregateGrain.hour.rawValue]
    try world.commit(at: at(7, "12:02"), .vote(3, at(7, "12:01")))
    try world.commit(at: at(7, "13:10"))
    try world.fold()
    #expect(try world.store.retainAggregates(grains: fine, before: at(8, "00:00")) == 0)
    try world.store.markSent(try world.store.outboxBatch(for: "diagnosis", limit: 10_000))
    #expect(try world.store.retainAggregates(grains: fine, before: at(7, "12:01")) == 0)
    #expect(try world.store.retainAggregates(grains: fine, before: at(8, "00:00")) > 0)
    #expect(try world.items(.satisfaction, .place, .fiveMinutes).isEmpty)
    // The fold has it in memory still: it must not go on with what is no longer there.
    try world.commit(at: at(8, "08:00"), .vote(5, at(7, "12:02")))
    #expect(throws: LogError.self) { try world.aggregator.settle() }
    try world.fold()
    #expect(try world.items(.satisfaction, .place, .fiveMinutes).map { $0.integer("count") } == [1])
    #expect(try world.scalar("SELECT count(*) FROM outbox WHERE aggregate NOT IN (SELECT id FROM aggregate)") == 0)
  }

  @Test func eachDestinationIsToldOfEverything() throws {
    var settings = AggregationSettings()
    settings.destinations = ["one", "two"]
    let world = try World(settings: settings)
    try world.commit(at: at(7, "09:30"))
    try world.fold()
    let one = try world.store.outboxBatch(for: "one", limit: 1_000)
    try world.store.markSent(one)
    let two = try world.store.outboxBatch(for: "two", limit: 1_000)
    #expect(!one.isEmpty && one.map(\.aggregate) == two.map(\.aggregate))
    #expect(try world.store.outboxBatch(for: "one", limit: 1).isEmpty)
    let running = try world.running(for: "one", isTold: true)
    #expect(!running.isEmpty)
    #expect(try world.running(for: "two") == running)
    #expect(try world.running(for: "one").isEmpty)
  }

  @Test func ofMeetingsBeforeTheLogNobodyIsTold() throws {
    let world = try World(start: at(14, "00:00"))
    // Its log says that it was begun in 1970; here it is to be younger than the timetable.
    try world.setBeginning(at(14, "00:00"))
    try world.commit(at: at(14, "08:00"))
    try world.fold()
    #expect(try world.attendance("m1") == [3, 0, 0, 3, 0])
    #expect(try entries(world, "m1").isEmpty)
    try world.commit(at: at(14, "08:01"), .checkIn(Card.s1, at(7, "08:30")))
    try world.fold()
    #expect(try entries(world, "m1").count == 1)
  }

  @Test func afterAStartNobodyIsToldOfWhatWasBeforeTheLogEither() throws {
    let world = try World()
    try world.commit(at: at(7, "08:30"))
    try world.fold()
    #expect(try running(world, "m1").count == 1)
    // As if it had not ended before the log began.
    try world.setBeginning(at(14, "00:00"))
    try world.restart()
    #expect(try running(world, "m1").isEmpty)
  }

  @Test func aStoreOfTheFifthSchemaTellsWhatIsOpenAnew() throws {
    let world = try World()
    try world.commit(at: at(7, "09:30"), .vote(3, at(7, "09:25")))
    try world.fold()
    let open = try world.running().map(\.number)
    let finals = try world.store.outboxBatch(for: "diagnosis", limit: 1_000)
    #expect(!open.isEmpty && !finals.isEmpty)
    try world.restart { db in
      try db.execute(
        sql: """
          ALTER TABLE destination DROP COLUMN told_through;
          CREATE UNIQUE INDEX outbox_running ON outbox (destination, aggregate) WHERE final = 0;
          CREATE INDEX outbox_oldest_running ON outbox (id) WHERE final = 0;
          CREATE INDEX aggregate_unqueued ON aggregate (id) WHERE unqueued = 1;
          DELETE FROM grdb_migrations WHERE identifier = '6 finals in the outbox';
          INSERT INTO outbox (destination, aggregate, revision, final, watermark, sums)
            SELECT d.id, a.id, a.revision, 0, a.watermark, a.sums FROM destination d, aggregate a WHERE a.final = 0 LIMIT 3;
          """)
    }
    #expect(try world.scalar("SELECT count(*) FROM outbox WHERE final = 0") == 0)
    #expect(try world.store.outboxBatch(for: "diagnosis", limit: 1_000) == finals)
    #expect(Set(try world.running().map(\.number)) == Set(open))
  }

  private func running(_ world: World, _ name: String) throws -> [StoredAggregate] {
    try world.running().filter { $0.name == name }
  }

  private func entries(_ world: World, _ name: String) throws -> [OutboxEntry] {
    try world.store.outboxBatch(for: "diagnosis", limit: 10_000).filter { $0.aggregate.name == name }
  }
}

extension World {
  func setBeginning(_ time: Int64) throws {
    try store.pool.write { db in
      try db.execute(sql: "UPDATE log_state SET value = ? WHERE name = 'made_at'", arguments: [time])
    }
    try crash()
  }
}
