/// What a reading reports. Raw values are those of the wire and of the store.
public enum ReadingKind: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case checkin = 1
  case passage = 2
  case response = 3
  case status = 4
  case incident = 5

  public var description: String {
    switch self {
    case .checkin: "checkin"
    case .passage: "passage"
    case .response: "response"
    case .status: "status"
    case .incident: "incident"
    }
  }

  public init?(name: String) {
    guard let kind = ReadingKind.allCases.first(where: { $0.description == name }) else { return nil }
    self = kind
  }
}

/// Names of the wire's small enumerations, as the JSON twin and exports spell them.
public enum WireNames {
  public static let methods = ["card", "nfc", "qr", "face", "pin"]
  public static let directions = ["in", "out", "unknown"]
  /// In the order of the CBOR keys 1 to 6.
  public static let status = [
    "battery_mv", "rssi_dbm", "backlog", "temperature_dc", "firmware", "dropped",
  ]
}

/// One reading, decoded and validated, its card already replaced by a token. Plain bytes: no references.
public struct Reading: Sendable, Equatable {
  public var kind: ReadingKind
  /// 16: a subject's token; 8: a ballot; 0: none.
  public var tokenBytes: UInt8 = 0
  /// checkin: method or -1; passage: direction * 2 + granted; response: score; incident: category.
  public var value: Int32 = 0
  /// response: the item.
  public var item: UInt32 = 0
  /// The device's time of the reading, on the frame's clock, milliseconds.
  public var at: Int64
  public var token: Token = Token()
  /// status: JSON object; incident: text. Where it stands in the batch's details.
  public var detailStart: Int32 = 0
  /// -1: none.
  public var detailBytes: Int32 = -1

  /// Where the token's bytes stand in a reading.
  public static let tokenOffset = MemoryLayout<Reading>.offset(of: \Reading.token) ?? 0

  @inlinable
  public init(kind: ReadingKind, at: Int64) {
    self.kind = kind
    self.at = at
  }
}

/// Sixteen bytes in place.
public struct Token: Sendable, Equatable, Hashable {
  public var low: UInt64 = 0
  public var high: UInt64 = 0
  @inlinable public init() {}
}

/// Readings of many frames, column by column where it matters, reused from batch to batch.
public struct ReadingBuffer: Sendable {
  public var readings: ContiguousArray<Reading> = []
  public var details: ContiguousArray<UInt8> = []
  @inlinable public init() {}

  @inlinable
  public mutating func removeAll() {
    readings.removeAll(keepingCapacity: true)
    details.removeAll(keepingCapacity: true)
  }

  /// Takes back everything after the given counts: a frame is all or nothing.
  @inlinable
  public mutating func truncate(readings count: Int, details bytes: Int) {
    readings.removeSubrange(count...)
    details.removeSubrange(bytes...)
  }
}

/// The head of a frame.
public struct FrameHead: Sendable, Equatable {
  /// Whether epoch and seq could be read: then even a faulty frame consumes its seq.
  public var isReadable = false
  public var epoch: UInt32 = 0
  public var seq: UInt32 = 0
  public var sent: Int64 = 0
  public var clock: UInt8 = 0
  public var hasOldest = false
  public var oldestEpoch: UInt32 = 0
  public var oldestSeq: UInt32 = 0
  /// Where the encoded `readings` stand in the payload; up to the payload's end where they cannot be delimited.
  public var readingsStart = 0
  /// Whether both ends of `readings` could be told, so that copies of a faulty frame share their bytes.
  public var isDelimited = false
  public var readingsEnd = 0
  @inlinable public init() {}
}

/// Limits of version 1 (specification, section Frame).
public enum Limits {
  /// 9999-12-31T23:59:59.999Z.
  public static let maximumTime: UInt64 = 253_402_300_799_999
  public static let maximumReadings = 64
  public static let cardBytes = 4...16
  public static let textBytes = 200
  public static let firmwareBytes = 32
}
