/// Names of the wire's small enumerations, as the JSON twin, the ledger and exports spell them.
enum WireWords {
  static let kinds = ["checkin", "passage", "response", "status", "incident"]
  static let methods = ["card", "nfc", "qr", "face", "pin"]
  static let directions = ["in", "out", "unknown"]
  /// In the order of the CBOR keys 1 to 6.
  static let statuses = [
    "battery_mv", "rssi_dbm", "backlog", "temperature_dc", "firmware", "dropped",
  ]

  static func kind(_ number: Int) -> String { word(kinds, number - 1) }
  static func method(_ number: Int) -> String { word(methods, number) }
  static func direction(_ number: Int) -> String { word(directions, number) }
  static func status(_ number: Int) -> String { word(statuses, number - 1) }

  private static func word(_ words: [String], _ index: Int) -> String {
    words.indices.contains(index) ? words[index] : "unknown"
  }
}
