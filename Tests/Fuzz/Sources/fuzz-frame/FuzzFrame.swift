import CampusDevice
import DeviceProtocol
import Invariants

// Takes any message of the topic `up`. As a COSE_Mac0 its parts must lie within it and its MAC must be what the
// device library computes; its payload, or the message itself where it is none, goes to the frame decoder whether
// authentic or not.

private let topic = Array("campus/v1/main/term-0001/up".utf8)
private let secret = (0..<32).map { UInt8($0) }
private let key = MACKey(secret, topic: topic)

nonisolated(unsafe) private var frames: DecoderCheck = {
  let decoder = FrameDecoder(subjects: SubjectKey([UInt8](repeating: 7, count: 32)))
  return DecoderCheck(isStartOfReadings: { $0 >> 5 == 4 }) { payload, head, buffer in
    decoder.decode(payload, head: &head, into: &buffer)
  }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFrame(_ data: UnsafeRawPointer?, _ count: Int) -> CInt {
  let message = UnsafeRawBufferPointer(start: data, count: count)
  guard let envelope = COSEMac0(message) else {
    frames.run(message)
    return 0
  }
  require(message.holds(envelope.payload) && message.holds(envelope.tag), "payload and tag lie in the message")
  require(envelope.kid.isEmpty || message.holds(envelope.kid), "the kid lies in the message")
  require(envelope.tag.count == COSEMac0.tagBytes, "a tag has 32 bytes")
  let expected = deviceTag(envelope.payload)
  var tag = [UInt8](repeating: 0, count: COSEMac0.tagBytes)
  key.authenticate(envelope.payload, &tag)
  require(tag == expected, "gateway and device library compute the same MAC")
  require(key.verifies(envelope) == envelope.tag.elementsEqual(expected), "a message is verified by its tag alone")
  frames.run(envelope.payload)
  return 0
}

/// HMAC 256/256 over the MAC_structure (RFC 9052, section 6.3) by the device library's own code.
private func deviceTag(_ payload: UnsafeRawBufferPointer) -> [UInt8] {
  var structure: [UInt8] = [0x84, 0x64] + Array("MAC0".utf8) + [0x43, 0xa1, 0x01, 0x05]
  appendHead(of: topic.count, to: &structure)
  structure += topic
  appendHead(of: payload.count, to: &structure)
  structure += payload
  var tag = [UInt8](repeating: 0, count: COSEMac0.tagBytes)
  secret.withUnsafeBufferPointer { secret in
    structure.withUnsafeBufferPointer { structure in
      let mac = campus_mac_software(secret.baseAddress)
      var part = campus_bytes(data: structure.baseAddress, length: structure.count)
      require(mac.compute(mac.context, &part, 1, &tag), "the device library computes a MAC")
    }
  }
  return tag
}

/// The head of a byte string of up to 65535 bytes (RFC 8949, section 3).
private func appendHead(of count: Int, to bytes: inout [UInt8]) {
  switch count {
  case ..<24: bytes.append(0x40 | UInt8(count))
  case ..<256: bytes += [0x58, UInt8(count)]
  default: bytes += [0x59, UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)]
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func holds(_ part: UnsafeRawBufferPointer) -> Bool {
    guard let start = baseAddress, let inner = part.baseAddress else { return false }
    return start <= inner && inner + part.count <= start + count
  }
}
