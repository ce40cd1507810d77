import Campus
import CampusDevice

/// Keys of devices: derived from a seed, or read from `keys.csv`.
enum Keys {
  /// SHA-256 over the seed and the device's name. For simulation only: who knows the seed knows every key.
  static func derived(seed: UInt64, name: Device.Name) -> [UInt8] {
    let text = Array("campus-simulator key \(seed) \(name.site)/\(name.device)".utf8)
    var sha = campus_sha256()
    campus_sha256_begin(&sha)
    campus_sha256_add(&sha, text, text.count)
    var key = [UInt8](repeating: 0, count: Int(CAMPUS_KEY_SIZE))
    campus_sha256_end(&sha, &key)
    return key
  }

  static func read(_ path: String) throws -> [Device.Name: [UInt8]] {
    var table = CSVTable(try Files.read(path), required: ["site", "device", "key"])
    var keys: [Device.Name: [UInt8]] = [:]
    while table.next() {
      guard let key = bytes(hex: table.text(2)), key.count == Int(CAMPUS_KEY_SIZE) else {
        throw Failure.campus("\(path):\(table.line): a key is 64 hexadecimal digits")
      }
      keys[Device.Name(site: table.text(0), device: table.text(1))] = key
    }
    if let fault = table.faults.first {
      throw Failure.campus("\(path):\(fault.line): \(fault.problem.message)")
    }
    return keys
  }

  static func hex(_ bytes: [UInt8]) -> String {
    var text = ByteText()
    bytes.withUnsafeBufferPointer { text.append(hex: $0) }
    return text.string
  }

  static func bytes(hex text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var high: Int?
    for character in text {
      guard let digit = character.hexDigitValue, character.isASCII else { return nil }
      if let first = high {
        result.append(UInt8(first * 16 + digit))
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? result : nil
  }
}
