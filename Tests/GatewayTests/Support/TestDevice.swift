import CampusDevice
import DeviceProtocol
import Glibc

/// A device: its identity, its key, and the frames it makes. Receipts are opened by the C library, so that both
/// sides of the protocol meet here.
final class TestDevice {
  let site: String
  let name: String
  private(set) var key: [UInt8]
  private var up: MACKey
  private let strings: [UnsafeMutablePointer<CChar>]
  private let keyBytes: UnsafeMutablePointer<UInt8>

  init(_ name: String, site: String = "main", key: [UInt8]? = nil) {
    self.site = site
    self.name = name
    self.key = key ?? Array(name.utf8).withUnsafeBytes { Digest.full($0) }
    up = MACKey(self.key, topic: Array("campus/v1/\(site)/\(name)/up".utf8))
    strings = [strdup(site), strdup(name)]
    keyBytes = .allocate(capacity: 32)
    keyBytes.update(from: self.key, count: 32)
  }

  deinit {
    for string in strings { free(string) }
    keyBytes.deallocate()
  }

  func useKey(_ new: [UInt8]) {
    key = new
    up = MACKey(new, topic: Array(topic("up").utf8))
    keyBytes.update(from: new, count: 32)
  }

  func topic(_ channel: String) -> String { "campus/v1/\(site)/\(name)/\(channel)" }

  /// Valid as long as the device is.
  var identity: campus_identity {
    campus_identity(
      site: strings[0], device: strings[1], mac: campus_mac_software(keyBytes),
      kid: campus_bytes(data: nil, length: 0))
  }

  // MARK: Frames

  /// A message for `up` around one frame.
  func message(
    epoch: UInt32 = 1, seq: UInt32, sent: Int64? = nil, clock: UInt64 = 2, readings: [[UInt8]]? = nil,
    oldest: (epoch: UInt32, seq: UInt32)? = nil
  ) -> [UInt8] {
    let now = sent ?? unixMilliseconds()
    return seal(
      CBOR.frame(
        epoch: epoch, seq: seq, sent: now, clock: clock,
        readings: readings ?? [CBOR.checkin(at: now, card: [4, 1, UInt8(truncatingIfNeeded: seq), 9])],
        oldest: oldest))
  }

  func seal(_ payload: [UInt8]) -> [UInt8] { COSEMac0.message(payload, up) }

  /// The receipt in a message from `down`; nil: it is not for this device, or no receipt.
  func receipt(_ message: [UInt8]) -> campus_receipt? {
    var identity = identity
    var receipt = campus_receipt()
    let error = campus_receipt_open(&identity, message, message.count, &receipt)
    return error == CAMPUS_OK ? receipt : nil
  }
}

extension campus_receipt {
  var missingRanges: [ClosedRange<UInt32>] {
    withUnsafeBytes(of: missing) { bytes in
      bytes.bindMemory(to: campus_range.self).prefix(Int(missing_count)).map { $0.from...$0.to }
    }
  }
}

/// The parts of a frame, encoded.
enum CBOR {
  static func array(_ parts: [[UInt8]]) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(4, UInt64(parts.count), to: &bytes)
    return bytes + parts.joined()
  }

  static func unsigned(_ value: some BinaryInteger) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(0, UInt64(value), to: &bytes)
    return bytes
  }

  static func string(_ value: [UInt8], major: UInt8 = 2) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(major, UInt64(value.count), to: &bytes)
    return bytes + value
  }

  static func frame(
    version: Int = 1, epoch: UInt32, seq: UInt32, sent: Int64, clock: UInt64, readings: [[UInt8]],
    oldest: (epoch: UInt32, seq: UInt32)? = nil
  ) -> [UInt8] {
    array(
      [unsigned(version), unsigned(epoch), unsigned(seq), unsigned(sent), unsigned(clock), array(readings)]
        + (oldest.map { [array([unsigned($0.epoch), unsigned($0.seq)])] } ?? []))
  }

  static func checkin(at: Int64, card: [UInt8], method: Int = 0) -> [UInt8] {
    array([unsigned(1), unsigned(at), string(card), unsigned(method)])
  }

  static func response(at: Int64, item: Int, score: Int) -> [UInt8] {
    array([unsigned(3), unsigned(at), unsigned(item), unsigned(score)])
  }

  static func incident(at: Int64, category: Int, text: String) -> [UInt8] {
    array([unsigned(5), unsigned(at), unsigned(category), string(Array(text.utf8), major: 3)])
  }

  /// A kind that version 1 does not know.
  static func unknown(at: Int64) -> [UInt8] { array([unsigned(6), unsigned(at), unsigned(0)]) }
}
