import DeviceProtocol
import HTTPTypes
import Hummingbird
import NIOCore
import OperationsPage
import ReadingLog

/// A file of the page, as it is in the program.
struct PageFile: Sendable {
  var bytes: ByteBuffer
  var type: String
  /// Changes with the bytes.
  var tag: String

  /// As in `/page/{name}`.
  var name: String

  /// Takes a row of the table in C.
  init(_ file: page_file) {
    let raw = UnsafeRawBufferPointer(UnsafeBufferPointer(start: file.bytes, count: file.count))
    bytes = ByteBuffer(bytes: raw)
    type = String(cString: file.type)
    name = String(cString: file.name)
    tag = "\"\(Hex.string(Digest.full(raw).prefix(8)))\""
  }

  /// The page's files; `index.html` first.
  static let all: [PageFile] = {
    var files: [PageFile] = []
    while let file = page_file_at(files.count) { files.append(PageFile(file.pointee)) }
    return files
  }()

  /// What the API is, in OpenAPI's words.
  static let description = PageFile(page_openapi)

  /// The file, or that the reader has it already (RFC 9110, section 13.1.2).
  func response(to request: Request) -> Response {
    var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
    let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { $0.trimmingSpaces() }
    if known.contains(where: { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }) {
      return Response(status: .notModified, headers: headers)
    }
    headers[.contentType] = type
    return Response(status: .ok, headers: headers, body: .inPieces(bytes))
  }
}
