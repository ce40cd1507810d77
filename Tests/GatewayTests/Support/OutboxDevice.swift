import CampusDevice
import DeviceProtocol

/// A device as the firmware library makes it: it keeps frames until a receipt covers them. Its uptime runs
/// faster than ours, so that the ten seconds before a resend pass in half a second.
final class OutboxDevice {
  struct Failed: Error { var call: String, code: UInt32 }

  static let speed = 20.0
  private static let sectorBytes = 65536
  private static let sectors = 8
  private static let window = 64

  let device: TestDevice
  private(set) var appended = 0
  private let outbox = UnsafeMutablePointer<campus_outbox>.allocate(capacity: 1)
  private let ram = UnsafeMutablePointer<campus_ram>.allocate(capacity: 1)
  private let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: sectorBytes * sectors)
  private let slots = UnsafeMutablePointer<campus_slot>.allocate(capacity: window)
  private let begin = seconds()

  init(_ device: TestDevice, epoch: UInt32) throws {
    self.device = device
    ram.initialize(
      to: campus_ram(
        memory: memory, sector_size: UInt32(OutboxDevice.sectorBytes), sector_count: UInt32(OutboxDevice.sectors)))
    outbox.initialize(to: campus_outbox())
    slots.initialize(repeating: campus_slot(), count: OutboxDevice.window)
    var config = campus_outbox_config(
      storage: campus_ram_storage(ram), slots: slots, slot_count: UInt32(OutboxDevice.window), epoch: epoch,
      resend_after_ms: 0)
    try OutboxDevice.check(campus_outbox_open(outbox, &config), "open")
  }

  deinit {
    outbox.deallocate()
    ram.deallocate()
    memory.deallocate()
    slots.deallocate()
  }

  private var uptime: UInt64 { UInt64((seconds() - begin) * 1000 * OutboxDevice.speed) }

  var counts: campus_outbox_counts { campus_outbox_count(outbox) }

  func append() throws {
    var bytes = [UInt8](repeating: 0, count: 256)
    try bytes.withUnsafeMutableBufferPointer { buffer in
      var readings = campus_readings()
      let now = uptime
      campus_readings_begin(&readings, buffer.baseAddress, buffer.count, nil)
      let card: [UInt8] = [4, 2, 7, UInt8(appended & 0xff)]
      try OutboxDevice.check(
        campus_add_checkin(&readings, now, card, card.count, CAMPUS_METHOD_CARD), "add")
      try OutboxDevice.check(campus_outbox_append(outbox, &readings, now, nil), "append")
    }
    appended += 1
  }

  /// The message that is due, if one is; counted as sent.
  func due() throws -> [UInt8]? {
    let now = uptime
    var next = campus_outbox_next(outbox, now)
    guard next.due else { return nil }
    var message = [UInt8](repeating: 0, count: 1024)
    var length = 0
    var identity = device.identity
    try OutboxDevice.check(
      campus_outbox_compose(outbox, &next, &identity, now, &message, message.count, &length), "compose")
    return Array(message[..<length])
  }

  func obey(_ message: [UInt8]) throws {
    guard var receipt = device.receipt(message) else { throw Failed(call: "receipt", code: 0) }
    try OutboxDevice.check(campus_outbox_obey(outbox, &receipt, uptime, nil), "obey")
  }

  private static func check(_ error: campus_error, _ call: String) throws {
    guard error == CAMPUS_OK else { throw Failed(call: call, code: error.rawValue) }
  }
}
