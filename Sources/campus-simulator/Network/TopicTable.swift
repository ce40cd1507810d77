/// Finds a device by the topic a message came on, without making a string of it: open addressing, FNV-1a.
struct TopicTable {
  private var slots: [Int32]
  private var topics: [[CChar]] = []
  private var devices: [Int32] = []

  init(_ entries: [(topic: [CChar], device: Int32)]) {
    var capacity = 16
    while capacity < entries.count * 2 { capacity *= 2 }
    slots = [Int32](repeating: -1, count: capacity)
    for (topic, device) in entries {
      topics.append(topic)
      devices.append(device)
      var slot = topic.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { Self.hash($0) & (capacity - 1) } ?? 0
      }
      while slots[slot] >= 0 { slot = (slot + 1) & (capacity - 1) }
      slots[slot] = Int32(topics.count - 1)
    }
  }

  private static func hash(_ topic: UnsafePointer<CChar>) -> Int {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    var next = topic
    while next.pointee != 0 {
      hash = (hash ^ UInt64(UInt8(bitPattern: next.pointee))) &* 0x100_0000_01B3
      next += 1
    }
    return Int(truncatingIfNeeded: hash ^ (hash >> 32)) & Int.max
  }

  func device(_ topic: UnsafePointer<CChar>) -> Int32? {
    var slot = Self.hash(topic) & (slots.count - 1)
    while slots[slot] >= 0 {
      let entry = Int(slots[slot])
      if Self.equal(topics[entry], topic) { return devices[entry] }
      slot = (slot + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func equal(_ left: [CChar], _ right: UnsafePointer<CChar>) -> Bool {
    for index in left.indices {
      if left[index] != right[index] { return false }
      if left[index] == 0 { return true }
    }
    return false
  }
}
