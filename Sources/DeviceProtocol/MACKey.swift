import COpenSSL

/// HMAC-SHA256 (RFC 2104) with the states after the inner and the outer pad kept, so that a message costs
/// its own blocks and one more. Small: with many devices each frame fetches its key from far memory.
public struct HMACKey: Sendable {
  @usableFromInline var inner = SHA256_CTX()
  /// After the outer pad, which is one block: nothing but the chaining value.
  @usableFromInline let outer: SHA256.Words

  public init(_ key: some Collection<UInt8>) {
    precondition(key.count <= 64, "a key longer than a block is hashed first, and none here is")
    var pad = [UInt8](repeating: 0x36, count: 64)
    for (index, byte) in key.enumerated() { pad[index] ^= byte }
    SHA256_Init(&inner)
    SHA256_Update(&inner, pad, 64)
    for index in pad.indices { pad[index] ^= 0x36 ^ 0x5c }
    var state = SHA256_CTX()
    SHA256_Init(&state)
    SHA256_Update(&state, pad, 64)
    outer = state.h
    OPENSSL_cleanse(&pad, 64)
  }

  /// The MAC of what `inner` holds already, `head` and `message`, into 32 bytes.
  @inlinable
  func authenticate(
    _ head: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer, _ digest: UnsafeMutablePointer<UInt8>
  ) {
    var state = inner
    SHA256.finish(&state, head, message, digest)
    SHA256.finish(outer, digest)
  }

  /// The MAC of `message` into 32 bytes.
  @inlinable
  public func authenticate(_ message: UnsafeRawBufferPointer, _ digest: UnsafeMutablePointer<UInt8>) {
    authenticate(UnsafeRawBufferPointer(start: nil, count: 0), message, digest)
  }
}

/// A device's key for one direction: the MAC_structure up to the topic is already in the inner state, since
/// every message of a device has the same topic (RFC 9052, section 6.3; `external_aad` is the topic).
public struct MACKey: Sendable {
  @usableFromInline var key: HMACKey

  public init(_ key: some Collection<UInt8>, topic: some Collection<UInt8>) {
    self.key = HMACKey(key)
    var head: [UInt8] = [0x84, 0x64] + Array("MAC0".utf8) + [0x43, 0xa1, 0x01, 0x05]
    CBORWriter.head(2, UInt64(topic.count), to: &head)
    head += topic
    SHA256_Update(&self.key.inner, head, head.count)
  }

  @inlinable
  public func authenticate(_ payload: UnsafeRawBufferPointer, _ digest: UnsafeMutablePointer<UInt8>) {
    let length = CBORHead(2, UInt64(payload.count))
    withUnsafeBytes(of: length.bytes) { bytes in
      key.authenticate(UnsafeRawBufferPointer(rebasing: bytes[..<length.count]), payload, digest)
    }
  }

  /// Whether `message` carries this key's tag; compared in constant time.
  @inlinable
  public func verifies(_ message: COSEMac0) -> Bool {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
      guard let start = digest.baseAddress else { return false }
      authenticate(message.payload, start)
      return CRYPTO_memcmp(start, message.tag.baseAddress, COSEMac0.tagBytes) == 0
    }
  }
}

/// Replaces card numbers by tokens: HMAC-SHA256 under a key of the installation, the first 16 bytes.
public struct SubjectKey: Sendable {
  @usableFromInline let key: HMACKey
  public init(_ key: some Collection<UInt8>) { self.key = HMACKey(key) }

  @inlinable
  public func token(_ card: UnsafeRawBufferPointer) -> Token {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
      var token = Token()
      guard let start = digest.baseAddress else { return token }
      key.authenticate(card, start)
      token.low = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
      token.high = UnsafeRawPointer(start + 8).loadUnaligned(as: UInt64.self)
      return token
    }
  }
}

/// The first 47 bits of a SHA-256, as a number that the store keeps in six bytes: tells two frames under one seq apart. A device that could
/// find a collision holds the key and could as well send anything else.
public enum Digest {
  @inlinable
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { digest in
      guard let start = digest.baseAddress else { return 0 }
      var state = SHA256_CTX()
      SHA256_Init(&state)
      SHA256.finish(&state, UnsafeRawBufferPointer(start: nil, count: 0), bytes, start)
      return UInt64(bigEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)) >> 17
    }
  }

  /// All 32 bytes.
  public static func full(_ parts: UnsafeRawBufferPointer...) -> [UInt8] {
    var state = SHA256_CTX()
    SHA256_Init(&state)
    for part in parts { SHA256_Update(&state, part.baseAddress, part.count) }
    var digest = [UInt8](repeating: 0, count: 32)
    SHA256_Final(&digest, &state)
    return digest
  }
}
