import DeviceProtocol
import Invariants

// Takes any bytes as a topic. Accepted is what the specification's sentence, read word for word, accepts.

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTopic(_ data: UnsafeRawPointer?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: data, count: count)
  let levels = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
  let channel = levels.count == 5 ? channel(named: levels[4]) : nil
  let isTopic =
    levels.count == 5 && levels[0].elementsEqual("campus".utf8) && levels[1].elementsEqual("v1".utf8)
    && isName(levels[2]) && isName(levels[3]) && channel != nil
  guard let topic = Topic(bytes) else {
    require(!isTopic, "a topic of the specification is accepted")
    return 0
  }
  require(isTopic, "nothing but a topic of the specification is accepted")
  require(topic.channel == channel, "the channel is the last level")
  require(
    topic.identity.elementsEqual(bytes[levels[2].startIndex..<levels[3].endIndex]), "the identity is site and device")
  return 0
}

/// 1 to 64 bytes of `A-Z a-z 0-9 . _ -`, not starting with a dot.
private func isName(_ name: Slice<UnsafeRawBufferPointer>) -> Bool {
  let allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-".utf8
  return (1...64).contains(name.count) && name.first != UInt8(ascii: ".") && name.allSatisfy(allowed.contains)
}

private func channel(named name: Slice<UnsafeRawBufferPointer>) -> Channel? {
  let channels: [(String, Channel)] = [("up", .up), ("json", .json), ("state", .state), ("down", .down)]
  return channels.first { name.elementsEqual($0.0.utf8) }?.1
}
