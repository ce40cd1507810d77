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
