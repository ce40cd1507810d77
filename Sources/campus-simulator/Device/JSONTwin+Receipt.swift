import CampusDevice

extension JSONTwin {
  /// Reads the JSON twin of a receipt; `nil` for what is none, which a device ignores.
  static func receipt(_ message: UnsafeBufferPointer<UInt8>) -> campus_receipt? {
    var scanner = JSONScanner(UnsafeRawBufferPointer(message))
    var receipt = campus_receipt()
    var isReceipt = false
    let read = scanner.object { key, scanner in
      switch key.string {
      case "v": scanner.integer() == 1
      case "type": scanner.string().map { isReceipt = $0.equals("receipt") } != nil
      case "epoch": scanner.integer().map { receipt.epoch = UInt32(truncatingIfNeeded: $0) } != nil
      case "through":
        scanner.integer().map { receipt.through = UInt32(truncatingIfNeeded: $0) } != nil
      case "now": scanner.integer().map { receipt.now = UInt64(max(0, $0)) } != nil
      case "echo": scanner.integer().map { receipt.echo = UInt64(max(0, $0)) } != nil
      case "missing": missing(&scanner, &receipt)
      default: scanner.skip()
      }
    }
    return read && isReceipt ? receipt : nil
  }

  private static func missing(_ scanner: inout JSONScanner, _ receipt: inout campus_receipt) -> Bool {
    var ranges: [campus_range] = []
    let isRead = scanner.array { scanner in
      var ends: [Int64] = []
      guard scanner.array({ scanner in scanner.integer().map { ends.append($0) } != nil }),
        ends.count == 2
      else { return false }
      ranges.append(
        campus_range(
          from: UInt32(truncatingIfNeeded: ends[0]), to: UInt32(truncatingIfNeeded: ends[1])))
      return true
    }
    guard isRead, ranges.count <= Int(CAMPUS_MISSING_MAX) else { return false }
    receipt.missing_count = UInt32(ranges.count)
    withUnsafeMutableBytes(of: &receipt.missing) { memory in
      let slots = memory.bindMemory(to: campus_range.self)
      for (index, range) in ranges.enumerated() { slots[index] = range }
    }
    return true
  }
}
