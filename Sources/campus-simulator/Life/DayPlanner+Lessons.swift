import Campus

extension DayPlanner {
  /// People come early, on time, late or not at all, and check in where the meeting is.
  func planLessons(_ plan: inout DayPlan) {
    for index in sessions[plan.day.number] ?? [] {
      let session = campus.sessions[index]
      let terminals = map.terminals[session.placeID] ?? []
      var present: [Int] = []
      for member in campus.enrolments.members(of: session.groupID) {
        let person = Int(member)
        // Nobody is in two places at once: the meeting that began first keeps them.
        guard plan.lastLesson[person] <= session.start else { continue }
        if plan.firstLesson[person] == 0 { plan.firstLesson[person] = session.start }
        plan.lastLesson[person] = session.end
        guard !terminals.isEmpty, cards.hasCard(person) else { continue }
        if checkIn(person, index, session, terminals, &plan) { present.append(person) }
      }
      planGuests(index, session, terminals, &plan)
      planAssessment(of: present, index, session, terminals, &plan)
    }
  }

  private func checkIn(
    _ person: Int, _ index: Int, _ session: Session, _ terminals: [Int32], _ plan: inout DayPlan
  ) -> Bool {
    let habit = habits[person]
    var dice = Dice(seed, .lesson, index, person)
    guard !dice.chance(habit.skips + scenario.absence(of: person, from: session)) else { return false }
    var minutes = dice.normal(-habit.early, habit.spread)
    if dice.chance(habit.delayed) { minutes += dice.between(4, 30) }
    minutes += scenario.lateness(of: person, for: session)
    let earliest = session.start - 14 * 60_000
    let time = max(earliest, session.start + Int64(minutes * 60_000))
    guard time < session.end else { return false }
    var reading = PlannedReading(time: time, device: dice.pick(terminals), kind: .checkin)
    reading.person = Int32(person)
    reading.detail = habit.method
    reading.card = cards.pick(person, &dice)
    plan.readings.append(reading)
    // Some are not sure that it took the card.
    if dice.chance(0.015) {
      reading.time += Int64(dice.between(1_500, 9_000))
      reading.card = cards.pick(person, &dice)
      plan.readings.append(reading)
    }
    return true
  }

  /// Cards that belong to no one enrolled: every other of a visitor, every other of somebody on the roster.
  private func planGuests(_ index: Int, _ session: Session, _ terminals: [Int32], _ plan: inout DayPlan) {
    let count = scenario.guests(at: session)
    guard count > 0, !terminals.isEmpty, !campus.people.isEmpty else { return }
    var dice = Dice(seed, .guest, index)
    for number in 0..<count {
      let time = session.start + Int64(dice.between(-14, 20) * 60_000)
      var reading = PlannedReading(time: min(time, session.end - 1), device: dice.pick(terminals), kind: .checkin)
      reading.person = -1 - Int32(dice.below(1_000_000))
      let person = dice.below(campus.people.count)
      if number % 2 == 1, cards.hasCard(person) { reading.person = Int32(person) }
      plan.readings.append(reading)
    }
  }

  /// At the end of some meetings those present answer at the terminal, where a survey asks something in rooms.
  private func planAssessment(
    of present: [Int], _ index: Int, _ session: Session, _ terminals: [Int32],
    _ plan: inout DayPlan
  ) {
    let items = campus.surveys.filter { $0.placeKind == .room }
    var dice = Dice(seed, .vote, index)
    guard !items.isEmpty, !terminals.isEmpty, dice.chance(0.4) else { return }
    let difficulty = dice.between(-0.12, 0.12)
    for person in present where dice.chance(0.8) {
      let time = session.end - Int64(dice.between(5_000, 300_000))
      let ballot = dice.next()
      let device = dice.pick(terminals)
      for item in items {
        var reading = PlannedReading(time: time, device: device, kind: .response)
        reading.item = item.item
        let share = dice.normal(0.74 + difficulty + habits[person].kindness * 0.1, 0.13)
        reading.score = Self.score(share, item.scores)
        reading.ballot = ballot
        plan.readings.append(reading)
      }
    }
  }

  /// A share of a scale, as one of its whole scores.
  static func score(_ share: Double, _ scores: ClosedRange<Int32>) -> Int32 {
    let span = Double(scores.upperBound) - Double(scores.lowerBound)
    let value = Double(scores.lowerBound) + (max(0, min(1, share)) * span).rounded()
    return Int32(min(Double(scores.upperBound), value))
  }
}
