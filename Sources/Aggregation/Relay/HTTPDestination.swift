import AsyncHTTPClient
import NIOCore
import NIOSSL

/// Posts batches to a diagnosis core over HTTP or HTTPS, by the contract: 2xx accepts; 408, 429, 5xx and no answer
/// are to be tried again; any other 4xx refuses.
public final class HTTPDestination: Destination {
  /// Takes the batch's id, Unix seconds and the body, gives `webhook-signature`.
  public typealias Signing = @Sendable (_ id: String, _ timestamp: Int64, _ body: [UInt8]) -> String

  public let name: String
  public var postsBodies: Bool { true }
  private let client: HTTPClient
  private let sign: Signing?
  private let limit: TimeAmount
  /// Unix milliseconds.
  private let now: @Sendable () -> Int64

  /// Bytes of an answer that are looked at.
  private static let answerBytes = 65_536

  /// `ca`: PEM file of the authorities that may vouch for the address; nil: those of the system. `sign`: nil sends
  /// batches unsigned. `limit`: milliseconds the core has to answer. Refuses a file that holds no certificate.
  public init(
    url: String, ca: String? = nil, sign: Signing?, limit: Int64 = 10_000, now: @escaping @Sendable () -> Int64
  ) throws {
    // Posts carry a signature for this address: another one is not to be handed them by a redirect.
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout = .init(connect: .seconds(5), read: .milliseconds(limit))
    // The relay has its own patience; a connection that failed is to be reported at once.
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    if let ca {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(ca))
      configuration.tlsConfiguration = tls
    }
    name = url
    self.sign = sign
    self.limit = .milliseconds(limit)
    self.now = now
    client = HTTPClient(configuration: configuration)
  }

  public func deliver(_ batch: EventBatch) async -> Verdict {
    let seconds = now() / 1_000
    let (id, body) = (batch.id, batch.body)
    var request = HTTPClientRequest(url: name)
    request.method = .POST
    request.headers.add(name: "content-type", value: EventBatch.contentType)
    request.headers.add(name: "webhook-id", value: id)
    request.headers.add(name: "webhook-timestamp", value: "\(seconds)")
    if let sign { request.headers.add(name: "webhook-signature", value: sign(id, seconds, body)) }
    request.body = .bytes(ByteBuffer(bytes: body))
    do {
      let response = try await client.execute(request, timeout: limit)
      return await verdict(response)
    } catch {
      return .unavailable(problem: "no answer: \(error)")
    }
  }

  private func verdict(_ response: HTTPClientResponse) async -> Verdict {
    let code = response.status.code
    // Read to its end, or the connection could not be used again.
    let said = await beginning(of: response)
    switch code {
    case 200..<300: return .accepted
    case 408, 429, 500...: return .unavailable(problem: "HTTP \(code)\(said)", after: patience(response))
    case 400..<500: return .refused(problem: "HTTP \(code)\(said)")
    default: return .unavailable(problem: "HTTP \(code): not the address of a diagnosis core; correct diagnosis.url")
    }
  }

  /// The first line of an answer, for people.
  private func beginning(of response: HTTPClientResponse) async -> String {
    let body: ByteBuffer
    do {
      body = try await response.body.collect(upTo: HTTPDestination.answerBytes)
    } catch {
      // An answer that breaks off after its head has been given all the same.
      return ""
    }
    let line = String(buffer: body).split(whereSeparator: \.isNewline).first?.prefix(200) ?? ""
    return line.isEmpty ? "" : ": \(line)"
  }

  /// `Retry-After` in seconds (RFC 9110, section 10.2.3); its other form, a date, is not honoured.
  private func patience(_ response: HTTPClientResponse) -> Int64? {
    guard let text = response.headers.first(name: "retry-after"), let seconds = Int64(text), seconds >= 0 else {
      return nil
    }
    return min(seconds, 3_600) * 1_000
  }

  public func close() async {
    // Connections that do not end cleanly end with the process.
    do { try await client.shutdown() } catch { return }
  }
}
