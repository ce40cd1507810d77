import DeviceProtocol

extension Measures {
  /// Appends a JSON object.
  public func appendJSON(to bytes: inout ContiguousArray<UInt8>) {
    JSONText.append("{", to: &bytes)
    for (index, (name, value)) in values.enumerated() {
      if index > 0 { JSONText.append(",", to: &bytes) }
      JSONText.appendQuoted(name, to: &bytes)
      JSONText.append(":", to: &bytes)
      switch value {
      case .integer(let number): JSONText.append(number, to: &bytes)
      // Swift writes the shortest text that reads back as the same number, as JSON allows.
      case .number(let number): bytes.append(contentsOf: String(number).utf8)
      case .null: JSONText.append("null", to: &bytes)
      case .histogram(let counts): Measures.append(counts, to: &bytes)
      }
    }
    JSONText.append("}", to: &bytes)
  }

  private static func append(_ counts: [Count], to bytes: inout ContiguousArray<UInt8>) {
    JSONText.append("{", to: &bytes)
    for (index, count) in counts.enumerated() {
      JSONText.append(index > 0 ? ",\"" : "\"", to: &bytes)
      JSONText.append(count.score, to: &bytes)
      JSONText.append("\":", to: &bytes)
      JSONText.append(count.count, to: &bytes)
    }
    JSONText.append("}", to: &bytes)
  }
}
