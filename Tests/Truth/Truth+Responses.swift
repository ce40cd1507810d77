extension Truth {
  /// Votes under one key.
  struct Votes {
    var count = 0
    var sum = 0
    /// In the lowest 40 % of the item's scale; at 60 % of it or more.
    var low = 0
    var passed = 0
    var histogram: [Int: Int] = [:]

    mutating func add(_ score: Int, _ survey: PlainCampus.Survey) {
      count += 1
      sum += score
      histogram[score, default: 0] += 1
      if Votes.isLow(score, survey) { low += 1 }
      if Votes.isPass(score, survey) { passed += 1 }
    }

    /// Of the scores least…most in their order, the first 40 % of them: 1 and 2 of 1…5.
    static func isLow(_ score: Int, _ survey: PlainCampus.Survey) -> Bool {
      (score - survey.least + 1) * 10 <= (survey.most - survey.least + 1) * 4
    }

    /// At 60 % of the way from least to most, or beyond.
    static func isPass(_ score: Int, _ survey: PlainCampus.Survey) -> Bool {
      (score - survey.least) * 10 >= (survey.most - survey.least) * 6
    }
  }

  /// A response with the question it answers; answers off the scale count nowhere.
  private func answers() -> [(reading: StoredReading, survey: PlainCampus.Survey, place: String)] {
    readings.compactMap { reading in
      guard reading.kind == "response", let survey = campus.surveys[reading.item], let place = place(reading),
        (survey.least...survey.most).contains(reading.score)
      else { return nil }
      return (reading, survey, place)
    }
  }

  private func aggregates(
    _ name: String, _ votes: [Aggregate.Key: Votes], _ measures: (Votes) -> [String: Aggregate.Measure]
  ) -> [Aggregate] {
    votes.map { key, votes in
      let common: [String: Aggregate.Measure] = [
        "count": .count(votes.count), "mean": .fraction(share(votes.sum, votes.count)),
        "histogram": .histogram(votes.histogram),
      ]
      return Aggregate(key: key, measures: common.merging(measures(votes)) { $1 })
    }
  }

  // MARK: Satisfaction

  /// Votes about a place, about all it lies in, and for the unit responsible for it with all units above; the five
  /// minutes only of the place itself.
  func satisfaction() -> [Aggregate] {
    var votes: [Aggregate.Key: Votes] = [:]
    for (reading, survey, place) in answers() where survey.placeKind != "room" {
      let path = campus.placePath(place)
      var about = path.map { ("place", $0) }
      let responsible = path.compactMap { campus.places[$0]?.unit }.first { !$0.isEmpty }
      about += campus.unitPath(responsible ?? "").map { ("unit", $0) }
      for (scope, id) in about {
        for (grain, window) in satisfactionWindows(reading.time) {
          if grain == "5min", (scope, id) != ("place", place) { continue }
          let key = Aggregate.Key(
            aggregate: "satisfaction", scope: scope, id: "\(id)/\(survey.dimension)", grain: grain, window: window)
          votes[key, default: Votes()].add(reading.score, survey)
        }
      }
    }
    return aggregates("satisfaction", votes) { votes in
      [
        "low_share": .fraction(share(votes.low, votes.count)),
        "lower_bound": .fraction(Wilson.lowerBound(votes.low, of: votes.count)),
      ]
    }
  }

  private func satisfactionWindows(_ time: Int64) -> [(String, LocalCalendar.Window)] {
    var windows = [
      ("5min", calendar.fiveMinutes(time)), ("day", calendar.day(time)), ("month", calendar.month(time)),
      ("term", calendar.term(time)),
    ]
    if let meal = calendar.meal(time) { windows.append(("meal", meal)) }
    return windows
  }

  // MARK: Assessment

  /// Answers given in a room while a meeting is on there: of the meeting, its course, its teacher, and the course's
  /// unit with all units above, each once; of the room where no meeting is on.
  func assessment() -> [Aggregate] {
    var votes: [Aggregate.Key: Votes] = [:]
    for (reading, survey, place) in answers() where survey.placeKind == "room" {
      let sessions = campus.sessions.filter {
        $0.place == place && $0.start <= reading.time && reading.time < $0.end
      }
      var keys: Set<Aggregate.Key> = []
      func add(_ scope: String, _ id: String, _ grain: String, _ window: LocalCalendar.Window) {
        keys.insert(
          Aggregate.Key(
            aggregate: "assessment", scope: scope, id: "\(id)/\(survey.dimension)", grain: grain, window: window))
      }
      var owners = sessions.isEmpty ? [("place", place)] : []
      for session in sessions {
        add("session", session.id, "meeting", LocalCalendar.Window(start: session.start, end: session.end))
        owners += [("course", session.course), ("teacher", session.teacher)]
        owners += campus.unitPath(campus.unitOfCourse[session.course] ?? "").map { ("unit", $0) }
      }
      for (scope, id) in owners {
        add(scope, id, "month", calendar.month(reading.time))
        add(scope, id, "term", calendar.term(reading.time))
      }
      for key in keys { votes[key, default: Votes()].add(reading.score, survey) }
    }
    return aggregates("assessment", votes) { ["pass_rate": .fraction(share($0.passed, $0.count))] }
  }
}
