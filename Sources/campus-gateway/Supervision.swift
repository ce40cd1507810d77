import CPlatform
import Foundation
import Glibc
import Ingest
import ServiceLifecycle
import Synchronization

/// Tells the service manager when the gateway is ready, how it is doing, that it lives, and that it stops. On a thread
/// of its own: a gateway whose other threads are busy is alive.
///
/// A sign of life is given only while every lane turns and its commits come back. A full disk or an absent broker is
/// no reason to withhold it: a new process would stand still in the same way.
final class Supervision: Service {
  private let gateway: Gateway
  private let lanes: [Lane]
  private let manager: ServiceManager
  private let event: Int32
  private let isStopping = Atomic<Bool>(false)

  /// Milliseconds between two statuses where no sign of life is asked for.
  private static let interval: Int64 = 10_000
  /// Nanoseconds a lane may stay away beyond what it said.
  private static let grace: Int64 = 10_000_000_000

  init(gateway: Gateway, lanes: [Lane], manager: ServiceManager) {
    self.gateway = gateway
    self.lanes = lanes
    self.manager = manager
    event = platform_event_make()
  }

  deinit { close(event) }

  func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let thread = Thread {
          self.watch()
          continuation.resume()
        }
        thread.name = "supervision"
        thread.start()
      }
    } onCancelOrGracefulShutdown: {
      self.isStopping.store(true, ordering: .relaxed)
      platform_event_raise(self.event)
    }
    manager.tell("STOPPING=1", "STATUS=committing what is open, then stopping")
  }

  private func watch() {
    // The store is open already; each lane's thread begins within moments.
    while !lanes.allSatisfy({ $0.pulse.hasBegun }) {
      guard wait(milliseconds: 10) else { return }
    }
    manager.tell("READY=1", status)
    repeat {
      let now = platform_monotonic_ns()
      if let late = lanes.firstIndex(where: { $0.pulse.isLate(now: now, grace: Supervision.grace) }) {
        gateway.logger.critical("lane \(late) stands still: the service manager is told of no life any more")
      } else if manager.watchdog != nil {
        manager.tell("WATCHDOG=1", status)
      } else {
        manager.tell(status)
      }
    } while wait(milliseconds: pause)
  }

  /// false: it is time to stop.
  private func wait(milliseconds: Int64) -> Bool {
    if !isStopping.load(ordering: .relaxed) { _ = platform_wait(-1, false, event, milliseconds * 1_000_000) }
    return !isStopping.load(ordering: .relaxed)
  }

  /// Three signs of life in the time in which one is due.
  private var pause: Int64 { min(Supervision.interval, (manager.watchdog ?? .max) / 3_000_000) }

  private var status: String {
    let values = gateway.intake.status.current
    let state =
      values.isSuspended ? "intake stands still" : values.isOnline ? "online" : "offline"
    let problem = values.problem.map { ": \($0)" } ?? ""
    let counts = "\(values.sinceStart.received) messages since the start in \(values.commits) commits"
    return "STATUS=\(state)\(problem); \(counts)"
  }
}
