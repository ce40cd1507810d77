import COpenSSL

/// What the gateway tells a device after a commit (specification, section Receipt).
public struct Receipt: Sendable, Equatable {
  public struct Range: Sendable, Equatable {
    public var from: UInt32
    public var to: UInt32
    public init(_ from: UInt32, _ to: UInt32) {
      self.from = from
      self.to = to
    }
  }
  public var epoch: UInt32
  /// Every seq of this epoch up to here has a durable outcome or was abandoned by the device.
  public var through: UInt32
  /// At most 16 ranges above `through`: please send again.
  public var missing: [Range]
  /// Gateway time, Unix milliseconds.
  public var now: Int64
  /// `sent` of the newest frame of this epoch that this receipt covers; 0 where it covers none since the start.
  public var echo: Int64

  public static let maximumRanges = 16

  public init(epoch: UInt32, through: UInt32, missing: [Range], now: Int64, echo: Int64) {
    self.epoch = epoch
    self.through = through
    self.missing = missing
    self.now = now
    self.echo = echo
  }

  /// The COSE_Mac0 for a `mac` device.
  public func message(_ key: MACKey) -> [UInt8] {
    var payload: [UInt8] = []
    payload.reserveCapacity(48 + missing.count * 11)
    CBORWriter.head(4, 7, to: &payload)
    CBORWriter.head(0, 1, to: &payload)
    CBORWriter.head(0, 1, to: &payload)
    CBORWriter.head(0, UInt64(epoch), to: &payload)
    CBORWriter.head(0, UInt64(through), to: &payload)
    CBORWriter.head(4, UInt64(missing.count), to: &payload)
    for range in missing {
      CBORWriter.head(4, 2, to: &payload)
      CBORWriter.head(0, UInt64(range.from), to: &payload)
      CBORWriter.head(0, UInt64(range.to), to: &payload)
    }
    CBORWriter.head(0, UInt64(now), to: &payload)
    CBORWriter.head(0, UInt64(echo), to: &payload)
    return COSEMac0.message(payload, key)
  }

  /// The JSON twin for a `transport` device.
  public func json() -> [UInt8] {
    let ranges = missing.map { "[\($0.from),\($0.to)]" }.joined(separator: ",")
    return Array(
      """
      {"v":1,"type":"receipt","epoch":\(epoch),"through":\(through),"missing":[\(ranges)],"now":\(now),"echo":\(echo)}
      """.utf8)
  }
}

extension COSEMac0 {
  /// A message around `payload`, with an empty unprotected header.
  public static func message(_ payload: [UInt8], _ key: MACKey) -> [UInt8] {
    var message: [UInt8] = [0x84, 0x43, 0xa1, 0x01, 0x05, 0xa0]
    message.reserveCapacity(payload.count + 48)
    CBORWriter.head(2, UInt64(payload.count), to: &message)
    message += payload
    CBORWriter.head(2, 32, to: &message)
    var tag = [UInt8](repeating: 0, count: 32)
    payload.withUnsafeBytes { key.authenticate($0, &tag) }
    message += tag
    return message
  }
}
