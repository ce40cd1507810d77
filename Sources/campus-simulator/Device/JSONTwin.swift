import CampusDevice

/// Takes a message that the C library composed, gives the JSON twin of its frame; and the other way for receipts.
///
/// So a device without a MAC key obeys the same outbox as all others.
enum JSONTwin {
  static func write(_ message: UnsafeBufferPointer<UInt8>, to text: inout ByteText) -> Bool {
    var outer = CBORCursor(message)
    guard let payload = outer.payload() else { return false }
    var cursor = CBORCursor(payload)
    return frame(&cursor, &text) != nil
  }

  private static func frame(_ cursor: inout CBORCursor, _ text: inout ByteText) -> Void? {
    guard let members = cursor.array(), let version = cursor.unsigned(),
      let epoch = cursor.unsigned(), let seq = cursor.unsigned(), let sent = cursor.unsigned(),
      let clock = cursor.unsigned(), let readings = cursor.array()
    else { return nil }
    text.append("{\"v\":")
    text.append(version)
    text.append(",\"epoch\":")
    text.append(epoch)
    text.append(",\"seq\":")
    text.append(seq)
    text.append(",\"sent\":")
    text.append(sent)
    text.append(",\"clock\":")
    text.append(clock)
    text.append(",\"readings\":[")
    for index in 0..<readings {
      if index > 0 { text.append(",") }
      guard reading(&cursor, &text) != nil else { return nil }
    }
    text.append("]")
    if members > 6 {
      guard cursor.array() == 2, let oldestEpoch = cursor.unsigned(),
        let oldestSeq = cursor.unsigned()
      else { return nil }
      text.append(",\"oldest\":[")
      text.append(oldestEpoch)
      text.append(",")
      text.append(oldestSeq)
      text.append("]")
    }
    text.append("}")
    return ()
  }

  private static func reading(_ cursor: inout CBORCursor, _ text: inout ByteText) -> Void? {
    guard let members = cursor.array(), let kind = cursor.unsigned(), let at = cursor.unsigned()
    else { return nil }
    text.append("{\"kind\":")
    text.append(json: WireWords.kind(Int(kind)).utf8)
    text.append(",\"at\":")
    text.append(at)
    switch kind {
    case 1:
      guard let card = cursor.string(2) else { return nil }
      text.append(",\"card\":\"")
      text.append(hex: card)
      text.append("\"")
      if members > 3 {
        guard let method = cursor.unsigned() else { return nil }
        text.append(",\"method\":")
        text.append(json: WireWords.method(Int(method)).utf8)
      }
    case 2:
      guard let card = cursor.string(2), let direction = cursor.unsigned(),
        let granted = cursor.boolean()
      else { return nil }
      text.append(",\"card\":\"")
      text.append(hex: card)
      text.append("\",\"direction\":")
      text.append(json: WireWords.direction(Int(direction)).utf8)
      if granted { text.append(",\"granted\":true") } else { text.append(",\"granted\":false") }
    case 3:
      guard let item = cursor.unsigned(), let score = cursor.integer() else { return nil }
      text.append(",\"item\":")
      text.append(item)
      text.append(",\"score\":")
      text.append(score)
      if members > 4 {
        guard let ballot = cursor.string(2) else { return nil }
        text.append(",\"ballot\":\"")
        text.append(hex: ballot)
        text.append("\"")
      }
    case 4:
      guard let pairs = cursor.map() else { return nil }
      text.append(",\"status\":{")
      for index in 0..<pairs {
        guard let key = cursor.unsigned() else { return nil }
        if index > 0 { text.append(",") }
        text.append(json: WireWords.status(Int(key)).utf8)
        text.append(":")
        if cursor.major == 3 {
          guard let value = cursor.string(3) else { return nil }
          text.append(json: value)
        } else {
          guard let value = cursor.integer() else { return nil }
          text.append(value)
        }
      }
      text.append("}")
    case 5:
      guard let category = cursor.unsigned() else { return nil }
      text.append(",\"category\":")
      text.append(category)
      if members > 3 {
        guard let note = cursor.string(3) else { return nil }
        text.append(",\"text\":")
        text.append(json: note)
      }
    default: return nil
    }
    text.append("}")
    return ()
  }
}
