import Campus

/// Lines of the ledger under construction, one event a line.
struct LedgerText {
  private(set) var text = ByteText()

  var isEmpty: Bool { text.isEmpty }
  var bytes: [UInt8] { text.bytes }

  mutating func removeAll() { text.removeAll() }

  /// Begins an event of a device; to be closed by `end`.
  mutating func begin(_ event: StaticString, _ name: Device.Name) {
    text.append("{\"event\":\"")
    text.append(event)
    text.append("\",\"site\":")
    text.append(json: name.site.utf8)
    text.append(",\"device\":")
    text.append(json: name.device.utf8)
  }

  mutating func begin(_ event: StaticString) {
    text.append("{\"event\":\"")
    text.append(event)
    text.append("\"")
  }

  mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
    key(name)
    text.append(value)
  }

  mutating func member(_ name: StaticString, _ value: String) {
    key(name)
    text.append(json: value.utf8)
  }

  mutating func member(_ name: StaticString, hex: UnsafeBufferPointer<UInt8>) {
    key(name)
    text.append("\"")
    text.append(hex: hex)
    text.append("\"")
  }

  mutating func member(_ name: StaticString, _ value: Bool) {
    key(name)
    if value { text.append("true") } else { text.append("false") }
  }

  mutating func raw(_ part: StaticString) { text.append(part) }
  mutating func raw(_ part: ByteText) { text.append(part) }

  mutating func key(_ name: StaticString) {
    text.append(",\"")
    text.append(name)
    text.append("\":")
  }

  mutating func end() { text.append("}\n") }
}
