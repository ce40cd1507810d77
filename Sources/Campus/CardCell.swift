/// Reads a cell of card numbers: hexadecimal in either case, several separated by `;`.
enum CardCell {
  /// Gives the good cards with their positions in the cell, counted from 1; refuses the others.
  static func read(_ table: inout CampusTable, column: Int) -> [(position: Int, card: [UInt8])] {
    guard let text = table.optional(column) else { return [] }
    var cards: [(position: Int, card: [UInt8])] = []
    let parts = text.utf8.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      // A separator after the last card is no card.
      if part.isEmpty, index > 0, index == parts.count - 1 { continue }
      do throws(Refusal) {
        cards.append((index + 1, try bytes(part)))
      } catch {
        table.refuse(.badCard(position: index + 1, error.fault))
      }
    }
    return cards
  }

  private struct Refusal: Error {
    var fault: CampusProblem.CardFault
  }

  private static func bytes(_ part: Substring.UTF8View) throws(Refusal) -> [UInt8] {
    var nibbles: [UInt8] = []
    for byte in part {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): nibbles.append(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): nibbles.append(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): nibbles.append(byte - UInt8(ascii: "A") + 10)
      // Spaces around a card come from typing "a; b".
      case UInt8(ascii: " "): continue
      default: throw Refusal(fault: .notHexadecimal)
      }
    }
    guard nibbles.count.isMultiple(of: 2) else { throw Refusal(fault: .oddDigits) }
    let bytes = stride(from: 0, to: nibbles.count, by: 2).map { index in
      nibbles[index] << 4 | nibbles[index + 1]
    }
    guard (4...16).contains(bytes.count) else {
      throw Refusal(fault: .length(bytes: bytes.count))
    }
    return bytes
  }
}
