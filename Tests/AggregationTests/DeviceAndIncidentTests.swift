import Aggregation
import Testing

@Suite struct DeviceAndIncidentTests {
  @Test func aDevicesHealthIsItsStatus() throws {
    let world = try World()
    try world.commit(
      at: at(7, "07:10"),
      [
        .status("{\"battery_mv\":3300,\"backlog\":5,\"firmware\":\"backlog\"}", at(7, "07:01")),
        .status("{\"battery_mv\":3200,\"rssi_dbm\":-60,\"backlog\":2,\"dropped\":4}", at(7, "07:05")),
      ])
    try world.fold()
    let hour = try #require(try world.item(.device, .device, "main/term-1", .hour))
    #expect(hour.integer("frames") == 2)
    #expect(hour.integer("readings") == 2)
    #expect(hour.integer("battery_mv_min") == 3200)
    #expect(hour.integer("backlog_max") == 5)
    #expect(hour.integer("dropped") == 4)
    #expect(hour.integer("gaps_open") == 0)
  }

  @Test func aSilentDeviceHasAnHourOfZeros() throws {
    let world = try World()
    try world.commit(at: at(7, "07:10"), .status("{}", at(7, "07:10")))
    try world.commit(at: at(7, "08:05"))
    try world.fold()
    let silent = try #require(try world.item(.device, .device, "main/term-2", .hour))
    #expect(silent.isFinal && silent.integer("frames") == 0)
    #expect((silent.devicesHeard, silent.devicesExpected) == (0, 1))
    #expect(silent.measures["battery_mv_min"] == .null)
  }

  @Test func whileReadingsComeADevicesFirstRevisionWaitsItsMinute() throws {
    let world = try World()
    try world.commit(at: at(7, "07:10"), .status("{\"backlog\":5}", at(7, "07:10")))
    try world.aggregator.step()
    #expect(try world.items(.device).isEmpty)
    // What was read is in the store, for whoever goes on from there.
    try world.crash()
    try world.commit(at: at(7, "07:11:01"), .status("{\"backlog\":2}", at(7, "07:11")))
    try world.aggregator.step()
    for grain in [AggregateGrain.hour, .day] {
      let item = try #require(try world.item(.device, .device, "main/term-1", grain))
      #expect(item.revision == 1 && item.integer("frames") == 2 && item.integer("backlog_max") == 5)
    }
    // Once it is silent, nobody waits.
    try world.commit(at: at(7, "07:12:30"), .status("{}", at(7, "07:12"), "term-2"))
    try world.aggregator.step()
    #expect(try world.items(.device, .device, .hour, id: "main/term-2").isEmpty)
    try world.fold()
    #expect(try world.item(.device, .device, "main/term-2", .hour)?.revision == 1)
  }

  @Test func aDeviceThatSaysOneThingOnlyIsHeardOfWithinItsMinuteToo() throws {
    let world = try World()
    try world.commit(at: at(7, "07:10"), .status("{\"backlog\":5}", at(7, "07:10")))
    // The others never pause.
    for second in Int64(1)...70 {
      let time = at(7, "07:10") + second * 1_000
      try world.commit(at: time, .status("{}", time, "term-2"))
      try world.aggregator.step()
    }
    #expect(try world.item(.device, .device, "main/term-1", .hour)?.revision == 1)
  }

  @Test func anHourInWhichTheGatewayDidNotRunIsNoSilence() throws {
    let world = try World()
    try world.commit(at: at(7, "07:10"), .status("{}", at(7, "07:10")))
    try world.commit(at: at(7, "11:10"), .status("{}", at(7, "11:10")))
    try world.commit(at: at(7, "12:10"))
    try world.fold()
    let hours = try world.items(.device, .device, .hour, id: "main/term-2").map(\.key.start)
    #expect(hours == [at(7, "07:00"), at(7, "11:00")])
  }

  @Test func aLateIncidentLeavesThePastWhatItWas() throws {
    let world = try World()
    try world.commit(at: at(7, "10:00"), [.incident(7, at(7, "08:00")), .incident(7, at(7, "09:00"))])
    try world.commit(
      at: at(8, "12:00"),
      [.incident(0x8007, at(8, "10:00")), .incident(7, at(8, "11:00")), .incident(7, at(8, "11:30"))])
    try world.fold()
    try world.crash()
    try world.commit(at: at(9, "08:00"), .incident(7, at(7, "12:00")))
    func expectThePast() throws {
      let first = try #require(try world.item(.incident, .place, "counter/7", .day, from: at(7, "00:00")))
      #expect((first.integer("opened"), first.integer("closed"), first.integer("open")) == (3, 0, 3))
      let today = try #require(try world.item(.incident, .place, "counter/7", .day, from: at(9, "00:00")))
      #expect((today.integer("opened"), today.integer("open")) == (0, 4))
    }
    try world.fold()
    try expectThePast()
    try world.forget()
    try world.fold()
    try expectThePast()
  }

  @Test func anIncidentStaysOpenOverDaysUntilItIsClosed() throws {
    let world = try World()
    try world.commit(at: at(7, "08:00"), [.incident(7, at(7, "08:00")), .incident(7, at(7, "09:00"))])
    try world.commit(at: at(8, "08:00"))
    try world.fold()
    let second = try #require(try world.item(.incident, .place, "counter/7", .day, from: at(8, "00:00")))
    #expect((second.integer("opened"), second.integer("open")) == (0, 2))
    #expect(second.integer("oldest_age_s") == 86_400)
    try world.crash()
    try world.commit(at: at(8, "10:00"), .incident(0x8007, at(8, "10:00")))
    try world.fold()
    let closed = try #require(try world.item(.incident, .place, "counter/7", .day, from: at(8, "00:00")))
    #expect((closed.integer("closed"), closed.integer("open")) == (1, 1))
    #expect(closed.integer("oldest_age_s") == 90_000)
    let first = try #require(try world.item(.incident, .place, "counter/7", .day, from: at(7, "00:00")))
    #expect(first.isFinal && first.integer("opened") == 2)
  }
}
