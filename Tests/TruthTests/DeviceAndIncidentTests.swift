import Testing

@testable import campus_truth

@Suite struct DeviceAndIncidentTests {
  private func status(
    _ seq: Int, _ time: String, index: Int = 0, epoch: Int = 1, battery: Int? = nil, backlog: Int? = nil,
    quality: String? = "device"
  ) throws -> StoredReading {
    var reading = StoredReading(
      name: StoredReading.Name(device: "main/a", epoch: epoch, seq: seq, index: index), kind: "status",
      time: try at("2026-09-07T\(time)+08:00"))
    (reading.battery, reading.backlog, reading.quality) = (battery, backlog, quality)
    return reading
  }

  private func incident(_ category: Int, _ time: String, received: String, device: String = "main/kiosk") throws
    -> StoredReading
  {
    var reading = StoredReading(
      name: StoredReading.Name(device: device, epoch: 1, seq: 1, index: 0), kind: "incident", time: try at(time))
    reading.received = try at(received)
    reading.category = category
    return reading
  }

  @Test func aDevicesHourIsWhatItSaidInIt() throws {
    let truth = try Sample.truth(readings: [
      status(3, "08:10:00", battery: 3_300, backlog: 5), status(3, "08:10:01", index: 1, battery: 3_200),
      status(6, "08:50:00", quality: "corrected"), status(9, "08:59:59.999", epoch: 2),
      status(10, "09:00:00", epoch: 2),
    ])
    let hour = try #require(truth.devices().first { $0.key.grain == "hour" && $0.count("readings") == 4 })
    #expect(try hour.key.window == window("2026-09-07T08:00:00+08:00", "2026-09-07T09:00:00+08:00"))
    #expect(hour.count("frames") == 3 && hour.count("corrected") == 1)
    #expect(hour.count("battery_mv_min") == 3_200 && hour.count("backlog_max") == 5)
    // Between 3 and 6 of the first boot.
    #expect(hour.count("gaps_open") == 2)
    #expect(hour.measures["dropped"] == .fraction(nil))
    let day = try truth.devices().one("device", "main/a", "day")
    #expect(day.count("frames") == 4 && day.count("gaps_open") == 2)
  }

  @Test func anIncidentIsReportedOnItsDayAndOpenOnTheLogsLast() throws {
    let readings = [
      try incident(7, "2026-09-07T08:00:00+08:00", received: "2026-09-09T10:00:00+08:00"),
      try incident(7, "2026-09-07T09:00:00+08:00", received: "2026-09-09T10:00:00+08:00"),
      try incident(0x8007, "2026-09-08T09:00:00+08:00", received: "2026-09-09T11:00:00+08:00"),
    ]
    let incidents = try Sample.truth(readings: readings, logTime: at("2026-09-10T08:00:00+08:00")).incidents()
    func day(_ day: Int) throws -> Aggregate {
      let start = try at("2026-09-\(day < 10 ? "0" : "")\(day)T00:00:00+08:00")
      return try #require(incidents.first { $0.key.id == "counter/7" && $0.key.window.start == start })
    }
    #expect(incidents.count == 4)
    #expect(try day(7).count("opened") == 2 && day(7).count("closed") == 0 && day(7).devicesHeard == 1)
    #expect(try day(8).count("opened") == 0 && day(8).count("closed") == 1)
    #expect(try day(9).count("opened") == 0 && day(9).devicesHeard == 0 && day(9).count("open") == nil)
    #expect(try day(10).count("open") == 1 && day(10).devicesExpected == 1)
  }
}
