extension DayPlanner {
  private static let statusMinutes = 30

  /// Every device reports its health each half hour; rarely somebody reports an incident.
  func planOperations(_ plan: inout DayPlan) {
    for index in devices.indices {
      planStatus(index, &plan)
      planIncident(index, &plan)
    }
  }

  private func planStatus(_ index: Int, _ plan: inout DayPlan) {
    var dice = Dice(seed, .status, plan.day.number, index)
    var own = Dice(seed, .status, -1, index)
    let phase = own.below(Self.statusMinutes * 60_000)
    let usualSignal = own.between(-78, -48)
    let capacity = own.between(3_900, 4_150)
    let hoursLeft = own.between(1_000, 9_000)
    for slot in 0..<(24 * 60 / Self.statusMinutes) {
      let offset = Int64(slot * Self.statusMinutes * 60_000 + phase)
      var reading = PlannedReading(
        time: plan.day.start + offset, device: Int32(index), kind: .status)
      let hour = Double(offset) / 3_600_000
      let drained = (Double(plan.day.number % 30) * 24 + hour) / hoursLeft
      reading.item = UInt32(max(3_300, capacity - 500 * drained))
      reading.score = Int32(dice.normal(usualSignal, 2.5))
      let warmth = 60 - (hour - 14) * (hour - 14) * 0.4
      reading.ballot = UInt64(max(0, 215 + max(-30, warmth) + dice.normal(0, 6)))
      plan.readings.append(reading)
    }
  }

  private func planIncident(_ index: Int, _ plan: inout DayPlan) {
    var dice = Dice(seed, .incident, plan.day.number, index)
    let role = devices[index].role
    guard dice.chance(role == .kiosk ? 0.25 : role == .terminal ? 0.04 : 0) else { return }
    let time = plan.day.time(dice.between(7.5 * 60, 21 * 60))
    var reading = PlannedReading(time: time, device: Int32(index), kind: .incident)
    let position = dice.below(Incidents.all.count)
    reading.item = UInt32(Incidents.all[position].category)
    reading.score = Int32(position)
    plan.readings.append(reading)
  }
}
