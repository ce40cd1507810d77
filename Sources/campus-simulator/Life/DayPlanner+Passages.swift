import Campus

extension DayPlanner {
  /// Students leave their dormitory for the first lesson, come back at noon and at night; a few late.
  func planDormitories(_ plan: inout DayPlan) {
    guard !map.dormitories.isEmpty else { return }
    for person in campus.people.indices
    where campus.people[person].role == .student && cards.hasCard(person) {
      var dice = Dice(seed, .passage, plan.day.number, person)
      let home = map.dormitories[Dice.home(seed, person, map.dormitories.count)]
      let first = plan.firstLesson[person]
      let leave =
        first > 0
        ? first - Int64(dice.between(12, 40) * 60_000)
        : plan.day.time(dice.between(8 * 60, 13 * 60))
      pass(person, home, 1, leave, &dice, &plan)
      if dice.chance(0.45) {
        pass(person, home, 0, plan.day.time(dice.normal(12 * 60 + 20, 15)), &dice, &plan)
        pass(person, home, 1, plan.day.time(dice.normal(13 * 60 + 30, 12)), &dice, &plan)
      }
      let last = max(plan.lastLesson[person], plan.day.time(17 * 60))
      var homecoming = max(
        last + Int64(dice.between(10, 60) * 60_000), plan.day.time(dice.normal(20.5 * 60, 60)))
      // The doors close at eleven.
      if dice.chance(0.02) { homecoming = plan.day.time(dice.between(23 * 60, 23.9 * 60)) }
      pass(person, home, 0, min(homecoming, plan.day.time(23.95 * 60)), &dice, &plan)
    }
  }

  /// Teachers and staff come in the morning and go in the evening; students go out; visitors have other cards.
  func planGates(_ plan: inout DayPlan) {
    guard !map.gates.isEmpty else { return }
    let isWeekend = plan.day.weekday >= 5
    for person in campus.people.indices where cards.hasCard(person) {
      var dice = Dice(seed, .passage, -1 - plan.day.number, person)
      let gate = map.gates[dice.below(map.gates.count)]
      if campus.people[person].role == .student {
        let wish = habits[person].goesOut * (isWeekend ? 1.8 : 1)
        guard dice.chance(wish) else { continue }
        let out = max(plan.lastLesson[person], plan.day.time(dice.normal(17.5 * 60, 45)))
        let back = out + Int64(dice.between(50, 240) * 60_000)
        pass(person, gate, 1, out, &dice, &plan)
        pass(person, gate, 0, min(back, plan.day.time(23.9 * 60)), &dice, &plan)
      } else if !isWeekend || dice.chance(0.15) {
        pass(person, gate, 0, plan.day.time(dice.normal(7 * 60 + 50, 16)), &dice, &plan)
        pass(person, gate, 1, plan.day.time(dice.normal(17 * 60 + 15, 35)), &dice, &plan)
      }
    }
    planVisitors(&plan)
  }

  private func planVisitors(_ plan: inout DayPlan) {
    var dice = Dice(seed, .visitor, plan.day.number)
    for visitor in 0..<(4 + campus.people.count / 400) {
      let gate = map.gates[dice.below(map.gates.count)]
      let time = plan.day.time(dice.between(8 * 60, 18 * 60))
      let number = -1 - (plan.day.number * 1_000 + visitor) % 1_000_000
      pass(number, gate, 0, time, &dice, &plan)
    }
  }

  /// Some cards are not read the first time, a few are refused.
  private func pass(
    _ person: Int, _ readers: [Int32], _ direction: UInt8, _ time: Int64, _ dice: inout Dice,
    _ plan: inout DayPlan
  ) {
    var reading = PlannedReading(time: time, device: dice.pick(readers), kind: .passage)
    reading.person = Int32(person)
    if person >= 0 { reading.card = cards.pick(person, &dice) }
    reading.detail = dice.chance(0.01) ? 2 : direction
    if dice.chance(person < 0 ? 0.5 : 0.004) {
      reading.isGranted = false
      plan.readings.append(reading)
      reading.isGranted = true
      reading.time += Int64(dice.between(2_000, 20_000))
    }
    plan.readings.append(reading)
  }
}

extension Dice {
  /// The dormitory a student lives in.
  fileprivate static func home(_ seed: UInt64, _ person: Int, _ dormitories: Int) -> Int {
    var dice = Dice(seed, .habit, -1 - person)
    return dice.below(dormitories)
  }
}
