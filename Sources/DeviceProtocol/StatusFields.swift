/// The known fields of a status reading; written to the store as one JSON object, absent ones left out.
struct StatusFields {
  var battery: UInt64?
  var signal: Int64?
  var backlog: UInt64?
  var temperature: Int64?
  var firmware: UnsafeRawBufferPointer?
  var dropped: UInt64?

  func write(to reading: inout Reading, _ details: inout ContiguousArray<UInt8>) {
    reading.detailStart = Int32(details.count)
    let start = details.count
    details.append(UInt8(ascii: "{"))
    number(0, battery, &details, start)
    number(1, signal, &details, start)
    number(2, backlog, &details, start)
    number(3, temperature, &details, start)
    if let firmware {
      name(4, &details, start)
      JSONText.appendQuoted(firmware, to: &details)
    }
    number(5, dropped, &details, start)
    details.append(UInt8(ascii: "}"))
    reading.detailBytes = Int32(details.count - start)
  }

  private func name(_ index: Int, _ details: inout ContiguousArray<UInt8>, _ start: Int) {
    if details.count > start + 1 { details.append(UInt8(ascii: ",")) }
    details.append(UInt8(ascii: "\""))
    details.append(contentsOf: WireNames.status[index].utf8)
    details.append(contentsOf: "\":".utf8)
  }

  private func number(
    _ index: Int, _ value: (some BinaryInteger)?, _ details: inout ContiguousArray<UInt8>,
    _ start: Int
  ) {
    guard let value else { return }
    name(index, &details, start)
    details.append(contentsOf: String(value).utf8)
  }
}

/// Writing JSON text (RFC 8259, section 7).
public enum JSONText {
  /// Appends valid UTF-8 as a JSON string.
  @inlinable
  public static func appendQuoted(
    _ text: some Sequence<UInt8>, to bytes: inout ContiguousArray<UInt8>
  ) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(contentsOf: "\\u00".utf8)
        bytes.append(hex[Int(byte >> 4)])
        bytes.append(hex[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  public static func quoted(_ text: String) -> String {
    var bytes: ContiguousArray<UInt8> = []
    appendQuoted(text.utf8, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}
