import Glibc
import Synchronization

/// SIGINT or SIGTERM asks a command in several steps to end after the present one, and to say how far it came. The
/// second one ends it at once.
struct Interruption {
  private static let asked = Atomic(false)

  init() {
    // Made before a signal can come.
    Interruption.asked.store(false, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.asked.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  var isAsked: Bool { Interruption.asked.load(ordering: .relaxed) }

  /// SIGINT and SIGTERM end the process at once and well: nothing has been taken yet that must be committed first.
  /// Holds until the services install their own.
  static func endAtOnce() {
    for number in [SIGINT, SIGTERM] { signal(number) { _ in _exit(0) } }
  }
}
