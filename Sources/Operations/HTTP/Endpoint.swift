import HTTPTypes
import Hummingbird
import NIOCore

/// One thing the gateway can be asked: method and path, who may, what it knows, and what answers.
struct Endpoint: Sendable {
  enum Access: Sendable {
    /// For everybody who reaches the port: it says nothing about persons.
    case open
    /// With the token, where there is one.
    case guarded
    /// With the token, or with a signature that the endpoint checks itself.
    case signed
  }

  typealias Answerer = @Sendable (Call) async throws -> Response

  var method: HTTPRequest.Method
  /// `{name}` stands for one segment.
  var path: String
  /// Names that may stand in the query.
  var parameters: [String]
  var access: Access
  /// Bytes of a request's body, at most.
  var bodyBytes: Int
  /// What the body of a change may be; the first is told to who sends something else.
  var media: [String]
  /// In what forms it answers, the usual one first; empty: in its own, whatever is asked for.
  var forms: [Form]
  /// Whether the answer goes on until somebody hangs up.
  var isStream: Bool
  var answer: Answerer

  static let ordinaryBodyBytes = 64 << 10

  init(
    _ method: HTTPRequest.Method, _ path: String, parameters: [String] = [], access: Access = .guarded,
    media: [String] = ["application/json"], forms: [Form] = [],
    bodyBytes: Int = Endpoint.ordinaryBodyBytes, isStream: Bool = false, answer: @escaping Answerer
  ) {
    self.method = method
    self.path = path
    self.parameters = parameters
    self.access = access
    self.media = media
    self.forms = forms
    self.bodyBytes = bodyBytes
    self.isStream = isStream
    self.answer = answer
  }
}

/// A request for an endpoint, its path and query already understood.
struct Call: Sendable {
  var request: Request
  var channel: any Channel
  /// What stands in the place of each `{name}`, in order.
  var captures: [String]
  var query: Query
  var form: Form

  /// The whole body, at most so many bytes.
  func body(upTo bytes: Int) async throws -> [UInt8] {
    do {
      return Array(buffer: try await request.body.collect(upTo: bytes))
    } catch is NIOTooManyBytesError {
      throw Problem(
        .contentTooLarge, "the body has more than \(bytes) bytes: send less at once", headers: [.connection: "close"])
    }
  }
}

/// All endpoints. Takes a method and a path, gives the endpoint, or refuses: 404 for a path it does not know, 405 for
/// a method.
struct Endpoints: Sendable {
  let all: [Endpoint]
  private let patterns: [[Substring]]

  init(_ all: [Endpoint]) {
    self.all = all
    patterns = all.map { $0.path.split(separator: "/", omittingEmptySubsequences: false) }
  }

  func find(_ method: HTTPRequest.Method, _ path: String) throws(Problem) -> (Endpoint, captures: [String]) {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    var allowed: [String] = []
    for (endpoint, pattern) in zip(all, patterns) {
      guard let captures = Endpoints.captures(segments, pattern) else { continue }
      if endpoint.method == method { return (endpoint, captures) }
      allowed.append(endpoint.method.rawValue)
      if endpoint.method == .get, !endpoint.isStream {
        // RFC 9110, section 9.3.2: what can be got can be asked for its head.
        if method == .head { return (endpoint, captures) }
        allowed.append("HEAD")
      }
    }
    guard !allowed.isEmpty else {
      throw Problem(.notFound, "there is nothing here: /api/v1/openapi.json lists what there is")
    }
    throw Problem(
      .methodNotAllowed, "\(method.rawValue) is not for this path: use \(allowed.joined(separator: " or "))",
      headers: [.allow: allowed.joined(separator: ", ")])
  }

  /// nil: the path is another one, or not well encoded.
  private static func captures(_ segments: [Substring], _ pattern: [Substring]) -> [String]? {
    guard segments.count == pattern.count else { return nil }
    var captures: [String] = []
    for (segment, wanted) in zip(segments, pattern) {
      if wanted.hasPrefix("{") {
        guard let text = PercentText.decode(segment), !text.isEmpty, text != ".", text != ".." else { return nil }
        captures.append(text)
      } else if segment != wanted {
        return nil
      }
    }
    return captures
  }
}
