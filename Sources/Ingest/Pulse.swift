import CPlatform
import Synchronization

/// By when a thread will have come back to its loop. Takes a promise at each turn, which costs one store; tells whoever
/// watches whether it was kept. Times are monotonic nanoseconds.
public final class Pulse: Sendable {
  /// 0: the thread has not begun; `.max`: it waits for somebody else, and nobody knows how long.
  private let due = Atomic<Int64>(0)

  /// Nanoseconds between two turns of a thread that has nothing to do, at most.
  public static let turn: Int64 = 2_000_000_000

  public init() {}

  @inline(__always)
  func beat(within nanoseconds: Int64 = Pulse.turn) {
    due.store(platform_monotonic_ns() + nanoseconds, ordering: .relaxed)
  }

  /// The thread waits for something that may take any time, such as the system's connect.
  func rest() { due.store(.max, ordering: .relaxed) }

  public var hasBegun: Bool { due.load(ordering: .relaxed) != 0 }

  /// Whether the thread has been away for `grace` longer than it said.
  public func isLate(now: Int64, grace: Int64) -> Bool {
    let due = self.due.load(ordering: .relaxed)
    return due != .max && now - due > grace
  }
}
