import CLoad
import Campus
import DeviceProtocol
import Foundation
import Ingest
import ReadingLog

/// The gateway without a broker: COSE, MAC, decoding, admission, receipts and rows, committed with
/// `synchronous=FULL`. Takes frames made beforehand, prints one JSON object. Lanes share the log's one writer, as
/// those of the gateway do; the devices are divided among them.
///   pipeline FOLDER ROWS READINGS_A_FRAME ROWS_A_COMMIT LANES
@main
struct Pipeline {
  static let devices: UInt32 = 500

  /// Topic and payload of every frame, one after another.
  struct Frames {
    var bytes: [UInt8] = []
    var ends: [(topic: Int, payload: Int)] = []
  }

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 6, let rows = Int(arguments[2]), let readings = Int(arguments[3]),
      let rowsPerCommit = Int(arguments[4]), let lanes = UInt32(arguments[5]), readings > 0, rows >= readings,
      (1...8).contains(lanes)
    else { exit(2) }
    load_limit(600)
    let now = Int64(load_unix_s() * 1000)
    let masterKey = MasterKey(bytes: [UInt8](repeating: 5, count: 32))
    let store = try LogStore.open("\(arguments[1])/gateway.sqlite", masterKey: masterKey, now: now)
    let registry = RegistryBox(try register(in: store, masterKey: masterKey, now: now))
    let intake = try Intake(store: store, registry: registry, masterKey: masterKey, limits: IntakeLimits())
    let count = rows / readings
    let frames = (0..<lanes).map { makeFrames(count: count, readings: readings, lane: $0, of: lanes, now: now) }

    let began = load_unix_s()
    let cpu = load_cpu_s()
    let stored = Tally()
    DispatchQueue.concurrentPerform(iterations: frames.count) { lane in
      do {
        stored.add(try run(frames[lane], through: intake, framesPerCommit: max(1, rowsPerCommit / readings)))
      } catch {
        print(error)
      }
    }
    let ended = load_unix_s()
    let spent = load_cpu_s() - cpu
    guard stored.total == count else {
      print("only \(stored.total) of \(count) frames were stored")
      exit(1)
    }
    intake.writer.finish()
    try store.close()
    print("{\"count\":\(count * readings),\"began\":\(began),\"ended\":\(ended),\"cpu\":\(spent)}")
  }

  private static func register(
    in store: LogStore, masterKey: MasterKey, now: Int64
  ) throws -> DeviceRegistry {
    let box = SecretBox(masterKey, purpose: "device keys v1")
    let all = (0..<devices).map { name(of: $0) }
    let ids = try store.register(all.map { (LOAD_SITE, $0, "room-1") })
    try store.addKeys(
      (0..<devices).map { .init(site: LOAD_SITE, device: name(of: $0), key: key(of: $0)) }, keepOld: false, box: box,
      now: now)
    return DeviceRegistry(
      devices: all.map {
        Device(site: LOAD_SITE, device: $0, placeID: "room-1", model: "bench", auth: .mac)
      }, ids: ids, keys: try store.liveKeys(box))
  }

  /// Frames the lanes have stored.
  private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var total = 0
    func add(_ count: Int) { lock.withLock { total += count } }
  }

  private static func makeFrames(
    count: Int, readings: Int, lane: UInt32, of lanes: UInt32, now: Int64
  ) -> Frames {
    let keys = (0..<devices).map { key(of: $0) }
    var frames = Frames()
    var topic = [CChar](repeating: 0, count: 146)
    var message = [UInt8](repeating: 0, count: Int(LOAD_MESSAGE_SIZE))
    for index in 0..<count {
      let device = UInt32(index % Int(devices))
      guard device % lanes == lane else { continue }
      let topicBytes = load_topic(device, &topic)
      let bytes = load_message(
        device, keys[Int(device)], UInt32(index / Int(devices) + 1), UInt64(now), UInt32(readings), &message)
      frames.bytes.append(contentsOf: topic[..<topicBytes].map { UInt8(bitPattern: $0) })
      let topicEnd = frames.bytes.count
      frames.bytes.append(contentsOf: message[..<bytes])
      frames.ends.append((topicEnd, frames.bytes.count))
    }
    return frames
  }

  /// Gives the frames stored.
  private static func run(_ frames: Frames, through intake: Intake, framesPerCommit: Int) throws -> Int {
    let batch = IntakeBatch(registry: intake.registry.current, subjects: intake.subjects)
    var schedule = ReceiptSchedule(interval: 1000)
    var stored: Int64 = 0
    try frames.bytes.withUnsafeBytes { bytes in
      var (start, open) = (0, 0)
      var now = Int64(load_unix_s() * 1000)
      for (index, end) in frames.ends.enumerated() {
        batch.take(
          topic: UnsafeRawBufferPointer(rebasing: bytes[start..<end.topic]),
          payload: UnsafeRawBufferPointer(rebasing: bytes[end.topic..<end.payload]), expiryLeft: nil, caughtUp: true,
          now: now)
        start = end.payload
        open += 1
        if open == framesPerCommit || index == frames.ends.count - 1 {
          now = Int64(load_unix_s() * 1000)
          let (ledger, _) = try intake.commit(
            batch, schedule: &schedule, now: now, monotonic: Int64(load_monotonic_s() * 1000))
          stored += ledger.stored
          batch.removeAll()
          open = 0
        }
      }
    }
    return Int(stored)
  }

  private static func name(of device: UInt32) -> String {
    var name = [CChar](repeating: 0, count: Int(LOAD_NAME_SIZE))
    load_device_name(device, &name)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func key(of device: UInt32) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: 32)
    load_device_key(device, &key)
    return key
  }
}
