import CampusDevice

/// The memory of one device's C objects. Allocated once, because the library keeps pointers into it.
final class OutboxMemory {
  struct Size: Sendable {
    var bytes: Int
    var slots: Int

    /// Room for what a device may hold while the gateway is away, less where there are many devices.
    static func suiting(devices: Int, framesPerSecond: Double, readingsPerFrame: Int) -> Size {
      let usual = devices <= 256 ? 256 << 10 : devices <= 2_000 ? 32 << 10 : 8 << 10
      let record = Double(48 + 32 * readingsPerFrame)
      // Twenty seconds' frames, and sectors that hold a frame several times over.
      let wanted = max(
        min(Double(4 << 20), framesPerSecond * 20 * record), record * Double(OutboxMemory.sectors * 3))
      var bytes = usual
      while Double(bytes) < wanted { bytes *= 2 }
      // Receipts come once a second: a window of less than some seconds' frames would throttle.
      let slots = min(1_024, max(16, Int(framesPerSecond * 4)))
      return Size(bytes: bytes, slots: slots)
    }
  }

  static let sectors = 8

  let outbox: UnsafeMutablePointer<campus_outbox>
  let identity: UnsafeMutablePointer<campus_identity>
  let size: Size
  private let slots: UnsafeMutablePointer<campus_slot>
  private let ram: UnsafeMutablePointer<campus_ram>
  private let bytes: UnsafeMutablePointer<UInt8>
  private let key: UnsafeMutablePointer<UInt8>
  private let site: UnsafeMutablePointer<CChar>
  private let device: UnsafeMutablePointer<CChar>

  init(_ simulated: SimulatedDevice, size: Size) {
    self.size = size
    outbox = .allocate(capacity: 1)
    outbox.initialize(to: campus_outbox())
    slots = .allocate(capacity: size.slots)
    slots.initialize(repeating: campus_slot(), count: size.slots)
    bytes = .allocate(capacity: size.bytes)
    key = .allocate(capacity: Int(CAMPUS_KEY_SIZE))
    for index in 0..<Int(CAMPUS_KEY_SIZE) { key[index] = simulated.key[index] }
    site = Self.copy(simulated.name.site)
    device = Self.copy(simulated.name.device)
    ram = .allocate(capacity: 1)
    ram.initialize(
      to: campus_ram(
        memory: bytes, sector_size: UInt32(size.bytes / Self.sectors),
        sector_count: UInt32(Self.sectors)))
    identity = .allocate(capacity: 1)
    identity.initialize(
      to: campus_identity(
        site: site, device: device, mac: campus_mac_software(key), kid: campus_bytes()))
  }

  private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
    let bytes = text.utf8CString
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (index, byte) in bytes.enumerated() { copy[index] = byte }
    return copy
  }

  /// Boots the device: recovers what the RAM holds if it `keeps` it.
  func open(epoch: UInt32, keeps: Bool) -> campus_error {
    let storage = keeps ? campus_ram_storage_keep(ram) : campus_ram_storage(ram)
    var config = campus_outbox_config(
      storage: storage, slots: slots, slot_count: UInt32(size.slots), epoch: epoch,
      resend_after_ms: 0)
    return campus_outbox_open(outbox, &config)
  }

  func topic(_ kind: campus_topic) -> [CChar] {
    var topic = [CChar](repeating: 0, count: Int(CAMPUS_TOPIC_SIZE))
    // The names were checked when the campus was loaded.
    let error = campus_topic_write(identity, kind, &topic, topic.count)
    precondition(error == CAMPUS_OK, "a device's name must suit a topic")
    return topic
  }

  deinit {
    outbox.deallocate()
    slots.deallocate()
    ram.deallocate()
    bytes.deallocate()
    key.deallocate()
    site.deallocate()
    device.deallocate()
    identity.deallocate()
  }
}
