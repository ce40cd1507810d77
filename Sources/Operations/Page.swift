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

  init(_ name: page_name, type: String) {
    let file = page_read(name)
    let raw = UnsafeRawBufferPointer(UnsafeBufferPointer(start: file.bytes, count: file.count))
    bytes = ByteBuffer(bytes: raw)
    self.type = type
    tag = "\"\(Hex.string(Digest.full(raw).prefix(8)))\""
  }

  static let index = PageFile(PAGE_INDEX, type: "text/html; charset=utf-8")
  static let style = PageFile(PAGE_STYLE, type: "text/css; charset=utf-8")
  static let script = PageFile(PAGE_SCRIPT, type: "text/javascript; charset=utf-8")
  static let words = PageFile(PAGE_WORDS, type: "text/javascript; charset=utf-8")
  static let description = PageFile(PAGE_OPENAPI, type: "application/json")

  /// The file, or that the reader has it already (RFC 9110, section 13.1.2).
  func response(to request: Request) -> Response {
    var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
    let known = (request.headers[.ifNoneMatch] ?? "").split(separator: ",").map { $0.trimmingSpaces() }
    if known.contains(where: { $0 == tag || $0 == "W/\(tag)" || $0 == "*" }) {
      return Response(status: .notModified, headers: headers)
    }
    headers[.contentType] = type
    return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: bytes))
  }
}
