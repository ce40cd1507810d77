import Campus
import DeviceProtocol
import ReadingLog

/// A stored reading as one line of an export.
public enum ReadingLine {
  public static let columns = [
    "site", "device", "epoch", "seq", "index", "kind", "event_time", "time_quality", "received_time", "place",
    "subject", "method", "direction", "granted", "item", "score", "ballot", "status", "category", "text",
  ]

  public static func json(_ reading: ExportedReading, to bytes: inout ContiguousArray<UInt8>) {
    func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }
    func string(_ name: String, _ value: String) {
      raw(",\"\(name)\":")
      JSONText.appendQuoted(value.utf8, to: &bytes)
    }
    // Names of sites and devices need no escape: a topic holds neither quotes nor controls.
    raw("{\"site\":\"\(reading.site)\",\"device\":\"\(reading.device)\",\"epoch\":\(reading.epoch),\"seq\":\(reading.seq)")
    raw(",\"index\":\(reading.index),\"kind\":\"\(reading.kind)\",\"event_time\":\(reading.eventTime)")
    raw(",\"time_quality\":\"\(reading.quality)\",\"received_time\":\(reading.receivedTime)")
    if let place = reading.place { string("place", place) } else { raw(",\"place\":null") }
    for (name, value) in fields(reading) {
      switch value {
      case .text(let text): string(name, text)
      case .literal(let text): raw(",\"\(name)\":\(text)")
      }
    }
    raw("}")
  }

  /// `text`: what is made of a text before it is a cell.
  public static func csv(_ reading: ExportedReading, text: (String) -> String = { $0 }) -> String {
    var cells = [
      reading.site, reading.device, "\(reading.epoch)", "\(reading.seq)", "\(reading.index)", "\(reading.kind)",
      "\(reading.eventTime)", "\(reading.quality)", "\(reading.receivedTime)", text(reading.place ?? ""),
    ]
    let byName = Dictionary(uniqueKeysWithValues: fields(reading))
    for column in columns[10...] {
      switch byName[column] {
      case .text(let value): cells.append(text(value))
      case .literal(let value): cells.append(value)
      case nil: cells.append("")
      }
    }
    return CSV.line(cells)
  }

  private enum Value {
    case text(String)
    /// A number, boolean or object as JSON writes it.
    case literal(String)
  }

  /// What the kind adds.
  private static func fields(_ reading: ExportedReading) -> [(String, Value)] {
    var fields: [(String, Value)] = []
    let token = reading.token.map { Hex.string($0) }
    switch reading.kind {
    case .checkin:
      fields.append(("subject", .text(token ?? "")))
      if let method = reading.value { fields.append(("method", .text(name(method, WireNames.methods)))) }
    case .passage:
      fields.append(("subject", .text(token ?? "")))
      let value = reading.value ?? 4
      fields.append(("direction", .text(name(value / 2, WireNames.directions))))
      fields.append(("granted", .literal(value % 2 == 1 ? "true" : "false")))
    case .response:
      fields.append(("item", .literal("\(reading.item ?? 0)")))
      fields.append(("score", .literal("\(reading.value ?? 0)")))
      if let token { fields.append(("ballot", .text(token))) }
    case .status: fields.append(("status", .literal(reading.text ?? "{}")))
    case .incident:
      fields.append(("category", .literal("\(reading.value ?? 0)")))
      if let text = reading.text { fields.append(("text", .text(text))) }
    }
    return fields
  }

  private static func name(_ value: Int64, _ names: [String]) -> String {
    names.indices.contains(Int(value)) ? names[Int(value)] : "\(value)"
  }
}
