import Campus
import DeviceProtocol
import Foundation
import ReadingLog

/// Who may publish, and with which keys: an immutable snapshot, swapped whole on reload. Takes an identity's
/// bytes, gives the device's index with one hash, knows nothing else.
public final class DeviceRegistry: Sendable {
  public struct Entry: Sendable {
    /// The store's id of the device.
    public var id: Int64
    public var isTransport: Bool
    var keyStart: Int32
    var keyCount: Int32
    var nameStart: Int32
    var nameBytes: Int32
  }

  public struct Key: Sendable {
    public var id: Int64
    public var kid: [UInt8]
    public var up: MACKey
    public var down: MACKey
  }

  public let entries: ContiguousArray<Entry>
  public let keys: ContiguousArray<Key>
  private let names: ContiguousArray<UInt8>
  /// Open addressing; -1: free.
  private let slots: ContiguousArray<Int32>
  /// The index of the device with the store's id `n`, at `n`; -1: none.
  private let indexByID: ContiguousArray<Int32>

  public init(devices: [Device], ids: [Int64], keys stored: [StoredKey]) {
    var byDevice: [Int64: [StoredKey]] = [:]
    for key in stored { byDevice[key.device, default: []].append(key) }
    var entries: ContiguousArray<Entry> = []
    var keys: ContiguousArray<Key> = []
    var names: ContiguousArray<UInt8> = []
    var byID = ContiguousArray<Int32>(repeating: -1, count: Int(ids.max() ?? 0) + 1)
    for (device, id) in zip(devices, ids) {
      let name = "\(device.site)/\(device.device)"
      let live = byDevice[id, default: []].prefix(2)
      byID[Int(id)] = Int32(entries.count)
      entries.append(
        Entry(
          id: id, isTransport: device.auth == .transport, keyStart: Int32(keys.count),
          keyCount: Int32(live.count), nameStart: Int32(names.count), nameBytes: Int32(name.utf8.count)))
      names.append(contentsOf: name.utf8)
      for key in live {
        keys.append(
          Key(
            id: key.id, kid: key.kid,
            up: MACKey(key.key, topic: Array("\(Topic.prefix)\(name)/up".utf8)),
            down: MACKey(key.key, topic: Array("\(Topic.prefix)\(name)/down".utf8))))
      }
    }
    var size = 16
    while size < entries.count * 2 { size *= 2 }
    var slots = ContiguousArray<Int32>(repeating: -1, count: size)
    names.withUnsafeBytes { bytes in
      for (index, entry) in entries.enumerated() {
        let start = Int(entry.nameStart)
        var slot = DeviceRegistry.hash(
          UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(entry.nameBytes))])) & (size - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
        slots[slot] = Int32(index)
      }
    }
    self.entries = entries
    self.keys = keys
    self.names = names
    self.slots = slots
    indexByID = byID
  }

  /// Eight bytes a step, mixed by multiplication.
  @inline(__always)
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash = UInt64(bytes.count) &* 0x9e37_79b9_7f4a_7c15
    var index = 0
    while index + 8 <= bytes.count {
      hash = (hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0xff51_afd7_ed55_8ccd
      hash ^= hash >> 32
      index += 8
    }
    while index < bytes.count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3
      index += 1
    }
    return Int(truncatingIfNeeded: (hash ^ hash >> 29) &* 0x9e37_79b9_7f4a_7c15 >> 16)
  }

  public func index(of identity: UnsafeRawBufferPointer) -> Int? {
    var slot = DeviceRegistry.hash(identity) & (slots.count - 1)
    while slots[slot] >= 0 {
      let entry = entries[Int(slots[slot])]
      if Int(entry.nameBytes) == identity.count {
        let same = names.withUnsafeBytes { bytes in
          guard let own = bytes.baseAddress, let asked = identity.baseAddress else { return false }
          return memcmp(own + Int(entry.nameStart), asked, identity.count) == 0
        }
        if same { return Int(slots[slot]) }
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  public func index(id: Int64) -> Int? {
    guard id >= 0, id < indexByID.count, indexByID[Int(id)] >= 0 else { return nil }
    return Int(indexByID[Int(id)])
  }

  /// Whether it holds a device that `old` does not.
  func adds(to old: DeviceRegistry) -> Bool { entries.contains { old.index(id: $0.id) == nil } }

  /// `{site}/{device}`.
  public func name(_ index: Int) -> String {
    let entry = entries[index]
    return String(
      decoding: names[Int(entry.nameStart)..<Int(entry.nameStart + entry.nameBytes)], as: UTF8.self)
  }

  /// The key of a device that verifies `message`, the one its kid names first; nil: none does.
  @inline(__always)
  func verify(_ message: COSEMac0, by entry: Entry) -> Int? {
    let range = Int(entry.keyStart)..<Int(entry.keyStart + entry.keyCount)
    // The hint only orders the attempts.
    if range.count == 2, message.kid.count > 0, message.kid.elementsEqual(keys[range.lowerBound + 1].kid) {
      for key in range.reversed() where keys[key].up.verifies(message) { return key }
      return nil
    }
    for key in range where keys[key].up.verifies(message) { return key }
    return nil
  }

  /// The key with the store's id, or the device's newest.
  func key(_ id: Int64, of entry: Entry) -> Key? {
    let range = Int(entry.keyStart)..<Int(entry.keyStart + entry.keyCount)
    return keys[range].first { $0.id == id } ?? keys[range].first
  }
}

/// Holds the registry in force; lanes look once a batch.
public final class RegistryBox: @unchecked Sendable {
  private let lock = NSLock()
  private var registry: DeviceRegistry
  private var changes = 0

  public init(_ registry: DeviceRegistry) { self.registry = registry }

  public var current: DeviceRegistry {
    lock.withLock { registry }
  }

  public func replace(with new: DeviceRegistry) {
    lock.withLock {
      if new.adds(to: registry) { changes += 1 }
      registry = new
    }
  }

  /// Replacements that brought devices which were not there before, ever.
  var additions: Int {
    lock.withLock { changes }
  }
}
