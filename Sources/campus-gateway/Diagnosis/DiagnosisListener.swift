import Diagnosis
import Hummingbird
import HummingbirdTLS
import Logging
import NIOSSL
import Operations

/// A diagnosis core on HTTP, without a gateway.
struct DiagnosisListener: Sendable {
  let events: DiagnosisEvents

  init(_ local: LocalCore) { events = local.events }

  /// The service that listens, with TLS where there is a certificate. `ready` is called with the port once it does.
  func application(
    host: String, port: Int, tls: TLSConfiguration?, ready: @escaping @Sendable (Int) -> Void
  ) throws -> some ApplicationProtocol {
    let router = Router()
    let events = self.events
    router.get("/healthz") { _, _ in "alive\n" }
    router.post(RouterPath(DiagnosisEvents.path)) { request, _ in await events.take(request) }
    var logger = Logger(label: "http")
    logger.logLevel = .error
    return Application(
      router: router, server: try tls.map { try .tls(.http1(), tlsConfiguration: $0) } ?? .http1(),
      configuration: .init(address: .hostname(host, port: port), serverName: "campus-gateway"),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? port) }, logger: logger)
  }
}

extension LocalCore {
  /// What is posted to this core.
  var events: DiagnosisEvents {
    DiagnosisEvents(
      isSigned: isSigned, logger: logger, admit: { (headers) throws(DiagnosisError) in try self.admit(headers) }
    ) { (body, headers) throws(DiagnosisError) in
      try self.accept(body, headers)
    }
  }
}
