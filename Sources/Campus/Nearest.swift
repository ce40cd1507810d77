/// The candidate most like `text`, for "did you mean …?"; `nil` where none is near enough to be meant.
///
/// Counts insertions, deletions, substitutions and swaps of neighbours; ASCII case does not count. A third of the
/// letters may differ, three at most. Of several equally near, the first.
public func nearest(_ text: String, among candidates: some Sequence<String>) -> String? {
  let wanted = folded(text)
  var best: (candidate: String, distance: Int)?
  for candidate in candidates {
    let letters = folded(candidate)
    let limit = min(3, max(wanted.count, letters.count) / 3, (best?.distance ?? .max) - 1)
    guard limit >= 0, abs(wanted.count - letters.count) <= limit else { continue }
    let distance = editDistance(wanted, letters)
    if distance <= limit { best = (candidate, distance) }
    if distance == 0 { break }
  }
  return best?.candidate
}

private func folded(_ text: String) -> [UInt32] {
  text.unicodeScalars.map { scalar in
    (65...90).contains(scalar.value) ? scalar.value + 32 : scalar.value
  }
}

/// Optimal string alignment distance, three rows at a time.
private func editDistance(_ left: [UInt32], _ right: [UInt32]) -> Int {
  if left == right { return 0 }
  var beforePrevious = [Int](repeating: 0, count: right.count + 1)
  var previous = Array(0...right.count)
  var current = previous
  for row in 0..<left.count {
    current[0] = row + 1
    for column in 0..<right.count {
      let same = left[row] == right[column]
      var cost = min(
        previous[column + 1] + 1, current[column] + 1, previous[column] + (same ? 0 : 1))
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, beforePrevious[column - 1] + 1)
      }
      current[column + 1] = cost
    }
    (beforePrevious, previous, current) = (previous, current, beforePrevious)
  }
  return previous[right.count]
}
