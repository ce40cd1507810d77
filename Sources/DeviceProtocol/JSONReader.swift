/// Reads JSON in place, strictly by RFC 8259: duplicate members, lone surrogates and numbers that are not
/// integers where one is due are faults.
struct JSONReader {
  let bytes: UnsafeRawBufferPointer
  var position: Int

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// The byte at the position, 0 at the end (no JSON token begins with 0).
  var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

  mutating func skipSpace() {
    while next == 0x20 || next == 0x09 || next == 0x0a || next == 0x0d { position += 1 }
  }

  mutating func expect(_ byte: UInt8) throws(FrameFault) {
    guard position < bytes.count, bytes[position] == byte else { throw FrameFault(.malformed) }
    position += 1
  }

  /// The members of an object: name and where its value starts. Each value is checked and passed over.
  mutating func members(
    depth: Int, _ member: (_ name: [UInt8], _ value: Int) throws(FrameFault) -> Void
  ) throws(FrameFault) {
    guard depth < CBORReader.maximumDepth else { throw FrameFault(.tooDeep) }
    guard next == UInt8(ascii: "{") else { throw FrameFault(.wrongType) }
    position += 1
    var names = KeySet()
    skipSpace()
    if next == UInt8(ascii: "}") {
      position += 1
      return
    }
    while true {
      skipSpace()
      let name = try string()
      name.withUnsafeBytes { names.insert(encoded: $0) }
      skipSpace()
      try expect(UInt8(ascii: ":"))
      skipSpace()
      try member(name, position)
      try skip(depth: depth + 1)
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
        continue
      }
      try expect(UInt8(ascii: "}"))
      break
    }
    guard names.areDistinct() else { throw FrameFault(.duplicateKey) }
  }

  /// The elements of an array: where each starts. Each is checked and passed over.
  mutating func elements(
    depth: Int, _ element: (_ index: Int, _ value: Int) throws(FrameFault) -> Void
  ) throws(FrameFault) {
    guard depth < CBORReader.maximumDepth else { throw FrameFault(.tooDeep) }
    guard next == UInt8(ascii: "[") else { throw FrameFault(.wrongType) }
    position += 1
    skipSpace()
    if next == UInt8(ascii: "]") {
      position += 1
      return
    }
    var index = 0
    while true {
      skipSpace()
      try element(index, position)
      try skip(depth: depth + 1)
      index += 1
      skipSpace()
      if next == UInt8(ascii: ",") {
        position += 1
        continue
      }
      try expect(UInt8(ascii: "]"))
      return
    }
  }

  /// Passes over one value, checking it. `depth` is the number of containers around it.
  mutating func skip(depth: Int) throws(FrameFault) {
    switch next {
    case UInt8(ascii: "{"): try members(depth: depth) { (_, _) throws(FrameFault) in }
    case UInt8(ascii: "["): try elements(depth: depth) { (_, _) throws(FrameFault) in }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: _ = try number()
    }
  }

  /// Where the array or object at the position closes, by its brackets alone, whatever is wrong with its content;
  /// the text's end where it does not.
  func closing() -> Int {
    var depth = 0
    var isText = false
    var index = position
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if isText {
        if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
      } else if byte == UInt8(ascii: "\"") {
        isText = true
      } else if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") {
        depth += 1
      } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
        depth -= 1
        if depth <= 0 { return index }
      }
    }
    return bytes.count
  }

  mutating func literal(_ text: StaticString) throws(FrameFault) {
    guard memoryEqual(UnsafeRawBufferPointer(rebasing: bytes[position...]), text) else {
      throw FrameFault(.malformed)
    }
    position += text.utf8CodeUnitCount
  }

  mutating func boolean() throws(FrameFault) -> Bool {
    switch next {
    case UInt8(ascii: "t"):
      try literal("true")
      return true
    case UInt8(ascii: "f"):
      try literal("false")
      return false
    default: throw FrameFault(.wrongType)
    }
  }

  /// A number by the grammar of RFC 8259, section 6; whether it is written as an integer.
  mutating func number() throws(FrameFault) -> (range: Range<Int>, isInteger: Bool) {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isInteger = false
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return (start..<position, isInteger)
  }

  private mutating func digits() throws(FrameFault) {
    let start = position
    while (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { position += 1 }
    guard position > start else { throw FrameFault(.malformed) }
  }

  mutating func integer(in range: ClosedRange<Int64>) throws(FrameFault) -> Int64 {
    let first = next
    guard first == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
      throw FrameFault(.wrongType)
    }
    let (digits, isInteger) = try number()
    guard isInteger else { throw FrameFault(.wrongType) }
    var value: Int64 = 0
    let negative = first == UInt8(ascii: "-")
    for index in digits where bytes[index] != UInt8(ascii: "-") {
      let digit = Int64(bytes[index] - UInt8(ascii: "0"))
      let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) =
        negative
        ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
      guard !overflow, !carry else { throw FrameFault(.outOfRange) }
      value = sum
    }
    guard range.contains(value) else { throw FrameFault(.outOfRange) }
    return value
  }

  /// A string, its escapes resolved to UTF-8.
  mutating func string() throws(FrameFault) -> [UInt8] {
    guard next == UInt8(ascii: "\"") else {
      throw FrameFault(position < bytes.count ? .wrongType : .malformed)
    }
    position += 1
    var text: [UInt8] = []
    let start = position
    while true {
      guard position < bytes.count else { throw FrameFault(.malformed) }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") { break }
      guard byte >= 0x20 else { throw FrameFault(.malformed) }
      position += 1
      if byte == UInt8(ascii: "\\") { try escape(into: &text) } else { text.append(byte) }
    }
    guard isUTF8(UnsafeRawBufferPointer(rebasing: bytes[start..<position])) else {
      throw FrameFault(.invalidText)
    }
    position += 1
    return text
  }

  private mutating func escape(into text: inout [UInt8]) throws(FrameFault) {
    let byte = next
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var code = try hexUnit()
      if (0xd800..<0xdc00).contains(code) {
        guard next == UInt8(ascii: "\\") else { throw FrameFault(.invalidText) }
        position += 1
        guard next == UInt8(ascii: "u") else { throw FrameFault(.invalidText) }
        position += 1
        let low = try hexUnit()
        guard (0xdc00..<0xe000).contains(low) else { throw FrameFault(.invalidText) }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw FrameFault(.invalidText) }
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw FrameFault(.malformed)
    }
  }

  private mutating func hexUnit() throws(FrameFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = hexDigit(next) else { throw FrameFault(.malformed) }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
