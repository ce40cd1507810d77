import Diagnosis
import Foundation
import Logging

/// The diagnosis core whose store stands in the data folder, for the one process that may write it: a gateway that
/// embeds it, `campus-gateway diagnosis`, or a command while neither runs.
final class LocalCore: Sendable {
  /// Where commands find it, in the data folder.
  static let socket = "diagnosis.sock"

  let core: DiagnosisCore
  let logger: Logger
  /// Batches must be signed.
  let isSigned: Bool
  private let configuration: Configuration
  private let folder: DataFolder

  init(_ configuration: Configuration, logger: Logger) throws {
    self.configuration = configuration
    self.logger = logger
    folder = try DataFolder(configuration.dataFolder, lock: .diagnosis)
    var settings = DiagnosisCore.Settings()
    settings.key = try configuration.webhookKey()
    isSigned = settings.key != nil
    core = try DiagnosisCore(
      path: configuration.diagnosisStore, standards: try configuration.loadStandards(), settings: settings)
    if configuration.hasNoStandards {
      logger.warning("no standards at \(configuration.diagnosis.standards): no warning will be raised")
    }
  }

  /// Reads the standards anew. With a fault in them the old ones stay in force.
  func reload() throws {
    core.replace(try configuration.loadStandards())
    logger.notice("standards in force", metadata: ["standards": "\(core.standards.all.count)"])
  }

  /// Takes a batch as it was posted; says what it raised.
  func accept(_ body: [UInt8], _ headers: WebhookHeaders?) throws(DiagnosisError) -> Acceptance {
    let acceptance = try core.accept(batch: body, headers: headers, now: unixNow())
    for id in acceptance.raised { announce(id) }
    return acceptance
  }

  private func announce(_ id: Int64) {
    do throws(DiagnosisError) {
      let warning = try core.warning(id)
      logger.notice(
        "\(warning.urgency.rawValue) raised",
        metadata: [
          "warning": "\(id)", "standard": "\(warning.standard)", "subject": "\(warning.subject)",
          "measure": "\(warning.measure)", "value": "\(NumberText.short(warning.value))", "unit": "\(warning.unit)",
        ])
    } catch {
      logger.warning("warning \(id) was raised, and cannot be read back: \(error)")
    }
  }

  func shutDown() {
    do throws(DiagnosisError) { try core.shutDown() } catch {
      // What is committed is safe in the write-ahead log.
      logger.warning("the diagnosis store's write-ahead log stays beside it until the next start: \(error)")
    }
  }
}

extension LocalCore {
  /// What answers commands.
  func controlServer() throws -> ControlServer {
    try ControlServer(folder: configuration.dataFolder, name: LocalCore.socket, logger: logger) { [self] in
      try handle($0)
    }
  }

  /// Does what a command asks; the same whether it came over the socket or holds the lock itself.
  func handle(_ request: ControlRequest) throws -> ControlResponse {
    guard case .warning(let id, let step) = request else {
      throw Refusal.usage("a diagnosis core does not do that: ask the gateway")
    }
    let now = unixNow()
    switch step {
    case .acknowledge(let by, let note): try core.acknowledge(id, by: by, note: note, now: now)
    case .improve(let by, let measure): try core.improve(id, by: by, measure: measure, now: now)
    case .close(let by, let note): try core.close(id, by: by, note: note, now: now)
    }
    return ControlResponse()
  }

  /// Sends `request` to the core that runs on the data folder, or does it under the lock.
  static func perform(_ request: ControlRequest, _ configuration: Configuration) throws {
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

extension DiagnosisError {
  /// For the reader: in English, and in Chinese for those who prefer it.
  var text: String { Console.isChinese ? "\(description)\n    \(messageZh)" : description }
}
