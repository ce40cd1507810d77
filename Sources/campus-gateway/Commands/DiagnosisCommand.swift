import ArgumentParser
import Diagnosis
import Foundation
import Logging
import NIOSSL
import Operations
import ServiceLifecycle

struct DiagnosisCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnosis",
    abstract: "Run the diagnosis core alone: aggregates are posted to it, warnings are kept in the data folder.",
    discussion: """
      It takes the standards (diagnosis.standards) and the secret (diagnosis.secret_file) of the configuration. \
      SIGHUP reloads the standards, SIGTERM and SIGINT stop it.
      """)

  @OptionGroup var common: CommonOptions
  @Option(help: "Address to listen on, HOST:PORT; port 0 for any that is free.") var listen = "127.0.0.1:8090"
  @Option(help: "PEM file of the certificate chain; with it and its key, batches come over https.")
  var certificate: String?
  @Option(help: "PEM file of the certificate's key.") var key: String?

  func validate() throws {
    if address == nil { throw ValidationError("--listen takes HOST:PORT, such as 127.0.0.1:8090") }
    if (certificate == nil) != (key == nil) { throw ValidationError("--certificate and --key need each other") }
  }

  private var tls: TLSConfiguration? {
    get throws {
      guard let certificate, let key else { return nil }
      do {
        return try TLSConfiguration.server(certificate: certificate, key: key)
      } catch {
        throw Refusal.cannotRun("\(certificate) or \(key) cannot be used: \(error)")
      }
    }
  }

  private var address: (host: String, port: Int)? {
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65_535).contains(port)
    else { return nil }
    // An IPv6 address stands in brackets.
    let host = listen[..<colon].trimmingCharacters(in: ["[", "]"])
    return host.isEmpty ? nil : (host, port)
  }

  func run() async throws {
    // A reload asked for before there is anything to reload must not end the process.
    signal(SIGHUP, SIG_IGN)
    Interruption.endAtOnce()
    let configuration = try common.load()
    let logger = configuration.log.logger()
    guard let address else { throw Refusal.usage("--listen takes HOST:PORT") }
    let local = try LocalCore(configuration, logger: logger, patience: DataFolder.patience)
    if configuration.diagnosis.secretFile == nil {
      logger.warning("no diagnosis.secret_file: whoever reaches \(listen) may post aggregates")
    }
    let standards = try local.core.standards.all.count
    let tls = try self.tls
    let host = address.host.contains(":") ? "[\(address.host)]" : address.host
    let base = "\(tls == nil ? "http" : "https")://\(host)"
    let listener = try DiagnosisListener(local).application(host: address.host, port: address.port, tls: tls) { port in
      logger.info(
        "listening",
        metadata: [
          "address": "\(base):\(port)\(DiagnosisEvents.path)", "standards": "\(standards)",
        ])
    }
    let services: [any Service] = [
      try local.controlServer(), StandardsReloader(local: local), CoreUpkeep(local: local), listener,
    ]
    let group = ServiceGroup(
      configuration: .init(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    do {
      try await group.run()
    } catch {
      throw Refusal.cannotRun("the diagnosis core cannot listen on \(listen): \(error)")
    }
    local.shutDown()
    logger.info("stopped")
  }
}
