import Synchronization

/// The campus's days, each planned once for all lanes when the first of them reaches it.
final class Days: Sendable {
  var zone: CampusZone { planner.zone }
  private let planner: DayPlanner
  private let lanes: Int
  private let laneOfDevice: [Int]
  /// The last days planned: by number, then by lane.
  private let planned = Mutex<[Int: [[PlannedReading]]]>([:])

  init(_ planner: DayPlanner, lanes: Int, laneOfDevice: [Int]) {
    self.planner = planner
    self.lanes = lanes
    self.laneOfDevice = laneOfDevice
  }

  func readings(of day: LocalDay, lane: Int) -> [PlannedReading] {
    planned.withLock { planned in
      if let known = planned[day.number] { return known[lane] }
      var byLane = [[PlannedReading]](repeating: [], count: lanes)
      for reading in planner.readings(of: day) {
        byLane[laneOfDevice[Int(reading.device)]].append(reading)
      }
      planned[day.number] = byLane
      planned[day.number - 2] = nil
      return byLane[lane]
    }
  }
}
