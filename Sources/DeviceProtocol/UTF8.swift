/// Whether the bytes are valid UTF-8 (RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF).
func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
  var index = 0
  let count = bytes.count
  while index < count {
    let first = bytes[index]
    if first < 0x80 {
      index += 1
      continue
    }
    let length: Int
    let second: ClosedRange<UInt8>
    switch first {
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xe1...0xec, 0xee...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return false
    }
    guard count - index >= length, second.contains(bytes[index + 1]) else { return false }
    var next = 2
    while next < length {
      guard bytes[index + next] & 0xc0 == 0x80 else { return false }
      next += 1
    }
    index += length
  }
  return true
}
