import Diagnosis
import Foundation
import ServiceLifecycle
import UnixSignals

/// Gives a core its clock: escalations and closings every second, retention once a day; and another attempt to open
/// its store where that failed.
struct CoreUpkeep: Service {
  let local: LocalCore

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var seconds = 0
      var problem: DiagnosisError?
      while !Task.isCancelled {
        local.openIfDue(now: unixNow())
        do throws(DiagnosisError) {
          if local.problem == nil {
            let core = try local.core
            try core.advance(to: unixNow())
            if seconds % 86_400 == 0 { try core.retain(now: unixNow()) }
          }
          problem = nil
        } catch {
          if error != problem { local.logger.warning("\(error); trying again") }
          problem = error
        }
        seconds += 1
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }
}

/// Reloads the standards of a core that runs alone, on SIGHUP.
struct StandardsReloader: Service {
  let local: LocalCore

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      do { try local.reload() } catch {
        local.logger.error("not reloaded, the old standards stay in force:\n\(error)")
      }
    }
  }
}
