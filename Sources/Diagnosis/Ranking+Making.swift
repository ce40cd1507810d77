extension Ranking {
  /// Ranks the subjects of one window; nil where there are none.
  init?(_ standard: Standard, _ rule: Standard.RankingRule, _ subjects: [Observation]) {
    guard let window = subjects.first?.window else { return nil }
    var leftOut = LeftOut()
    var entries: [Entry] = []
    for subject in subjects {
      guard subject.isFinal else {
        leftOut.pending += 1
        continue
      }
      if standard.aggregate.needsEveryDevice(standard.measure), !subject.isComplete {
        leftOut.incomplete += 1
        continue
      }
      let sample = standard.sample(of: subject)
      guard let value = subject.value(of: standard.measure), sample >= standard.minimumSample else {
        leftOut.sample += 1
        continue
      }
      entries.append(Entry(rank: 0, id: subject.subject, value: value, sample: sample, signal: nil))
    }
    self.init(
      standard: standard.id, name: standard.name, nameEn: standard.nameEn, layer: standard.layer,
      scope: standard.scope, grain: standard.grain, measure: standard.measure, window: window,
      population: entries.count, minimumPopulation: rule.minimumPopulation, leftOut: leftOut, entries: [])
    if isRanked { self.entries = Self.ranked(entries, rule, highIsGood: standard.direction == .below) }
  }

  /// Puts the best first, gives equal values equal ranks, and marks top and bottom.
  ///
  /// A tie is in or out together. One that straddles the line of the top is in, one that straddles the line of the
  /// bottom is out: in doubt for the people. Where all are equal nobody is marked.
  private static func ranked(_ entries: [Entry], _ rule: Standard.RankingRule, highIsGood: Bool) -> [Entry] {
    var sorted = entries.sorted { left, right in
      if left.value != right.value { return (left.value > right.value) == highIsGood }
      return left.id < right.id
    }
    let count = sorted.count
    for index in sorted.indices {
      let isTied = index > 0 && sorted[index].value == sorted[index - 1].value
      sorted[index].rank = isTied ? sorted[index - 1].rank : index + 1
    }
    guard let best = sorted.first?.value, let worst = sorted.last?.value, best != worst else { return sorted }
    // 0.29 × 100 is a little less than 29 in binary.
    let top = Int(Double(count) * rule.top + 1e-9)
    let bottom = Int(Double(count) * rule.bottom + 1e-9)
    let firstOfBottom = count - bottom + 1
    for index in sorted.indices {
      if sorted[index].rank <= top {
        sorted[index].signal = .top
      } else if sorted[index].rank >= firstOfBottom {
        sorted[index].signal = .bottom
      }
    }
    return sorted
  }
}
