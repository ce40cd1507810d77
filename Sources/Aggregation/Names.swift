/// Ids of people, places, units and so on as small numbers, the same over campus versions. A fold compares and hashes
/// the numbers; texts are looked up only when an aggregate is written.
final class Names {
  private var numbers: [String: Int32] = [:]
  private var texts: [String] = []
  private var pairs: [Int64: Int32] = [:]

  func number(_ text: String) -> Int32 {
    if let known = numbers[text] { return known }
    let number = Int32(texts.count)
    numbers[text] = number
    texts.append(text)
    return number
  }

  /// The number of `{first}/{second}`.
  func pair(_ first: Int32, _ second: Int32) -> Int32 {
    let key = Int64(first) << 32 | Int64(second)
    if let known = pairs[key] { return known }
    let number = number("\(text(first))/\(text(second))")
    pairs[key] = number
    return number
  }

  func text(_ number: Int32) -> String { texts[Int(number)] }
}
