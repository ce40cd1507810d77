import Diagnosis
import HTTPTypes
import Hummingbird
import ReadingLog

/// Why a request is not done: the status, and what happened and what to do in one sentence.
struct Problem: Error {
  var status: HTTPResponse.Status
  var text: String
  var headers = HTTPFields()

  init(_ status: HTTPResponse.Status, _ text: String, headers: HTTPFields = HTTPFields()) {
    self.status = status
    self.text = text
    self.headers = headers
  }

  /// What an error of the parts below means to who asked.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let error as DiagnosisError where error.httpStatus < 500:
      self.init(.init(code: error.httpStatus), error.description)
    case is LogError, is DiagnosisError:
      self.init(.serviceUnavailable, "\(error)", headers: [.retryAfter: "5"])
    default: self.init(.internalServerError, "the request failed: \(error)")
    }
  }

  static func busy(_ text: String) -> Problem { Problem(.serviceUnavailable, text, headers: [.retryAfter: "2"]) }

  var response: Response { Answer.json(.object([("problem", .text(text))]), status: status, headers: headers) }
}

/// Makes responses.
enum Answer {
  static func json(
    _ value: JSON, status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields()
  ) -> Response {
    var bytes = value.bytes
    bytes.append(UInt8(ascii: "\n"))
    return Answer.bytes(bytes, type: "application/json", status: status, headers: headers)
  }

  static func text(_ text: String) -> Response {
    bytes(ContiguousArray(text.utf8), type: "text/plain; charset=utf-8")
  }

  static func bytes(
    _ bytes: ContiguousArray<UInt8>, type: String, status: HTTPResponse.Status = .ok,
    headers: HTTPFields = HTTPFields()
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    return Response(status: status, headers: headers, body: .inPieces(ByteBuffer(bytes: bytes)))
  }
}

extension ResponseBody {
  /// Bytes of a piece.
  private static let pieceBytes = 32 << 10
  /// An ordinary page of a list leaves at once.
  private static let wholeBytes = 64 << 10

  /// Piece by piece: each waits until the last has nearly left, so that a reader who takes them is seen to, however
  /// large the whole.
  static func inPieces(_ bytes: ByteBuffer) -> ResponseBody {
    guard bytes.readableBytes > wholeBytes else { return ResponseBody(byteBuffer: bytes) }
    return ResponseBody(contentLength: bytes.readableBytes) { writer in
      var rest = bytes
      while rest.readableBytes > 0, let piece = rest.readSlice(length: min(rest.readableBytes, pieceBytes)) {
        try await writer.write(piece)
      }
      try await writer.finish(nil)
    }
  }
}
