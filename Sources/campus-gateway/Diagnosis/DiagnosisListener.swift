import Diagnosis
import Dispatch
import Hummingbird
import HummingbirdTLS
import Logging
import NIOSSL

/// A diagnosis core on HTTP: takes batches at `/diagnosis/v1/events`, answers what became of them.
struct DiagnosisListener: Sendable {
  let local: LocalCore
  /// A batch is on the disk before it is answered: such waiting has a thread of its own.
  private let queue = DispatchQueue(label: "diagnosis")

  static let path = "/diagnosis/v1/events"
  static let batchBytes = DiagnosisCore.Settings().batchBytes

  init(_ local: LocalCore) { self.local = local }

  /// The service that listens, with TLS where there is a certificate. `ready` is called with the port once it does.
  func application(
    host: String, port: Int, tls: TLSConfiguration?, ready: @escaping @Sendable (Int) -> Void
  ) throws -> some ApplicationProtocol {
    let router = Router()
    router.get("/healthz") { _, _ in "alive\n" }
    router.post(RouterPath(DiagnosisListener.path)) { request, _ in await take(request) }
    var logger = Logger(label: "http")
    logger.logLevel = .error
    return Application(
      router: router, server: try tls.map { try .tls(.http1(), tlsConfiguration: $0) } ?? .http1(),
      configuration: .init(address: .hostname(host, port: port), serverName: "campus-gateway"),
      onServerRunning: { channel in ready(channel.localAddress?.port ?? port) }, logger: logger)
  }

  private func take(_ request: Request) async -> Response {
    var request = request
    let body: [UInt8]
    do {
      body = Array(buffer: try await request.collectBody(upTo: DiagnosisListener.batchBytes))
    } catch {
      let problem = "the batch has more than \(DiagnosisListener.batchBytes) bytes, or broke off: send smaller ones"
      return answer(.contentTooLarge, problem: problem)
    }
    let headers = webhookHeaders(of: request)
    return await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: take(body, headers)) }
    }
  }

  private func take(_ body: [UInt8], _ headers: WebhookHeaders?) -> Response {
    do throws(DiagnosisError) {
      let acceptance = try local.accept(body, headers)
      return answer(.ok, acceptance)
    } catch {
      local.logger.warning("a batch was not accepted: \(error)")
      return answer(.init(code: error.httpStatus), problem: error.description)
    }
  }

  private func webhookHeaders(of request: Request) -> WebhookHeaders? {
    func value(_ name: String) -> String? { request.headers.first { $0.name.canonicalName == name }?.value }
    guard let id = value("webhook-id"), let timestamp = value("webhook-timestamp") else { return nil }
    return WebhookHeaders(id: id, timestamp: timestamp, signature: value("webhook-signature") ?? "")
  }

  private func answer(_ status: HTTPResponse.Status, problem: String) -> Response {
    answer(status, ["problem": problem])
  }

  private func answer(_ status: HTTPResponse.Status, _ value: some Encodable) -> Response {
    var text: String
    do { text = try Console.json(value) } catch { text = "{}" }
    text += "\n"
    return Response(
      status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
