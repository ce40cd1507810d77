/// Reads definite-length CBOR (RFC 8949) in place. Takes bytes, gives one data item at a time, refuses
/// indefinite lengths, reserved heads and anything that runs past the end.
@usableFromInline
struct CBORReader {
  @usableFromInline let bytes: UnsafeRawBufferPointer
  @usableFromInline var position: Int

  /// Nesting allowed, the frame's own array included.
  @usableFromInline static let maximumDepth = 8

  @inlinable
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  @usableFromInline
  enum Major: UInt8 {
    case unsigned, negative, bytes, text, array, map, tag, simple
  }

  @inlinable var isAtEnd: Bool { position == bytes.count }

  /// The initial byte and its argument (RFC 8949, section 3).
  @inlinable
  mutating func head() throws(FrameFault) -> (major: Major, argument: UInt64) {
    guard position < bytes.count else { throw FrameFault(.malformed) }
    let initial = bytes[position]
    position += 1
    // A value of three bits always names a major type.
    let major = unsafe unsafeBitCast(initial >> 5, to: Major.self)
    let low = initial & 31
    if low < 24 { return (major, UInt64(low)) }
    if low > 27 { throw FrameFault(low == 31 ? .indefiniteLength : .malformed) }
    let width = 1 << Int(low - 24)
    guard bytes.count - position >= width else { throw FrameFault(.malformed) }
    var value: UInt64 = 0
    for index in 0..<width { value = value << 8 | UInt64(bytes[position + index]) }
    position += width
    return (major, value)
  }

  @inlinable
  mutating func unsigned(upTo limit: UInt64) throws(FrameFault) -> UInt64 {
    let (major, value) = try head()
    guard major == .unsigned else { throw FrameFault(major == .negative ? .outOfRange : .wrongType) }
    guard value <= limit else { throw FrameFault(.outOfRange) }
    return value
  }

  /// A signed integer in `range`.
  @inlinable
  mutating func integer(in range: ClosedRange<Int64>) throws(FrameFault) -> Int64 {
    let (major, value) = try head()
    guard value <= UInt64(Int64.max) else { throw FrameFault(.outOfRange) }
    let number: Int64
    switch major {
    case .unsigned: number = Int64(value)
    case .negative: number = -1 - Int64(value)
    default: throw FrameFault(.wrongType)
    }
    guard range.contains(number) else { throw FrameFault(.outOfRange) }
    return number
  }

  @inlinable
  mutating func count(of wanted: Major) throws(FrameFault) -> Int {
    let (major, value) = try head()
    guard major == wanted else { throw FrameFault(.wrongType) }
    // Every item takes a byte at least: a larger count is a lie.
    guard value <= UInt64(bytes.count - position) else { throw FrameFault(.malformed) }
    return Int(value)
  }

  /// The content of a byte string, in place.
  @inlinable
  mutating func byteString() throws(FrameFault) -> UnsafeRawBufferPointer {
    let count = try count(of: .bytes)
    return take(count)
  }

  /// The content of a text string of at most `limit` bytes, in place, valid UTF-8.
  @usableFromInline
  mutating func text(upTo limit: Int) throws(FrameFault) -> UnsafeRawBufferPointer {
    let count = try count(of: .text)
    guard count <= limit else { throw FrameFault(.outOfRange) }
    let content = take(count)
    guard isUTF8(content) else { throw FrameFault(.invalidText) }
    return content
  }

  @inlinable
  mutating func boolean() throws(FrameFault) -> Bool {
    guard position < bytes.count else { throw FrameFault(.malformed) }
    let byte = bytes[position]
    guard byte == 0xf4 || byte == 0xf5 else { throw FrameFault(.wrongType) }
    position += 1
    return byte == 0xf5
  }

  @inlinable
  mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    let content = UnsafeRawBufferPointer(rebasing: bytes[position..<(position + count)])
    position += count
    return content
  }

  /// Passes over one item of any type, checking that it is well-formed, that its texts are UTF-8 and
  /// that no map in it repeats a key. `depth` is the number of containers around it.
  @usableFromInline
  mutating func skip(depth: Int) throws(FrameFault) {
    let initial = isAtEnd ? 0 : bytes[position]
    let (major, argument) = try head()
    switch major {
    case .unsigned, .negative: return
    case .bytes, .text:
      guard argument <= UInt64(bytes.count - position) else { throw FrameFault(.malformed) }
      let content = take(Int(argument))
      if major == .text, !isUTF8(content) { throw FrameFault(.invalidText) }
    case .array, .map:
      guard depth < CBORReader.maximumDepth else { throw FrameFault(.tooDeep) }
      guard argument <= UInt64(bytes.count - position) else { throw FrameFault(.malformed) }
      if major == .array {
        for _ in 0..<argument { try skip(depth: depth + 1) }
      } else {
        var keys = KeySet()
        for _ in 0..<argument {
          try key(into: &keys, depth: depth + 1)
          try skip(depth: depth + 1)
        }
        guard keys.areDistinct() else { throw FrameFault(.duplicateKey) }
      }
    case .tag:
      guard depth < CBORReader.maximumDepth else { throw FrameFault(.tooDeep) }
      try skip(depth: depth + 1)
    case .simple:
      // 24 with a value below 32 is not well-formed; 25 to 27 are floats (RFC 8949, section 3.3).
      if initial == 0xf8, argument < 32 { throw FrameFault(.malformed) }
    }
  }

  /// Passes over one item by its heads alone, whatever is wrong with its content.
  mutating func pass() throws(FrameFault) {
    var items: UInt64 = 1
    while items > 0 {
      items -= 1
      let (major, argument) = try head()
      switch major {
      case .unsigned, .negative, .simple: break
      case .tag: items += 1
      default:
        guard argument <= UInt64(bytes.count - position) else { throw FrameFault(.malformed) }
        switch major {
        case .array: items += argument
        case .map: items += 2 * argument
        default: position += Int(argument)
        }
      }
    }
  }

  /// Passes over a map's key and remembers it: integers by value, whatever their length on the wire.
  @usableFromInline
  mutating func key(into keys: inout KeySet, depth: Int) throws(FrameFault) {
    let start = position
    try skip(depth: depth)
    var probe = CBORReader(bytes, at: start)
    let (major, argument) = try probe.head()
    if major == .unsigned || major == .negative {
      keys.insert(integer: argument, negative: major == .negative)
    } else {
      keys.insert(encoded: UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
    }
  }
}

/// The keys of one map, as digests of 64 bits, to find a repeated one.
@usableFromInline
struct KeySet {
  // No allocation until a second key comes, which no map of version 1 but `status` has.
  @usableFromInline var digests: [UInt64] = []
  @inlinable init() {}

  @usableFromInline
  mutating func insert(integer: UInt64, negative: Bool) {
    // An odd factor: different integers stay different.
    digests.append(integer &* 0x9e37_79b9_7f4a_7c15 &+ (negative ? 0xd1b5_4a32_d192_ed03 : 0))
  }

  @usableFromInline
  mutating func insert(encoded: UnsafeRawBufferPointer) {
    // FNV-1a. A collision could only quarantine the frame of the device that crafted it.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in encoded { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    digests.append(hash)
  }

  @usableFromInline
  mutating func areDistinct() -> Bool {
    guard digests.count > 1 else { return true }
    digests.sort()
    for index in 1..<digests.count where digests[index] == digests[index - 1] { return false }
    return true
  }
}
