/// A local time of day as the configuration writes it.
enum TimeOfDay {
  /// Takes `HH:MM` from 00:00 to 23:59, gives the minutes since midnight; refuses everything else with nil.
  static func minutes(_ text: String) -> Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
    func number(_ high: UInt8, _ low: UInt8) -> Int? {
      let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
      guard digits.contains(high), digits.contains(low) else { return nil }
      return Int(high - digits.lowerBound) * 10 + Int(low - digits.lowerBound)
    }
    guard let hour = number(bytes[0], bytes[1]), let minute = number(bytes[3], bytes[4]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }
}
