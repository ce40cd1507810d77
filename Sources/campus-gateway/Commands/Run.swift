import Aggregation
import ArgumentParser
import CPlatform
import Foundation
import Ingest
import Logging
import Operations
import ReadingLog
import ServiceLifecycle
import UnixSignals

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Run the gateway. SIGTERM and SIGINT: commit, acknowledge, exit 0. SIGHUP: reload campus, keys and standards.")

  @OptionGroup var common: CommonOptions

  func run() async throws {
    // A reload asked for before there is anything to reload must not end the process.
    signal(SIGHUP, SIG_IGN)
    Interruption.endAtOnce()
    let configuration = try common.load(forRunning: true)
    let logger = configuration.log.logger()
    let folder = try DataFolder(configuration.dataFolder, patience: DataFolder.patience)
    let gateway = try Gateway(configuration, logger: logger)
    let options = try gateway.laneOptions()
    let control = try ControlServer(folder: configuration.dataFolder, logger: logger) {
      try gateway.handle($0, isStopping: $1)
    }
    let downstream = try Downstream(gateway)
    gateway.downstream.withLock { $0 = downstream }
    let operations = try gateway.operations(downstream)
    do { try await operations.checkAddress() } catch { throw Refusal(error) }
    let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
    // Stopped in the reverse order: intake first, the page last.
    var services: [any Service] = [control, Reloader(gateway, manager), Retention(gateway)]
    services += operations.services
    services += downstream.services
    let lanes = options.map { Lane($0, intake: gateway.intake, logger: logger) }
    services += lanes as [any Service]
    // Last, so that it is the first to hear of a stop.
    if let manager { services.append(Supervision(gateway: gateway, lanes: lanes, manager: manager)) }
    logger.info(
      "ready", metadata: [
        "store": "\(configuration.store.path)", "devices": "\(gateway.registry.current.entries.count)",
        "keys": "\(gateway.registry.current.keys.count)",
      ])
    let group = ServiceGroup(
      configuration: .init(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    do {
      try await group.run()
    } catch let error as LaneError {
      throw Refusal.cannotRun(error.description)
    } catch let error as OperationsError {
      throw Refusal(error)
    }
    downstream.shutDown()
    gateway.intake.writer.finish()
    do { try gateway.store.close() } catch {
      // What is committed is safe in the write-ahead log; a full disk must not make a stop a failure.
      logger.warning("the write-ahead log stays beside the store until the next start: \(error)")
    }
    logger.info("stopped", metadata: ["commits": "\(gateway.intake.status.current.commits)"])
    _ = consume folder
  }
}

/// Reloads campus, keys and standards on SIGHUP; with a fault in them the old ones stay in force.
struct Reloader: Service {
  private let disk = DiskWork("reload")
  let gateway: Gateway
  let manager: ServiceManager?

  init(_ gateway: Gateway, _ manager: ServiceManager?) {
    self.gateway = gateway
    self.manager = manager
  }

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
      manager?.tell("RELOADING=1", "MONOTONIC_USEC=\(platform_monotonic_ns() / 1_000)")
      do {
        try await disk.run { (_) throws in try gateway.reload() }
        gateway.logger.notice(
          "reloaded", metadata: ["devices": "\(gateway.registry.current.entries.count)"])
      } catch {
        gateway.logger.error("not reloaded, the old campus stays in force:\n\(error)")
      }
      do {
        try await disk.run { (_) throws in try gateway.reloadStandards() }
      } catch {
        gateway.logger.error("not reloaded, the old standards stay in force:\n\(error)")
      }
      manager?.tell("READY=1")
    }
  }
}

/// Sums old ledger rows every minute, and removes what is older than the configured days once an hour: readings, fine
/// aggregates, and who was at which meeting.
struct Retention: Service {
  private let disk = DiskWork("retention")
  let gateway: Gateway
  init(_ gateway: Gateway) { self.gateway = gateway }

  private static let day: Int64 = 86_400_000

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var minute = 0
      while !Task.isCancelled {
        let isHourly = minute % 60 == 0
        do {
          try await disk.run { (isCancelled) throws -> Void in
            try gateway.store.sumOldBatches(isCancelled: isCancelled)
            if isHourly { try removeOld(isCancelled) }
          }
        } catch {
          gateway.logger.warning("old readings were not removed: \(error)")
        }
        minute += 1
        do { try await Task.sleep(for: .seconds(60)) } catch { return }
      }
    }
  }

  private func removeOld(_ isCancelled: () -> Bool) throws {
    let limits = gateway.configuration.store
    let now = unixNow()
    let time = try gateway.store.retentionTime(now: now)
    if now - time > 30 * Retention.day {
      gateway.logger.warning(
        "the host's clock is \((now - time) / Retention.day) days ahead of the last removal of old readings: it is believed a day more each hour; check it")
    }
    try gateway.intake.writer.closeSegment(receivedBefore: now - Retention.day)
    let before = time - Int64(limits.retentionDays) * Retention.day
    let removed = try gateway.store.retain(
      before: before, quarantineBefore: time - Int64(limits.quarantineDays) * Retention.day,
      isCancelled: isCancelled)
    if removed > 0 { gateway.logger.info("old readings removed", metadata: ["readings": "\(removed)"]) }
    // Those of a day and longer stay: reports of past years are made of them.
    try gateway.store.retainAggregates(
      grains: [AggregateGrain.fiveMinutes.rawValue, AggregateGrain.hour.rawValue], before: before,
      isCancelled: isCancelled)
    let aggregator = gateway.downstream.withLock { $0?.aggregator }
    try aggregator?.retireMeetings(olderThanDays: limits.retentionDays, now: time)
    try gateway.store.removeRetiredMeetings(isCancelled: isCancelled)
  }
}
