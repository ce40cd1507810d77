import COpenSSL

/// SHA-256 (FIPS 180-4) of messages that mostly fit in a few blocks.
@usableFromInline
enum SHA256 {
  /// Bytes put together on the stack, padding included.
  @usableFromInline static let short = 256

  /// Takes a state and the rest of its message in two parts, gives the digest in 32 bytes. A short rest is
  /// padded here and compressed at once: Update and Final spend more on their bookkeeping than on the blocks.
  @inlinable
  static func finish(
    _ state: inout SHA256_CTX, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
    _ digest: UnsafeMutablePointer<UInt8>
  ) {
    let held = Int(state.num)
    let rest = held + first.count + second.count
    guard rest + 9 <= short else {
      SHA256_Update(&state, first.baseAddress, first.count)
      SHA256_Update(&state, second.baseAddress, second.count)
      SHA256_Final(digest, &state)
      return
    }
    // Nl counts the bits taken so far, those held back included.
    let bits = UInt64(state.Nl) + UInt64(state.Nh) << 32 + UInt64(first.count + second.count) * 8
    let blocks = (rest + 9 + 63) / 64
    withUnsafeTemporaryAllocation(byteCount: short, alignment: 16) { buffer in
      guard let start = buffer.baseAddress else { return }
      withUnsafeBytes(of: state.data) { data in
        if held > 0, let source = data.baseAddress { start.copyMemory(from: source, byteCount: held) }
      }
      var end = held
      if let source = first.baseAddress {
        (start + end).copyMemory(from: source, byteCount: first.count)
        end += first.count
      }
      if let source = second.baseAddress {
        (start + end).copyMemory(from: source, byteCount: second.count)
        end += second.count
      }
      start.storeBytes(of: 0x80, toByteOffset: end, as: UInt8.self)
      end += 1
      let length = blocks * 64 - 8
      (start + end).initializeMemory(as: UInt8.self, repeating: 0, count: length - end)
      start.storeBytes(of: bits.bigEndian, toByteOffset: length, as: UInt64.self)
      // Whole blocks, with nothing held back: compressed where they lie, in one go.
      state.num = 0
      SHA256_Update(&state, start, blocks * 64)
    }
    store(state.h, digest)
  }

  /// The chaining value.
  @usableFromInline
  typealias Words = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

  /// What follows one block, a digest, in place: the last step of an HMAC.
  @inlinable
  static func finish(_ words: Words, _ digest: UnsafeMutablePointer<UInt8>) {
    var state = SHA256_CTX()
    state.h = words
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 16) { block in
      guard let start = block.baseAddress else { return }
      start.copyMemory(from: digest, byteCount: 32)
      start.storeBytes(of: 0x80, toByteOffset: 32, as: UInt8.self)
      (start + 33).initializeMemory(as: UInt8.self, repeating: 0, count: 23)
      start.storeBytes(of: UInt64((64 + 32) * 8).bigEndian, toByteOffset: 56, as: UInt64.self)
      SHA256_Transform(&state, start.assumingMemoryBound(to: UInt8.self))
    }
    store(state.h, digest)
  }

  @inlinable
  static func store(_ words: Words, _ digest: UnsafeMutablePointer<UInt8>) {
    let out = UnsafeMutableRawPointer(digest)
    withUnsafeBytes(of: words) { words in
      for index in 0..<8 {
        out.storeBytes(
          of: words.load(fromByteOffset: index * 4, as: UInt32.self).bigEndian, toByteOffset: index * 4,
          as: UInt32.self)
      }
    }
  }
}
