import CPlatform
import Ingest
import ServiceLifecycle

/// Tells the service manager when the gateway is ready, how it is doing, that it lives, and that it stops.
///
/// A sign of life is given only while every lane turns and its commits come back. A full disk or an absent broker is
/// no reason to withhold it: a new process would stand still in the same way.
struct Supervision: Service {
  let gateway: Gateway
  let lanes: [Lane]
  let manager: ServiceManager

  /// Milliseconds between two statuses where no sign of life is asked for.
  private static let interval: Int64 = 10_000
  /// Nanoseconds a lane may stay away beyond what it said.
  private static let grace: Int64 = 10_000_000_000

  func run() async throws {
    await cancelWhenGracefulShutdown {
      await waitForLanes()
      guard !Task.isCancelled else { return }
      manager.tell("READY=1", status)
      while !Task.isCancelled {
        let now = platform_monotonic_ns()
        if let late = lanes.firstIndex(where: { $0.pulse.isLate(now: now, grace: Supervision.grace) }) {
          gateway.logger.critical("lane \(late) stands still: the service manager is told of no life any more")
        } else if manager.watchdog != nil {
          manager.tell("WATCHDOG=1", status)
        } else {
          manager.tell(status)
        }
        do { try await Task.sleep(for: .milliseconds(pause)) } catch { break }
      }
    }
    manager.tell("STOPPING=1", "STATUS=committing what is open, then stopping")
  }

  /// Three signs of life in the time in which one is due.
  private var pause: Int64 { min(Supervision.interval, (manager.watchdog ?? .max) / 3_000_000) }

  /// The store is open already; each lane's thread begins within moments.
  private func waitForLanes() async {
    while !lanes.allSatisfy({ $0.pulse.hasBegun }) {
      do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
    }
  }

  private var status: String {
    let values = gateway.intake.status.current
    let state =
      values.isSuspended ? "intake stands still" : values.isOnline ? "online" : "offline"
    let problem = values.problem.map { ": \($0)" } ?? ""
    let counts = "\(values.sinceStart.received) messages since the start in \(values.commits) commits"
    return "STATUS=\(state)\(problem); \(counts)"
  }
}
