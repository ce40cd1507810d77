import Diagnosis
import Foundation
import ReadingLog
import ServiceLifecycle
import UnixSignals

/// Gives a core its clock: escalations and closings every second, retention once a day; and another attempt to open
/// its store where that failed.
struct CoreUpkeep: Service {
  let local: LocalCore
  private let disk = DiskWork("diagnosis.upkeep")

  init(local: LocalCore) { self.local = local }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var seconds = 0
      var problem: DiagnosisError?
      while !Task.isCancelled {
        let isDaily = seconds % 86_400 == 0
        do throws(DiagnosisError) {
          try await disk.run { (_) throws(DiagnosisError) in try lookAfter(isDaily: isDaily) }
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

  private func lookAfter(isDaily: Bool) throws(DiagnosisError) {
    local.openIfDue(now: unixNow())
    guard local.problem == nil else { return }
    let core = try local.core
    try core.advance(to: unixNow())
    if isDaily { try core.retain(now: unixNow()) }
  }
}

/// Reloads the standards of a core that runs alone, on SIGHUP.
struct StandardsReloader: Service {
  let local: LocalCore
  private let disk = DiskWork("reload")

  init(local: LocalCore) { self.local = local }

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      do {
        try await disk.run { (_) throws in try local.reload() }
      } catch {
        local.logger.error("not reloaded, the old standards stay in force:\n\(error)")
      }
    }
  }
}
