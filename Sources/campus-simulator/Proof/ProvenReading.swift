/// What of a reading must be the same in ledger and export, in a form that compares fast.
struct ProvenReading: Equatable {
  /// Position in `WireWords.kinds`, from 1; 0 for none.
  var kind: UInt8 = 0
  var at: Int64 = -1
  var item: Int64?
  var score: Int64?
  /// -1: absent.
  var method: Int8 = -1
  var direction: Int8 = -1
  var granted: Bool?
  var category: Int64?
  /// FNV-1a of the text; 0 for none.
  var ballot: UInt64 = 0
  var text: UInt64 = 0
  /// An order-free sum over the members.
  var status: UInt64 = 0
  /// FNV-1a of the card (ledger) or the subject (export); 0 for none.
  var token: UInt64 = 0

  /// All that was read, except time and token, in one number: a store of millions is compared by it.
  var digest: UInt64 {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    func mix(_ value: UInt64) {
      hash = (hash ^ value) &* 0xBF58_476D_1CE4_E5B9
      hash ^= hash >> 29
    }
    mix(UInt64(kind))
    mix(UInt64(bitPattern: item ?? .min))
    mix(UInt64(bitPattern: score ?? .min))
    mix(UInt64(bitPattern: Int64(method)) << 8 ^ UInt64(bitPattern: Int64(direction)))
    mix(granted.map { $0 ? 1 : 2 } ?? 3)
    mix(UInt64(bitPattern: category ?? .min))
    mix(ballot)
    mix(text)
    mix(status)
    return hash
  }

  /// Takes one member that ledger and export share; false where its value cannot be read.
  mutating func take(_ key: JSONSlice, _ scanner: inout JSONScanner) -> Bool {
    if key.equals("kind") { return word(&scanner, WireWords.kinds) { $0.kind = UInt8($1 + 1) } }
    if key.equals("item") { return integer(&scanner) { $0.item = $1 } }
    if key.equals("score") { return integer(&scanner) { $0.score = $1 } }
    if key.equals("method") { return word(&scanner, WireWords.methods) { $0.method = Int8($1) } }
    if key.equals("direction") { return word(&scanner, WireWords.directions) { $0.direction = Int8($1) } }
    if key.equals("category") { return integer(&scanner) { $0.category = $1 } }
    if key.equals("ballot") { return string(&scanner) { $0.ballot = $1.digest } }
    if key.equals("text") { return string(&scanner) { $0.text = $1.digest } }
    if key.equals("status") { return readStatus(&scanner) }
    if key.equals("granted") {
      switch scanner.value() {
      case .boolean(let value)?: granted = value
      case .integer(let value)?: granted = value != 0
      case .null?: break
      default: return false
      }
      return true
    }
    return scanner.skip()
  }

  private mutating func integer(
    _ scanner: inout JSONScanner, _ store: (inout Self, Int64) -> Void
  ) -> Bool {
    switch scanner.value() {
    case .integer(let value)?: store(&self, value)
    case .null?: break
    default: return false
    }
    return true
  }

  private mutating func string(
    _ scanner: inout JSONScanner, _ store: (inout Self, JSONSlice) -> Void
  ) -> Bool {
    switch scanner.value() {
    case .string(let value)?: store(&self, value)
    case .null?: break
    default: return false
    }
    return true
  }

  /// A name of a list, or its number.
  private mutating func word(
    _ scanner: inout JSONScanner, _ words: [String], _ store: (inout Self, Int) -> Void
  ) -> Bool {
    switch scanner.value() {
    case .string(let value)?:
      // One beyond the list for a word it does not have, which then differs.
      let position = words.firstIndex { word in word.utf8.elementsEqual(value.bytes) }
      store(&self, position ?? words.count)
    case .null?: break
    default: return false
    }
    return true
  }

  private mutating func readStatus(_ scanner: inout JSONScanner) -> Bool {
    var sum: UInt64 = 0
    let isRead = scanner.object { key, scanner in
      guard let value = scanner.value() else { return false }
      let digest: UInt64
      switch value {
      case .integer(let number): digest = UInt64(bitPattern: number)
      case .string(let text): digest = text.digest
      case .boolean(let flag): digest = flag ? 1 : 2
      case .null: return true
      }
      sum &+= (key.digest ^ digest &* 0x9E37_79B9_7F4A_7C15) &* 0xBF58_476D_1CE4_E5B9
      return true
    }
    status = sum
    return isRead
  }
}
