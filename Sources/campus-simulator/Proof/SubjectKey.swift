import CampusDevice

/// How the gateway turns a card into a subject, computed independently of it.
///
/// The first 16 bytes of HMAC-SHA256(key, card); the key is HKDF-Expand (RFC 5869, section 2.3) of the installation's
/// master key.
struct SubjectKey {
  private static let info = Array("campus-gateway subjects v1".utf8) + [1]

  private let key: [UInt8]

  /// Takes the file of 64 hexadecimal digits that the gateway made.
  init(masterKeyFile path: String) throws {
    let text = String(decoding: try Files.read(path), as: UTF8.self)
    let digits = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
    guard let master = Keys.bytes(hex: digits), master.count == Int(CAMPUS_KEY_SIZE) else {
      throw Failure.cannotRun("\(path): a master key is 64 hexadecimal digits")
    }
    self.init(master: master)
  }

  init(master: [UInt8]) { key = Self.hmac(master, Self.info) }

  func subject(of card: [UInt8]) -> [UInt8] { Array(Self.hmac(key, card).prefix(16)) }

  /// FNV-1a of the subject as an export spells it.
  func digest(ofSubject card: [UInt8]) -> UInt64 {
    let text = Keys.hex(subject(of: card))
    return Array(text.utf8).withUnsafeBytes { JSONSlice(bytes: $0, hasEscapes: false).digest }
  }

  private static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: Int(CAMPUS_TAG_SIZE))
    key.withUnsafeBufferPointer { key in
      message.withUnsafeBufferPointer { message in
        let mac = campus_mac_software(key.baseAddress)
        var part = campus_bytes(data: message.baseAddress, length: message.count)
        let isComputed = mac.compute(mac.context, &part, 1, &tag)
        precondition(isComputed, "the bundled HMAC does not fail")
      }
    }
    return tag
  }
}
