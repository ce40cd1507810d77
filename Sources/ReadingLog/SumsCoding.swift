import Foundation

/// A vector of sums as bytes: each number as a variable-length integer (LEB128) of its zigzag form, so that small
/// numbers of either sign take one byte.
enum SumsCoding {
  static func encode(_ sums: [Int64], to bytes: inout [UInt8]) {
    bytes.removeAll(keepingCapacity: true)
    for sum in sums {
      var rest = UInt64(bitPattern: sum << 1 ^ sum >> 63)
      while rest >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(truncatingIfNeeded: rest))
    }
  }

  static func decode(_ bytes: some Sequence<UInt8>) throws(LogError) -> [Int64] {
    var sums: [Int64] = []
    sums.reserveCapacity(8)
    var number: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      guard shift < 64 else { throw .other("an aggregate's sums are damaged: restore the store from a backup") }
      number |= UInt64(byte & 0x7f) << shift
      shift += 7
      guard byte < 0x80 else { continue }
      sums.append(Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1))
      (number, shift) = (0, 0)
    }
    guard shift == 0 else { throw .other("an aggregate's sums are damaged: restore the store from a backup") }
    return sums
  }
}
