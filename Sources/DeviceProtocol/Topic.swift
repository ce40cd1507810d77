/// The four channels of a device, the last level of its topics.
public enum Channel: UInt8, Sendable {
  /// COSE_Mac0 frames of a device registered with `auth` = `mac`.
  case up
  /// JSON frames of a device registered with `auth` = `transport`.
  case json
  /// `online` or `offline`, retained.
  case state
  /// Receipts, from the gateway.
  case down
}

/// Takes a topic's bytes, gives the device's identity and channel, refuses anything that is not
/// `campus/v1/{site}/{device}/{channel}` with 1 to 64 bytes of `A-Z a-z 0-9 . _ -` a name, no leading dot.
public struct Topic {
  /// `{site}/{device}` as it stands in the topic: the device's identity, compared byte for byte.
  public let identity: UnsafeRawBufferPointer
  public let channel: Channel

  public static let prefix: StaticString = "campus/v1/"
  /// Longest name of a site or a device, in bytes.
  public static let maximumNameBytes = 64

  @inlinable
  public init?(_ topic: UnsafeRawBufferPointer) {
    let prefix = Topic.prefix
    let start = prefix.utf8CodeUnitCount
    guard topic.count > start, memoryEqual(topic, prefix) else { return nil }
    guard let siteEnd = Topic.nameEnd(topic, from: start), siteEnd < topic.count,
      let deviceEnd = Topic.nameEnd(topic, from: siteEnd + 1), deviceEnd < topic.count
    else { return nil }
    let tail = UnsafeRawBufferPointer(rebasing: topic[(deviceEnd + 1)...])
    if memoryEqual(tail, "up") && tail.count == 2 {
      channel = .up
    } else if memoryEqual(tail, "json") && tail.count == 4 {
      channel = .json
    } else if memoryEqual(tail, "state") && tail.count == 5 {
      channel = .state
    } else if memoryEqual(tail, "down") && tail.count == 4 {
      channel = .down
    } else {
      return nil
    }
    identity = UnsafeRawBufferPointer(rebasing: topic[start..<deviceEnd])
  }

  /// Where the name that starts at `start` ends (its `/`, or the topic's end); nil if it is no name.
  @usableFromInline
  static func nameEnd(_ topic: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var end = start
    while end < topic.count, topic[end] != UInt8(ascii: "/") {
      guard isNameByte(topic[end]) else { return nil }
      end += 1
    }
    guard end > start, end - start <= maximumNameBytes, topic[start] != UInt8(ascii: ".") else {
      return nil
    }
    return end
  }

  @usableFromInline
  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

/// Whether `bytes` begins with `text`.
@inlinable
func memoryEqual(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
  let count = text.utf8CodeUnitCount
  guard bytes.count >= count else { return false }
  let start = text.utf8Start
  for index in 0..<count where bytes[index] != start[index] { return false }
  return true
}
