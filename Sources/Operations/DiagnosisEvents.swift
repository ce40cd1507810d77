import Diagnosis
import Dispatch
import Hummingbird
import Logging

/// The contract of a diagnosis core over HTTP: takes batches, answers what became of them. The same for a core of its
/// own and for one inside a gateway.
public struct DiagnosisEvents: Sendable {
  public typealias Admit = @Sendable (WebhookHeaders?) throws(DiagnosisError) -> Void
  public typealias Accept = @Sendable ([UInt8], WebhookHeaders?) throws(DiagnosisError) -> Acceptance

  public static let path = "/diagnosis/v1/events"
  public static let batchBytes = DiagnosisCore.Settings().batchBytes
  /// Bodies in memory at once: whoever reaches the port may send one, the signature is known after its end.
  static let bodies = 4

  private let admit: Admit
  private let accept: Accept
  /// Whether batches must be signed: then the signature says who may.
  let isSigned: Bool
  private let logger: Logger
  /// A batch is on the disk before it is answered: such waiting has a thread of its own.
  private let queue = DispatchQueue(label: "diagnosis")
  private let places = Places(DiagnosisEvents.bodies)

  /// `admit`: refuses a batch by its headers, before its body is read.
  public init(isSigned: Bool, logger: Logger, admit: @escaping Admit, accept: @escaping Accept) {
    self.admit = admit
    self.isSigned = isSigned
    self.logger = logger
    self.accept = accept
  }

  public func take(_ request: Request) async -> Response {
    let headers = webhookHeaders(of: request)
    do throws(DiagnosisError) { try admit(headers) } catch {
      // The server reads the rest of the request and keeps none of it, so that the sender hears why.
      return refusal(error)
    }
    guard places.take() else {
      return Problem.busy("\(DiagnosisEvents.bodies) batches are being taken already: send it again later").response
    }
    defer { places.leave() }
    let body: [UInt8]
    do {
      body = Array(buffer: try await request.body.collect(upTo: DiagnosisEvents.batchBytes))
    } catch {
      return Problem(
        .contentTooLarge,
        "the batch has more than \(DiagnosisEvents.batchBytes) bytes, or broke off: send smaller ones",
        headers: [.connection: "close"]
      ).response
    }
    return await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: take(body, headers)) }
    }
  }

  private func take(_ body: [UInt8], _ headers: WebhookHeaders?) -> Response {
    let acceptance: Acceptance
    do throws(DiagnosisError) {
      acceptance = try accept(body, headers)
    } catch {
      return refusal(error)
    }
    do {
      return Answer.json(try JSON(encoding: acceptance))
    } catch {
      return Problem(error).response
    }
  }

  private func refusal(_ error: DiagnosisError) -> Response {
    logger.warning("a batch was not accepted: \(error)")
    return Problem(.init(code: error.httpStatus), error.description).response
  }

  private func webhookHeaders(of request: Request) -> WebhookHeaders? {
    func value(_ name: String) -> String? { request.headers.first { $0.name.canonicalName == name }?.value }
    guard let id = value("webhook-id"), let timestamp = value("webhook-timestamp") else { return nil }
    return WebhookHeaders(id: id, timestamp: timestamp, signature: value("webhook-signature") ?? "")
  }
}
