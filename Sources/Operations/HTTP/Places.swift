import Synchronization

/// So many at once, at most: what is large must not be in memory for everybody who comes.
final class Places: Sendable {
  private let count: Int
  private let taken = Mutex(0)

  init(_ count: Int) { self.count = count }

  /// false: there is none left. Who has one leaves it again.
  func take() -> Bool {
    taken.withLock { taken in
      guard taken < count else { return false }
      taken += 1
      return true
    }
  }

  func leave() { taken.withLock { $0 -= 1 } }
}
