import CPlatform
import Foundation
import Logging
import ReadingLog
import ServiceLifecycle

extension Aggregator {
  /// Seconds between looks at the log when there is nothing to do.
  private static let idleSeconds = 0.05
  /// The same while rows come.
  private static let busySeconds = 0.02
  private static let stopLimit = Duration.seconds(2)
  /// Seconds before another attempt after an error, and after many in a row: each reads the campus anew.
  private static let retrySeconds = 1.0
  private static let lastRetrySeconds = 30.0
  /// Idle looks after which running revisions need not wait for their interval any more.
  private static let idleLooks = 20
  /// Rests after which they become longer.
  private static let shortRests = 200

  /// Folds on a thread of its own until cancelled or asked to stop. Errors are logged and tried again: intake goes on.
  public func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        let thread = Thread {
          // Foundation's name does not reach the system, where profilers look for it.
          platform_name_thread("aggregation")
          self.work()
          continuation.resume()
        }
        thread.start()
      }
    } onCancelOrGracefulShutdown: {
      self.stop()
    }
  }

  /// Asks to stop: what takes long is broken off at its next turn.
  func stop() {
    stopping.withLock { $0 = $0 ?? .now }
    platform_event_raise(stopEvent)
  }

  private func work() {
    var looks = 0
    var problem: String?
    var failures = 0
    var wasBlocked = false
    // The store's changes up to which everything is folded and written.
    var settled: Int64?
    var rests = 0
    while true {
      let changes = log.store.changes
      if changes == settled {
        // Longer with time: what comes after a long silence may wait a little.
        rests += 1
        if waitOrStop(Aggregator.idleSeconds * (rests < Aggregator.shortRests ? 1 : 4)) { break }
        continue
      }
      settled = nil
      rests = 0
      var seconds = Aggregator.idleSeconds
      do {
        let progress = try step()
        if progress.isBlocked != wasBlocked, !isAskedToStop {
          wasBlocked = progress.isBlocked
          if wasBlocked {
            logger.warning(
              "the outbox is full of final aggregates: aggregation waits for the diagnosis core; intake goes on")
          } else {
            logger.notice("the outbox has room again")
          }
        }
        if progress.isCaughtUp { looks += 1 } else { looks = 0 }
        if looks == Aggregator.idleLooks { try publishPending() }
        if looks > Aggregator.idleLooks, !progress.isBlocked { settled = changes }
        if !progress.isCaughtUp, !progress.isBlocked {
          // Some rows at a time: each look and each transaction costs as much as hundreds of rows.
          seconds = progress.rowsFolded > 0 && progress.rowsLeft == 0 ? Aggregator.busySeconds : 0
        }
        if problem != nil { logger.notice("aggregation goes on") }
        problem = nil
        failures = 0
      } catch {
        let text = "\(error)"
        if text != problem, !isAskedToStop { logger.error("aggregation failed and is tried again: \(text)") }
        problem = text
        seconds = min(Aggregator.lastRetrySeconds, Aggregator.retrySeconds * Double(1 << min(failures, 5)))
        failures += 1
        looks = 0
      }
      if waitOrStop(seconds) { break }
    }
    // To read it all again only in order to write would make the stop a long one.
    do { if hasFold { try publishPending() } } catch {
      logger.warning("aggregates are written at the next start: \(error)")
    }
    finish()
  }

  /// A stop is to be over within five seconds, with what else it takes.
  var isOutOfTime: Bool { stopping.withLock { $0.map { .now - $0 > Aggregator.stopLimit } ?? false } }

  /// What takes long is left for the next start then.
  var isAskedToStop: Bool { stopping.withLock { $0 != nil } }

  /// true: asked to stop. By a clock that nobody sets: set back by an hour, a deadline would lie an hour ahead.
  private func waitOrStop(_ seconds: Double) -> Bool {
    if seconds > 0 { _ = platform_wait(-1, false, stopEvent, Int64(seconds * 1e9)) }
    return isAskedToStop
  }
}
