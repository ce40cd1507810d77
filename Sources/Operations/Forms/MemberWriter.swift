import DeviceProtocol

/// Takes the members of one thing, one after the other.
protocol MemberWriter {
  mutating func add(_ name: String, _ value: JSON)
  /// An object with members of its own.
  mutating func add(_ name: String, object write: (inout JSONMembers) -> Void)
  /// `write` appends the value, which is JSON.
  mutating func add(_ name: String, writing write: (inout ContiguousArray<UInt8>) -> Void)
}

/// Something that says what it is once, for every form.
protocol Members {
  func write(to members: inout some MemberWriter)
}

extension Members {
  var json: JSON {
    var members = JSONMembers()
    write(to: &members)
    return members.json
  }
}

/// The members of a JSON object, written as they come.
struct JSONMembers: MemberWriter, Sendable {
  /// From the opening brace on.
  private var bytes: ContiguousArray<UInt8>
  private var isEmpty = true

  init() {
    bytes = []
    bytes.reserveCapacity(512)
    bytes.append(UInt8(ascii: "{"))
  }

  private init(after bytes: ContiguousArray<UInt8>) { self.bytes = bytes }

  /// Appends an object with the members that `write` adds.
  static func appendObject(to bytes: inout ContiguousArray<UInt8>, _ write: (inout JSONMembers) -> Void) {
    var members = JSONMembers(after: [])
    // Exchanged, so that what is there already is not copied.
    swap(&members.bytes, &bytes)
    members.bytes.append(UInt8(ascii: "{"))
    write(&members)
    members.bytes.append(UInt8(ascii: "}"))
    swap(&members.bytes, &bytes)
  }

  mutating func add(_ name: String, _ value: JSON) {
    begin(name)
    value.append(to: &bytes)
  }

  mutating func add(_ name: String, object write: (inout JSONMembers) -> Void) {
    begin(name)
    bytes.append(UInt8(ascii: "{"))
    isEmpty = true
    write(&self)
    bytes.append(UInt8(ascii: "}"))
    isEmpty = false
  }

  mutating func add(_ name: String, writing write: (inout ContiguousArray<UInt8>) -> Void) {
    begin(name)
    write(&bytes)
  }

  mutating func add(_ other: JSONMembers) {
    guard !other.isEmpty else { return }
    if !isEmpty { bytes.append(UInt8(ascii: ",")) }
    bytes.append(contentsOf: other.bytes.dropFirst())
    isEmpty = false
  }

  private mutating func begin(_ name: String) {
    if !isEmpty { bytes.append(UInt8(ascii: ",")) }
    isEmpty = false
    JSONText.appendQuoted(name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  var json: JSON {
    var object = bytes
    object.append(UInt8(ascii: "}"))
    return .raw(object)
  }
}

/// The members of one thing as cells of a table, by name.
struct CellWriter: MemberWriter {
  private(set) var cells: [String: String] = [:]

  mutating func add(_ name: String, _ value: JSON) { cells[name] = value.cell }

  mutating func add(_ name: String, object write: (inout JSONMembers) -> Void) {
    var object = JSONMembers()
    write(&object)
    cells[name] = object.json.cell
  }

  mutating func add(_ name: String, writing write: (inout ContiguousArray<UInt8>) -> Void) {
    var bytes: ContiguousArray<UInt8> = []
    write(&bytes)
    cells[name] = String(decoding: bytes, as: UTF8.self)
  }
}
