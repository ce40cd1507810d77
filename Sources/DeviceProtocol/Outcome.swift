/// How a message ends: exactly one of these, durable before it is acknowledged.
public enum Outcome: UInt8, Sendable, CaseIterable {
  /// Its readings are rows.
  case stored
  /// Its frame already had an outcome.
  case duplicate
  /// Kept whole and encrypted, with the reason.
  case quarantined
  /// Counted by reason and sampled, not kept.
  case rejected
}

/// Why a message is rejected: it cannot be tied to a device, so nothing of it is kept.
public enum RejectionReason: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case unknownDevice, wrongChannel, authenticationFailed, tooLarge, notCOSE, noKey

  public var description: String {
    switch self {
    case .unknownDevice: "unknown_device"
    case .wrongChannel: "wrong_channel"
    case .authenticationFailed: "authentication_failed"
    case .tooLarge: "too_large"
    case .notCOSE: "not_cose"
    case .noKey: "no_key"
    }
  }
}

/// Why an authenticated message is quarantined.
public enum QuarantineReason: UInt8, Sendable, CaseIterable, CustomStringConvertible {
  case malformed, indefiniteLength, tooDeep, wrongType, outOfRange, duplicateKey, invalidText
  case unknownVersion, unknownKind, readingCount, timeAfterSent, missingField, trailingBytes
  case conflict

  public var description: String {
    switch self {
    case .malformed: "malformed"
    case .indefiniteLength: "indefinite_length"
    case .tooDeep: "too_deep"
    case .wrongType: "wrong_type"
    case .outOfRange: "out_of_range"
    case .duplicateKey: "duplicate_key"
    case .invalidText: "invalid_text"
    case .unknownVersion: "unknown_version"
    case .unknownKind: "unknown_kind"
    case .readingCount: "reading_count"
    case .timeAfterSent: "time_after_sent"
    case .missingField: "missing_field"
    case .trailingBytes: "trailing_bytes"
    case .conflict: "conflict"
    }
  }

  /// What happened and what to do, for people.
  public var explanation: String {
    switch self {
    case .malformed: "the bytes are not well-formed CBOR or JSON: check the encoder"
    case .indefiniteLength: "an indefinite length: encode definite lengths only (SPEC, section Frame)"
    case .tooDeep: "nested deeper than 8: flatten the extension"
    case .wrongType: "a value has the wrong type for its place"
    case .outOfRange: "a value is outside the range the specification gives"
    case .duplicateKey: "a map or object holds one key twice"
    case .invalidText: "a text is not valid UTF-8, or too long"
    case .unknownVersion: "this version of the frame is not known: update the gateway, then replay"
    case .unknownKind: "this kind of reading is not known: update the gateway, then replay"
    case .readingCount: "a frame holds 1 to 64 readings"
    case .timeAfterSent: "on an uptime clock, a reading's time is after the frame's sent"
    case .missingField: "a required field is missing"
    case .trailingBytes: "bytes follow the frame"
    case .conflict:
      "this epoch and seq were used before, with other readings or with some that retention has removed: a boot must change its epoch"
    }
  }
}

/// A fault in a frame: the reason, and the index of the reading it lies in (-1: in the frame itself).
public struct FrameFault: Error, Equatable, Sendable {
  public var reason: QuarantineReason
  public var reading: Int

  @inlinable
  public init(_ reason: QuarantineReason, reading: Int = -1) {
    self.reason = reason
    self.reading = reading
  }
}
