import Campus

extension DayPlanner {
  private enum Meal: Int, CaseIterable {
    case breakfast, lunch, dinner

    var minutes: ClosedRange<Double> {
      switch self {
      case .breakfast: 6.9 * 60...8.4 * 60
      case .lunch: 11.4 * 60...13 * 60
      case .dinner: 17 * 60...18.7 * 60
      }
    }
  }

  /// At meals a few of those who eat vote at the canteen's kiosk; in dormitories in the evening.
  func planVotes(_ plan: inout DayPlan) {
    guard !map.kiosks.isEmpty else { return }
    let crowd = Double(campus.people.count(where: { $0.role == .student }))
    for kiosk in map.kiosks {
      var dice = Dice(seed, .vote, plan.day.number, Int(kiosk.device))
      if campus.places[kiosk.place].kind == .dormitory {
        let votes = Int(dice.between(0.5, 1.5) * min(40, 2 + crowd * 0.01 / Double(map.kiosks.count)))
        for _ in 0..<votes { vote(kiosk, 18 * 60...22.5 * 60, 0, &dice, &plan) }
        continue
      }
      for meal in Meal.allCases {
        let share = meal == .lunch ? 0.06 : 0.03
        let votes = Int(dice.between(0.6, 1.4) * min(150, 3 + crowd * share / Double(map.kiosks.count)))
        for _ in 0..<votes { vote(kiosk, meal.minutes, 1 + meal.rawValue, &dice, &plan) }
      }
    }
  }

  /// One ballot: several items, each by the place's mood of that day and meal.
  private func vote(
    _ kiosk: (device: Int32, place: Int, items: [Int]), _ minutes: ClosedRange<Double>,
    _ occasion: Int, _ dice: inout Dice, _ plan: inout DayPlan
  ) {
    var time = plan.day.time(dice.between(minutes.lowerBound, minutes.upperBound))
    let ballot = dice.next()
    let kindness = dice.normal(0, 0.12)
    for position in kiosk.items where dice.chance(0.85) {
      let item = campus.surveys[position]
      var reading = PlannedReading(time: time, device: kiosk.device, kind: .response)
      reading.item = item.item
      reading.score = Self.score(
        dice.normal(mood(kiosk.place, position, plan.day, occasion) + kindness, 0.18), item.scores)
      reading.ballot = ballot
      plan.readings.append(reading)
      time += Int64(dice.between(800, 3_500))
    }
  }

  /// From 0 to 1. A place has its standing, and now and then a bad meal.
  private func mood(_ place: Int, _ item: Int, _ day: LocalDay, _ occasion: Int) -> Double {
    var standing = Dice(seed, .mood, place, item)
    let usual = standing.between(0.55, 0.85)
    var today = Dice(seed, .mood, place &* 64 &+ occasion, day.number)
    let decline = scenario.decline(of: place, on: day)
    return usual - decline + today.normal(0, 0.04) - (today.chance(0.06) ? 0.35 : 0)
  }
}
