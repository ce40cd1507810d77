import Synchronization

/// Keeps a fault that comes again and again from filling the log: of lines that differ in figures alone, the first few
/// of each minute pass, and the next one says how many were left out.
final class RepeatFilter: Sendable {
  private struct Kind {
    var since: Int64
    var passed = 1
    var heldBack = 0
  }

  /// Lines of a kind that pass in a minute.
  static let burst = 5
  /// Milliseconds.
  static let window: Int64 = 60_000
  /// Kinds remembered; beyond it, those whose minute is over are forgotten.
  static let kinds = 200

  private let kinds = Mutex<[String: Kind]>([:])

  /// How many lines of this kind were held back before this one; nil: hold this one back too. `now`: milliseconds.
  func pass(_ message: String, now: Int64) -> Int? {
    var name = ""
    for scalar in message.unicodeScalars where !(0x30...0x39).contains(scalar.value) { name.unicodeScalars.append(scalar) }
    return kinds.withLock { kinds in
      guard var kind = kinds[name], now - kind.since < RepeatFilter.window else {
        let before = kinds[name]?.heldBack ?? 0
        if kinds.count >= RepeatFilter.kinds { kinds = kinds.filter { now - $0.value.since < RepeatFilter.window } }
        kinds[name] = Kind(since: now)
        return before
      }
      defer { kinds[name] = kind }
      if kind.passed < RepeatFilter.burst {
        kind.passed += 1
        return 0
      }
      kind.heldBack += 1
      return nil
    }
  }
}
