import DeviceProtocol

extension Measures {
  /// Appends a JSON object. Names need no escape.
  public func appendJSON(to bytes: inout ContiguousArray<UInt8>) {
    func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
    raw("{")
    for (index, (name, value)) in values.enumerated() {
      raw(index > 0 ? ",\"\(name)\":" : "\"\(name)\":")
      switch value {
      case .integer(let number): raw(String(number))
      // Swift writes the shortest text that reads back as the same number, as JSON allows.
      case .number(let number): raw(String(number))
      case .null: raw("null")
      case .histogram(let counts):
        raw("{")
        for (index, count) in counts.enumerated() {
          raw("\(index > 0 ? "," : "")\"\(count.score)\":\(count.count)")
        }
        raw("}")
      }
    }
    raw("}")
  }
}
