import Foundation
import GRDB
import Testing

@testable import ReadingLog

/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

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
    path = FileManager.default.temporaryDirectory.appending(path: "readinglog-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// What the log tells of its rows.
final class Fold: LogFold {
  private(set) var resets = 0
  private(set) var highs: [Int64: UInt32] = [:]

  func reset() {
    resets += 1
    highs = [:]
  }

  func fold(boot: Int64, seq: UInt32) { highs[boot] = max(highs[boot] ?? 0, seq) }
  func recovered(_ log: Appender) throws(LogError) {}
}

/// A store with its writer, reopened at will.
final class Log {
  static let masterKey = MasterKey(bytes: Array(1...32))

  let folder: TemporaryFolder
  let segmentRows: Int64
  private(set) var store: LogStore
  private(set) var writer: LogWriter
  private(set) var fold: Fold

  var path: String { folder.file("log.sqlite") }

  init(segmentRows: Int64 = Appender.segmentRows) throws {
    folder = try TemporaryFolder()
    self.segmentRows = segmentRows
    fold = Fold()
    store = try LogStore.open(folder.file("log.sqlite"), masterKey: Log.masterKey, now: 1)
    writer = try LogWriter(store, fold: fold, segmentRows: segmentRows)
  }

  func reopen() throws {
    writer.finish()
    try store.close()
    fold = Fold()
    store = try LogStore.open(path, masterKey: Log.masterKey, now: 1)
    writer = try LogWriter(store, fold: fold, segmentRows: segmentRows)
  }

  /// Waits for the index, and goes on.
  func settle() throws {
    writer.finish()
    try writer.recover()
  }

  func boot(device: Int64, epoch: UInt32, at now: Int64 = 1) throws -> Int64 {
    try writer.commit { (log) throws(LogError) in
      if let known = try log.rare.boot(device: device, epoch: epoch) { return known.id }
      return try log.rare.addBoot(device: device, epoch: epoch, at: now)
    }
  }

  struct Frame {
    var boot: Int64
    var seq: UInt32
    var readings = 1
    var kind: UInt8 = 1
    var time: Int64 = 1_000
    var received: Int64?
    var digest: UInt64 { UInt64(boot) << 32 ^ UInt64(seq) &* 2_654_435_761 & 0x7fff_ffff_ffff }
  }

  /// One commit of some frames, in the ledger too.
  func store(_ frames: [Frame]) throws {
    try writer.commit { (log) throws(LogError) in
      for frame in frames { try Log.append(frame, to: log) }
      var ledger = Ledger()
      ledger.received = Int64(frames.count)
      ledger.stored = Int64(frames.count)
      try log.writeLedger(ledger, at: 1)
    }
    // Segments close at the same rows in every run.
    writer.waitForIndex()
  }

  static func append(_ frame: Frame, to log: Appender) throws(LogError) {
    for position in 0..<frame.readings {
      try log.append(
        StoredReading(
          boot: frame.boot, seq: frame.seq, position: position, kind: frame.kind, quality: .device,
          eventTime: frame.time + Int64(position), receivedTime: frame.received ?? frame.time, token: nil,
          tokenBytes: 0,
          hasValue: true, value: Int64(frame.seq), detail: .none),
        digest: frame.digest)
    }
  }

  func digest(_ boot: Int64, _ seq: UInt32) throws -> UInt64? {
    try writer.read { (log) throws(LogError) in try log.digest(boot: boot, seq: seq) }
  }

  func scalar(_ sql: String) throws -> Int64 {
    try store.pool.read { try Int64.fetchOne($0, sql: sql) ?? 0 }
  }

  func execute(_ sql: String) throws {
    try store.pool.write { try $0.execute(sql: sql) }
  }

  /// Quarantines a message of a headless frame, in the ledger too.
  func quarantine(_ once: UInt8, received: Int64 = 1) throws {
    try writer.commit { (log) throws(LogError) in
      let isNew = try log.rare.quarantine(
        QuarantinedMessage(
          topic: "campus/v1/a/b/up", device: 1, frame: nil, reason: .malformed, reading: -1, receivedTime: received,
          arrivedTime: received, key: 1, bytes: 3, once: [UInt8](repeating: once, count: 16), sealed: [1, 2, 3]))
      var ledger = Ledger()
      ledger.received = 1
      if isNew { ledger.quarantined = 1 } else { ledger.duplicate = 1 }
      try log.writeLedger(ledger, at: 1)
    }
  }
}
