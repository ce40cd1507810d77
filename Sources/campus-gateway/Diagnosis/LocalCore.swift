import Diagnosis
import Foundation
import Logging
import Synchronization

/// The diagnosis core whose store stands in the data folder, for the one process that may write it: a gateway that
/// embeds it, `campus-gateway diagnosis`, or a command while neither runs.
final class LocalCore: Sendable {
  /// Where commands find it, in the data folder.
  static let socket = "diagnosis.sock"
  /// Milliseconds between attempts to open a store that cannot be opened.
  static let retryInterval: Int64 = 30_000
  /// Warnings of one batch that the log names.
  private static let announced = 20

  let logger: Logger
  /// Batches must be signed.
  let isSigned: Bool
  private let configuration: Configuration
  private let settings: DiagnosisCore.Settings
  private let folder: DataFolder
  private let state: Mutex<State>
  /// Held while the store is opened: whoever asks for the core meanwhile is not to wait for the disk.
  private let opening = NSLock()

  private struct State: Sendable {
    var standards: Standards
    /// nil: its store could not be opened.
    var core: DiagnosisCore?
    var problem: DiagnosisError?
    /// When it was last tried, Unix milliseconds.
    var triedTime: Int64
  }

  /// `opensLater`: a store that cannot be opened is no error but a problem, and is tried again by `openIfDue`.
  /// `patience`: seconds to wait for the lock.
  init(
    _ configuration: Configuration, logger: Logger, opensLater: Bool = false, patience: Int64 = 0,
    now: Int64 = unixNow()
  ) throws {
    self.configuration = configuration
    self.logger = logger
    folder = try DataFolder(configuration.dataFolder, lock: .diagnosis, patience: patience)
    var settings = DiagnosisCore.Settings()
    settings.key = try configuration.webhookKey()
    isSigned = settings.key != nil
    self.settings = settings
    var state = State(standards: try configuration.loadStandards(), triedTime: now)
    do throws(DiagnosisError) {
      state.core = try DiagnosisCore(
        path: configuration.diagnosisStore, standards: state.standards, settings: settings)
    } catch {
      guard opensLater else { throw error }
      state.problem = error
      LocalCore.report(error, to: logger)
    }
    self.state = Mutex(state)
    if configuration.hasNoStandards {
      logger.warning("no standards at \(configuration.diagnosis.standards): no warning will be raised")
    }
  }

  /// The core; the problem where its store could not be opened.
  var core: DiagnosisCore {
    get throws(DiagnosisError) {
      let (core, problem) = state.withLock { ($0.core, $0.problem) }
      if let core { return core }
      throw problem ?? .noStore(path: configuration.diagnosisStore)
    }
  }

  /// Why the store could not be opened; nil: it is open.
  var problem: DiagnosisError? { state.withLock { $0.problem } }

  /// Tries once more to open a store that could not be opened, where the last attempt is long enough ago.
  func openIfDue(now: Int64) {
    if state.withLock({ $0.core == nil && now - $0.triedTime >= LocalCore.retryInterval }) { open(now: now) }
  }

  private func open(now: Int64) {
    opening.lock()
    defer { opening.unlock() }
    let (before, standards, isOpen) = state.withLock { state in
      state.triedTime = now
      return (state.problem, state.standards, state.core != nil)
    }
    guard !isOpen else { return }
    do throws(DiagnosisError) {
      let core = try DiagnosisCore(path: configuration.diagnosisStore, standards: standards, settings: settings)
      state.withLock { state in
        // Others may have come into force meanwhile.
        core.replace(state.standards)
        state.core = core
        state.problem = nil
      }
    } catch {
      state.withLock { $0.problem = error }
    }
    if let problem {
      if problem != before { LocalCore.report(problem, to: logger) }
    } else {
      logger.notice("the diagnosis store is open: what waited is diagnosed now")
    }
  }

  private static func report(_ problem: DiagnosisError, to logger: Logger) {
    logger.error(
      """
      \(problem); aggregates wait and intake goes on; mend the store, or move it away for an empty one: \
      it is tried every \(retryInterval / 1_000) s and on SIGHUP
      """)
  }

  /// Reads the standards anew, and opens the store where it could not be opened before. With a fault in the standards
  /// the old ones stay in force.
  func reload() throws {
    let standards = try configuration.loadStandards()
    let core: DiagnosisCore? = state.withLock { state in
      state.standards = standards
      return state.core
    }
    if let core { core.replace(standards) } else { open(now: unixNow()) }
    logger.notice("standards in force", metadata: ["standards": "\(standards.all.count)"])
  }

  /// Refuses a batch by its headers, before its body is read.
  func admit(_ headers: WebhookHeaders?) throws(DiagnosisError) {
    guard isSigned else { return }
    try WebhookKey.check(headers, now: unixNow(), toleranceSeconds: settings.toleranceSeconds)
  }

  /// Takes a batch as it was posted; says what it raised.
  func accept(_ body: [UInt8], _ headers: WebhookHeaders?) throws(DiagnosisError) -> Acceptance {
    let acceptance = try core.accept(batch: body, headers: headers, now: unixNow())
    announce(acceptance)
    return acceptance
  }

  /// Takes what this process delivers to itself.
  func accept(_ events: [AggregateEvent]) throws(DiagnosisError) {
    announce(try core.accept(events, now: unixNow()))
  }

  /// The same for a body of its own that was put aside.
  func accept(unsigned body: [UInt8]) throws(DiagnosisError) {
    announce(try core.accept(unsigned: body, now: unixNow()))
  }

  private func announce(_ acceptance: Acceptance) {
    // A bad week raises hundreds in one batch: they are in the list, the log names the first.
    for id in acceptance.raised.prefix(LocalCore.announced) { announce(id) }
    let rest = acceptance.raised.count - LocalCore.announced
    if rest > 0 { logger.notice("and more warnings raised", metadata: ["warnings": "\(rest)"]) }
  }

  private func announce(_ id: Int64) {
    do throws(DiagnosisError) {
      let warning = try core.warning(id)
      var metadata: Logger.Metadata = [
        "warning": "\(id)", "standard": "\(warning.standard)", "measure": "\(warning.measure)",
        "unit": "\(warning.unit)",
      ]
      // Who a student is and how he does is for those who may see the warning, not for the log's readers.
      if warning.scope != "student" {
        metadata["subject"] = "\(warning.subject)"
        metadata["value"] = "\(NumberText.short(warning.value))"
      }
      logger.notice("\(warning.urgency.rawValue) raised", metadata: metadata)
    } catch {
      logger.warning("warning \(id) was raised, and cannot be read back: \(error)")
    }
  }

  func shutDown() {
    guard problem == nil else { return }
    do throws(DiagnosisError) { try core.shutDown() } catch {
      // What is committed is safe in the write-ahead log.
      logger.warning("the diagnosis store's write-ahead log stays beside it until the next start: \(error)")
    }
  }
}

extension LocalCore {
  /// What answers commands.
  func controlServer() throws -> ControlServer {
    try ControlServer(folder: configuration.dataFolder, name: LocalCore.socket, logger: logger) { [self] request, _ in
      try handle(request)
    }
  }

  /// Does what a command asks; the same whether it came over the socket or holds the lock itself.
  func handle(_ request: ControlRequest) throws -> ControlResponse {
    guard case .warning(let id, let step) = request else {
      throw Refusal.usage("a diagnosis core does not do that: ask the gateway")
    }
    let now = unixNow()
    let core = try self.core
    switch step {
    case .acknowledge(let by, let note): try core.acknowledge(id, by: by, note: note, now: now)
    case .improve(let by, let measure): try core.improve(id, by: by, measure: measure, now: now)
    case .close(let by, let note): try core.close(id, by: by, note: note, now: now)
    }
    return ControlResponse()
  }

  /// Sends `request` to the core that runs on the data folder, or does it under the lock.
  static func perform(_ request: ControlRequest, _ configuration: Configuration) throws {
    try DataFolder.retrying {
      if let response = try ControlSocket.ask(request, in: configuration.dataFolder, name: socket) {
        if let problem = response.problem { throw Refusal.notGood(problem) }
        return
      }
      // Without a store there is nothing to change, and making one would hide that.
      guard FileManager.default.fileExists(atPath: configuration.diagnosisStore) else {
        throw DiagnosisError.noStore(path: configuration.diagnosisStore)
      }
      let local = try LocalCore(configuration, logger: .init(label: "campus-gateway"))
      defer { local.shutDown() }
      do {
        _ = try local.handle(request)
      } catch let error as DiagnosisError where error.httpStatus < 500 {
        throw Refusal.notGood(error.text)
      }
    }
  }
}

extension DiagnosisError {
  /// For the reader: in English, and in Chinese for those who prefer it.
  var text: String { Console.isChinese ? "\(description)\n    \(messageZh)" : description }
}
