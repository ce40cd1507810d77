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
    func text(_ before: StaticString, _ value: String) {
      JSONText.append(before, to: &bytes)
      JSONText.appendQuoted(value, to: &bytes)
    }
    func number(_ before: StaticString, _ value: Int64) {
      JSONText.append(before, to: &bytes)
      JSONText.append(value, to: &bytes)
    }
    text("{\"site\":", reading.site)
    text(",\"device\":", reading.device)
    number(",\"epoch\":", reading.epoch)
    number(",\"seq\":", reading.seq)
    number(",\"index\":", reading.index)
    text(",\"kind\":", reading.kind.description)
    number(",\"event_time\":", reading.eventTime)
    text(",\"time_quality\":", reading.quality.description)
    number(",\"received_time\":", reading.receivedTime)
    JSONText.append(",\"place\":", to: &bytes)
    append(reading.place.map { Value.text($0) } ?? .json("null"), to: &bytes)
    takeFields(reading) { name, value in
      JSONText.append(",", to: &bytes)
      JSONText.appendQuoted(name, to: &bytes)
      JSONText.append(":", to: &bytes)
      append(value, to: &bytes)
    }
    JSONText.append("}", to: &bytes)
  }

  private static func append(_ value: Value, to bytes: inout ContiguousArray<UInt8>) {
    switch value {
    case .text(let value): JSONText.appendQuoted(value, to: &bytes)
    case .token(let value): JSONText.appendHex(value, to: &bytes)
    case .number(let value): JSONText.append(value, to: &bytes)
    case .json(let value): bytes.append(contentsOf: value.utf8)
    }
  }

  /// `text`: what is made of a text before it is a cell.
  public static func csv(_ reading: ExportedReading, text: (String) -> String = { $0 }) -> String {
    var cells = [
      reading.site, reading.device, "\(reading.epoch)", "\(reading.seq)", "\(reading.index)", "\(reading.kind)",
      "\(reading.eventTime)", "\(reading.quality)", "\(reading.receivedTime)", text(reading.place ?? ""),
    ]
    var byName: [String: String] = [:]
    takeFields(reading) { name, value in
      switch value {
      case .text(let value): byName[name] = text(value)
      case .token(let value): byName[name] = text(Hex.string(value))
      case .number(let value): byName[name] = "\(value)"
      case .json(let value): byName[name] = value
      }
    }
    for column in columns[10...] { cells.append(byName[column] ?? "") }
    return CSV.line(cells)
  }

  private enum Value {
    case text(String)
    case token([UInt8])
    case number(Int64)
    /// A boolean or an object as JSON writes it.
    case json(String)
  }

  /// Gives what the kind adds.
  private static func takeFields(_ reading: ExportedReading, _ take: (String, Value) -> Void) {
    switch reading.kind {
    case .checkin:
      take("subject", .token(reading.token ?? []))
      if let method = reading.value { take("method", .text(name(method, WireNames.methods))) }
    case .passage:
      take("subject", .token(reading.token ?? []))
      let value = reading.value ?? 4
      take("direction", .text(name(value / 2, WireNames.directions)))
      take("granted", .json(value % 2 == 1 ? "true" : "false"))
    case .response:
      take("item", .number(reading.item ?? 0))
      take("score", .number(reading.value ?? 0))
      if let token = reading.token { take("ballot", .token(token)) }
    case .status: take("status", .json(reading.text ?? "{}"))
    case .incident:
      take("category", .number(reading.value ?? 0))
      if let text = reading.text { take("text", .text(text)) }
    }
  }

  private static func name(_ value: Int64, _ names: [String]) -> String {
    names.indices.contains(Int(value)) ? names[Int(value)] : "\(value)"
  }
}
