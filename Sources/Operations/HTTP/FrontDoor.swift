import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// The connection a request came over.
struct ConnectionContext: InitializableFromSource {
  let channel: any Channel

  init(source: ApplicationRequestContextSource) { channel = source.channel }
}

/// Takes every request, gives it to its endpoint once it may be, counts it, and puts the safety headers on every
/// answer.
struct FrontDoor: HTTPResponder {
  typealias Context = ConnectionContext

  let endpoints: Endpoints
  let gatekeeper: Gatekeeper
  let metrics: GatewayMetrics
  let logger: Logger

  func respond(to request: Request, context: ConnectionContext) async throws -> Response {
    var route = "other"
    var response: Response
    do {
      response = try await answer(request, context, &route)
    } catch let error as HTTPParserError {
      // The rest of the connection cannot be understood: the server closes it.
      throw error
    } catch {
      let problem = Problem(error)
      if problem.status.code >= 500 { logger.warning("\(request.method) \(route) was not done: \(problem.text)") }
      response = problem.response
    }
    harden(&response, route)
    metrics.count(route: route, code: response.status.code)
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func answer(
    _ request: Request, _ context: ConnectionContext, _ route: inout String
  ) async throws -> Response {
    try gatekeeper.checkHost(of: request)
    let (endpoint, captures) = try endpoints.find(request.method, request.uri.path)
    route = endpoint.path
    try gatekeeper.checkToken(of: request, endpoint.access)
    if endpoint.method == .post { try gatekeeper.checkChange(request, endpoint) }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > endpoint.bodyBytes {
      throw Problem(
        .contentTooLarge, "the body has \(length) bytes, \(endpoint.bodyBytes) are allowed: send less at once",
        headers: [.connection: "close"])
    }
    let query = try Query(request.uri.query, known: endpoint.parameters)
    let form = try Form.wanted(request.headers[.accept], of: endpoint.forms)
    return try await endpoint.answer(
      Call(request: request, channel: context.channel, captures: captures, query: query, form: form))
  }

  private func harden(_ response: inout Response, _ route: String) {
    for field in FrontDoor.safety { response.headers[field.name] = field.value }
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
  }

  /// On every answer.
  static let safety: HTTPFields = {
    var fields = HTTPFields()
    fields[.contentSecurityPolicy] =
      "default-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; "
      + "base-uri 'none'; form-action 'none'"
    fields[.xContentTypeOptions] = "nosniff"
    if let referrer = HTTPField.Name("Referrer-Policy") { fields[referrer] = "no-referrer" }
    return fields
  }()
}
