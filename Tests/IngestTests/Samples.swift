import Campus
import Foundation
import GRDB
import Testing

@testable import DeviceProtocol
@testable import Ingest
@testable import ReadingLog

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// With a seed of its own, printed, or with CAMPUS_TEST_SEED to repeat a run.
  init(test: StaticString = #function) {
    let given = ProcessInfo.processInfo.environment["CAMPUS_TEST_SEED"].flatMap(UInt64.init)
    state = given ?? UInt64.random(in: 1...999_999_999)
    print("seed \(state) of \(test)")
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "ingest-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The least a device needs to write a frame.
struct Frame {
  var epoch: UInt32 = 7
  var seq: UInt32 = 1
  var sent: Int64 = Site.start
  var clock: UInt64 = 2
  var version: UInt64 = 1
  var readings: [[UInt8]] = [Frame.response(1)]
  var oldest: (epoch: UInt32, seq: UInt32)?

  init(
    epoch: UInt32 = 7, _ seq: UInt32, sent: Int64 = Site.start, clock: UInt64 = 2,
    readings: [[UInt8]] = [Frame.response(1)], oldest: (epoch: UInt32, seq: UInt32)? = nil
  ) {
    self.epoch = epoch
    self.seq = seq
    self.sent = sent
    self.clock = clock
    self.readings = readings
    self.oldest = oldest
  }

  /// A reading whose item tells frames of one seq apart.
  static func response(_ item: UInt32, at: Int64 = Site.start) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(4, 4, to: &bytes)
    for value in [3, UInt64(at), UInt64(item), 5] { CBORWriter.head(0, value, to: &bytes) }
    return bytes
  }

  /// A reading of kind 9, which no version knows.
  static func faulty(_ item: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(4, 3, to: &bytes)
    for value in [9, 1, UInt64(item)] { CBORWriter.head(0, value, to: &bytes) }
    return bytes
  }

  static func checkin(at: Int64) -> [UInt8] {
    var bytes: [UInt8] = [0x83, 0x01]
    CBORWriter.head(0, UInt64(at), to: &bytes)
    return bytes + [0x44, 4, 0xa1, 0xb2, 0xc3]
  }

  var payload: [UInt8] {
    var bytes: [UInt8] = []
    CBORWriter.head(4, oldest == nil ? 6 : 7, to: &bytes)
    for value in [version, UInt64(epoch), UInt64(seq), UInt64(sent), clock] { CBORWriter.head(0, value, to: &bytes) }
    CBORWriter.head(4, UInt64(readings.count), to: &bytes)
    bytes += readings.joined()
    if let oldest {
      CBORWriter.head(4, 2, to: &bytes)
      CBORWriter.head(0, UInt64(oldest.epoch), to: &bytes)
      CBORWriter.head(0, UInt64(oldest.seq), to: &bytes)
    }
    return bytes
  }

  /// The JSON twin of a frame of one response.
  func json(item: UInt32 = 1, at: Int64 = Site.start) -> [UInt8] {
    let pair = oldest.map { ",\"oldest\":[\($0.epoch),\($0.seq)]" } ?? ""
    let reading = "{\"kind\":\"response\",\"at\":\(at),\"item\":\(item),\"score\":5}"
    return Array(
      "{\"v\":\(version),\"epoch\":\(epoch),\"seq\":\(seq),\"sent\":\(sent),\"clock\":\(clock),\"readings\":[\(reading)]\(pair)}"
        .utf8)
  }
}

/// A receipt as its device reads it.
struct Answer: Equatable, CustomStringConvertible {
  var device: Int
  var epoch: UInt32
  var through: UInt32
  var missing: [[UInt32]]
  var now: Int64
  var echo: Int64

  var description: String { "device \(device) epoch \(epoch) through \(through) missing \(missing) echo \(echo)" }
}

/// An intake on a real store, with devices that hold real keys. Devices 0 to 3 use `up`, 4 uses `json`.
final class Site {
  /// 2026-11-22T21:06:40Z.
  static let start: Int64 = 1_795_380_000_000
  static let masterKey = MasterKey(bytes: Array(1...32))
  static let names = ["m0", "m1", "m2", "m3", "j4"]

  let folder: TemporaryFolder
  let segmentRows: Int64
  let limits: IntakeLimits
  private(set) var store: LogStore
  private(set) var intake: Intake
  private(set) var batch: IntakeBatch
  private(set) var schedule: ReceiptSchedule
  /// Unix and monotonic time, milliseconds.
  var now = Site.start
  var answers: [Answer] = []
  /// The second key is the older one.
  var keys: [[[UInt8]]] = (0..<4).map { [[UInt8](repeating: UInt8($0 + 1), count: 32)] } + [[]]

  init(_ limits: IntakeLimits = IntakeLimits(), segmentRows: Int64 = Appender.segmentRows, keys: [[[UInt8]]]? = nil)
    throws
  {
    folder = try TemporaryFolder()
    self.limits = limits
    self.segmentRows = segmentRows
    if let keys { self.keys = keys }
    store = try LogStore.open("\(folder.path)/log.sqlite", masterKey: Site.masterKey, now: 1)
    (intake, batch) = try Site.makeIntake(store, limits, self.keys)
    schedule = ReceiptSchedule(interval: limits.receiptInterval)
  }

  private static func makeIntake(
    _ store: LogStore, _ limits: IntakeLimits, _ keys: [[[UInt8]]]
  ) throws -> (Intake, IntakeBatch) {
    let devices = names.map { name in
      Device(
        site: "main", device: name, placeID: "p", model: "m", auth: name.hasPrefix("j") ? .transport : .mac,
        adapter: nil)
    }
    let ids = try store.register(devices.map { ($0.site, $0.device, $0.placeID) })
    var stored: [StoredKey] = []
    for (index, keys) in keys.enumerated() {
      for (number, key) in keys.enumerated() {
        stored.append(
          StoredKey(id: Int64(100 * (index + 1) - number), device: ids[index], kid: [UInt8(number)], key: key))
      }
    }
    let registry = DeviceRegistry(devices: devices, ids: ids, keys: stored)
    let intake = try Intake(
      store: store, registry: RegistryBox(registry), masterKey: masterKey, limits: limits)
    return (intake, IntakeBatch(registry: registry, subjects: intake.subjects, maximumFrameBytes: limits.frameBytes))
  }

  /// Stops, and starts anew on what the store holds.
  func restart() throws {
    intake.writer.finish()
    try store.close()
    store = try LogStore.open("\(folder.path)/log.sqlite", masterKey: Site.masterKey, now: 1)
    (intake, batch) = try Site.makeIntake(store, limits, keys)
    schedule = ReceiptSchedule(interval: limits.receiptInterval)
  }

  // MARK: Messages

  static func topic(_ device: Int, _ channel: String? = nil) -> String {
    "campus/v1/main/\(names[device])/\(channel ?? (names[device].hasPrefix("j") ? "json" : "up"))"
  }

  func message(_ device: Int, _ payload: [UInt8], key: Int = 0) -> [UInt8] {
    COSEMac0.message(payload, MACKey(keys[device][key], topic: Array(Site.topic(device).utf8)))
  }

  func take(
    _ device: Int, _ frame: Frame, key: Int = 0, expiryLeft: UInt32? = IntakeBatch.expiry, caughtUp: Bool = true
  ) {
    let isTwin = Site.names[device].hasPrefix("j")
    take(
      Site.topic(device), isTwin ? frame.json() : message(device, frame.payload, key: key), expiryLeft: expiryLeft,
      caughtUp: caughtUp)
  }

  func take(
    _ topic: String, _ payload: [UInt8], expiryLeft: UInt32? = IntakeBatch.expiry, caughtUp: Bool = true,
    isRetained: Bool = false
  ) {
    Array(topic.utf8).withUnsafeBytes { topic in
      payload.withUnsafeBytes { payload in
        batch.take(
          topic: topic, payload: payload, expiryLeft: expiryLeft, caughtUp: caughtUp, isRetained: isRetained, now: now)
      }
    }
  }

  // MARK: Commits

  @discardableResult
  func commit() throws -> Ledger {
    let (ledger, receipts) = try intake.commit(batch, schedule: &schedule, now: now, monotonic: now)
    batch.removeAll()
    try read(receipts)
    try closeSegment()
    return ledger
  }

  /// Small segments, closed and indexed as the writer does it with large ones.
  private func closeSegment() throws {
    let segment = try intake.writer.read { (log) throws(LogError) in log.closeSegment(rows: segmentRows) }
    guard let segment else { return }
    try store.index(segment)
    try intake.writer.read { (log) throws(LogError) in log.forgetClosedSegment() }
  }

  /// As the lane does after a commit that failed.
  func recover() throws {
    batch.removeAll()
    schedule.removeAll()
    try intake.writer.recover()
  }

  func sendDueReceipts() throws {
    try read(intake.dueReceipts(&schedule, now: now, monotonic: now))
  }

  /// One frame in a commit of its own.
  func send(_ device: Int, _ frame: Frame, caughtUp: Bool = true, expiryLeft: UInt32? = IntakeBatch.expiry) throws
    -> Outcome
  {
    take(device, frame, expiryLeft: expiryLeft, caughtUp: caughtUp)
    return outcome(try commit())
  }

  func send(_ topic: String, _ payload: [UInt8]) throws -> Outcome {
    take(topic, payload)
    return outcome(try commit())
  }

  private func outcome(_ ledger: Ledger) -> Outcome {
    #expect(ledger.received == 1 && ledger.outcomes == 1)
    if ledger.stored == 1 { return .stored }
    if ledger.duplicate == 1 { return .duplicate }
    return ledger.quarantined == 1 ? .quarantined : .rejected
  }

  // MARK: Receipts

  private func read(_ receipts: [Intake.Outgoing]) throws {
    for receipt in receipts {
      let name = receipt.topic.split(separator: "/")[3]
      let device = try #require(Site.names.firstIndex(of: String(name)))
      #expect(receipt.topic == Site.topic(device, "down"))
      answers.append(try read(receipt, device))
    }
  }

  private func read(_ receipt: Intake.Outgoing, _ device: Int) throws -> Answer {
    if Site.names[device].hasPrefix("j") {
      struct Twin: Decodable {
        var v: Int, type: String, epoch: UInt32, through: UInt32, missing: [[UInt32]], now: Int64, echo: Int64
      }
      let twin = try JSONDecoder().decode(Twin.self, from: Data(receipt.payload))
      #expect(twin.v == 1 && twin.type == "receipt")
      return Answer(
        device: device, epoch: twin.epoch, through: twin.through, missing: twin.missing, now: twin.now, echo: twin.echo)
    }
    lastReceiptKey = keys[device].firstIndex { verifies(receipt, $0) }
    #expect(lastReceiptKey != nil)
    return try receipt.payload.withUnsafeBytes { bytes in
      let envelope = try #require(COSEMac0(bytes))
      var reader = CBORReader(envelope.payload)
      #expect(try reader.count(of: .array) == 7)
      #expect(try reader.unsigned(upTo: 1) == 1)
      #expect(try reader.unsigned(upTo: 1) == 1)
      let epoch = UInt32(try reader.unsigned(upTo: 0xffff_ffff))
      let through = UInt32(try reader.unsigned(upTo: 0xffff_ffff))
      var missing: [[UInt32]] = []
      for _ in 0..<(try reader.count(of: .array)) {
        #expect(try reader.count(of: .array) == 2)
        let from = UInt32(try reader.unsigned(upTo: 0xffff_ffff))
        missing.append([from, UInt32(try reader.unsigned(upTo: 0xffff_ffff))])
      }
      let now = Int64(try reader.unsigned(upTo: Limits.maximumTime))
      let echo = Int64(try reader.unsigned(upTo: Limits.maximumTime))
      #expect(reader.isAtEnd)
      return Answer(device: device, epoch: epoch, through: through, missing: missing, now: now, echo: echo)
    }
  }

  /// Which of the device's keys made the last receipt.
  private(set) var lastReceiptKey: Int?

  private func verifies(_ receipt: Intake.Outgoing, _ key: [UInt8]) -> Bool {
    receipt.payload.withUnsafeBytes { bytes in
      COSEMac0(bytes).map { MACKey(key, topic: Array(receipt.topic.utf8)).verifies($0) } ?? false
    }
  }

  /// The receipt that has come since the last call, the only one.
  func answer() throws -> Answer {
    #expect(answers.count == 1, "\(answers)")
    let answer = try #require(answers.last)
    answers = []
    return answer
  }

  // MARK: What the store holds

  func scalar(_ sql: String) throws -> Int64 {
    try store.pool.read { try Int64.fetchOne($0, sql: sql) ?? 0 }
  }

  func readings() throws -> [ExportedReading] {
    var readings: [ExportedReading] = []
    try store.export(ReadingFilter()) { readings += $0 }
    return readings
  }

  /// The gap ledger of a device's boot, as `first-last` with `a` where it is abandoned.
  func gaps(_ device: Int = 0, epoch: Int64 = 7) throws -> [String] {
    try store.gaps(all: true).filter { $0.device == Site.names[device] && $0.epoch == epoch }.map {
      "\($0.first)-\($0.last)\($0.abandonedTime == nil ? "" : "a")"
    }
  }

  func expectBalance() throws {
    let audit = try store.audit()
    #expect(audit.isBalanced, "\(audit.faults)")
  }
}
