import Campus
import DeviceProtocol
import Foundation
import GRDB
import Testing

@testable import Aggregation
@testable import ReadingLog

/// What the log tells of its rows, which is of no interest here.
final class NoFold: LogFold {
  func reset() {}
  func fold(boot: Int64, seq: UInt32) {}
  func recovered(_ log: Appender) throws(LogError) {}
}

/// A real store with a campus, and the aggregator on it.
final class World {
  static let masterKey = MasterKey(bytes: Array(1...32))
  static let subjects = SubjectKey(masterKey.derive("subjects v1"))

  let folder: TemporaryFolder
  let settings: AggregationSettings
  private(set) var store: LogStore
  private(set) var writer: LogWriter
  private(set) var aggregator: Aggregator
  private var deviceIDs: [String: Int64] = [:]
  private var boots: [String: Int64] = [:]
  private var seqs: [String: UInt32] = [:]
  private(set) var now: Int64

  var path: String { folder.file("log.sqlite") }

  /// The campus is committed at `start`.
  init(
    _ campus: CampusText = .small, start: Int64 = at(7, "06:00"), zone: String = "Asia/Shanghai",
    rules: AggregationRules = AggregationRules(), settings: AggregationSettings = AggregationSettings()
  ) throws {
    folder = try TemporaryFolder()
    self.settings = settings
    now = start
    store = try LogStore.open(folder.file("log.sqlite"), masterKey: World.masterKey, now: 1)
    writer = try LogWriter(store, fold: NoFold())
    aggregator = Aggregator(store: store, subjects: World.subjects, settings: settings)
    try change(campus, at: start, zone: zone, rules: rules)
  }

  deinit {
    aggregator.finish()
    writer.finish()
    try? store.close()
  }

  /// Puts a campus in force from the next row on. `isHandedOver`: the fold gets it as it was read here.
  func change(
    _ campus: CampusText, at time: Int64, zone: String = "Asia/Shanghai",
    rules: AggregationRules = AggregationRules(), isHandedOver: Bool = false
  ) throws {
    now = time
    let files = campus.files.mapValues { Array($0.utf8) }
    let (loaded, faults) = Campus.load(files: files)
    let known = try #require(loaded, "\(faults)")
    let ids = try store.register(known.devices.map { ($0.site, $0.device, $0.placeID) })
    for (device, id) in zip(known.devices, ids) { deviceIDs[device.device] = id }
    try store.commitCampus(
      files.map { (name: $0.key.rawValue, bytes: $0.value) }.sorted { $0.name < $1.name },
      readAs: isHandedOver ? known : nil, timeZone: zone, settings: rules.json, now: time)
  }

  /// One commit of some readings, a frame each.
  func commit(at time: Int64, _ samples: [Sample] = []) throws {
    now = time
    for sample in samples where boots[sample.device] == nil {
      let device = try #require(deviceIDs[sample.device])
      boots[sample.device] = try writer.commit { (log) throws(LogError) in
        try log.rare.addBoot(device: device, epoch: 1, at: time)
      }
    }
    try writer.commit { (log) throws(LogError) in
      for sample in samples { try append(sample, to: log, at: time) }
      var ledger = Ledger()
      ledger.received = max(1, Int64(samples.count))
      ledger.stored = Int64(samples.count)
      ledger.duplicate = ledger.received - ledger.stored
      try log.writeLedger(ledger, at: time)
    }
  }

  func commit(at time: Int64, _ sample: Sample) throws { try commit(at: time, [sample]) }

  private func append(_ sample: Sample, to log: Appender, at time: Int64) throws(LogError) {
    let seq = (seqs[sample.device] ?? 0) + 1
    seqs[sample.device] = seq
    var token = sample.card.flatMap { Hex.bytes($0) }.map { card in
      card.withUnsafeBytes { World.subjects.token($0) }
    }
    let text = sample.text.map { Array($0.utf8) } ?? []
    var failure: LogError?
    withUnsafeMutableBytes(of: &token) { tokenBytes in
      text.withUnsafeBytes { textBytes in
        do throws(LogError) {
          try log.append(
            StoredReading(
              boot: boots[sample.device] ?? 0, seq: seq, position: 0, kind: sample.kind.rawValue,
              quality: sample.quality, eventTime: sample.time, receivedTime: sample.received ?? time,
              token: sample.card == nil ? nil : UnsafeRawPointer(tokenBytes.baseAddress),
              tokenBytes: sample.card == nil ? 0 : 16, hasValue: sample.value >= 0, value: sample.value,
              detail: sample.item.map { .integer($0) } ?? (text.isEmpty ? .none : .text(textBytes))),
            digest: UInt64(seq))
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
  }

  /// Folds everything and writes everything.
  func fold() throws {
    let progress = try aggregator.settle()
    #expect(progress.isCaughtUp)
  }

  /// Ends the aggregator as a crash would, and begins another.
  func crash() throws {
    aggregator.finish()
    aggregator = Aggregator(store: store, subjects: World.subjects, settings: settings)
  }

  /// Ends everything as a crash of the process would, and begins again. `change`: of the store, in between.
  func restart(_ change: (Database) throws -> Void = { _ in }) throws {
    aggregator.finish()
    writer.finish()
    try store.pool.write { db in try change(db) }
    try store.close()
    store = try LogStore.open(path, masterKey: World.masterKey, now: 1)
    writer = try LogWriter(store, fold: NoFold())
    aggregator = Aggregator(store: store, subjects: World.subjects, settings: settings)
  }

  /// Forgets everything that was folded.
  func forget() throws {
    aggregator.finish()
    try store.pool.write { db in
      for table in [
        "aggregate", "aggregate_card", "meeting", "attendance_card", "attendance_device", "attendance_day", "incident",
        "outbox",
      ] { try db.execute(sql: "DELETE FROM \(table)") }
      try db.execute(sql: "DELETE FROM log_state WHERE name LIKE 'fold_%'; DELETE FROM cursor")
    }
    aggregator = Aggregator(store: store, subjects: World.subjects, settings: settings)
  }

  func scalar(_ sql: String) throws -> Int64 {
    try store.pool.read { try Int64.fetchOne($0, sql: sql) ?? 0 }
  }

  // MARK: What waits

  /// Running revisions that wait for a destination, in the order in which it will be told. `isTold`: they wait no more.
  func running(for destination: String = "diagnosis", isTold: Bool = false) throws -> [StoredAggregate] {
    let queue = store.runningQueue(for: destination)
    let numbers = queue.take(.max, isBulk: false) + queue.take(.max, isBulk: true)
    if isTold { queue.finish() } else { queue.giveBack() }
    return try store.runningRevisions(numbers).map(\.aggregate)
  }

  /// Everything that waits, in the order of one batch.
  func waiting(for destination: String = "diagnosis") throws -> [StoredAggregate] {
    let finals = try store.outboxBatch(for: destination, limit: 10_000).map(\.aggregate)
    let running = try running(for: destination)
    return [false, true].flatMap { isBulk in
      (finals + running).filter { Outbox.isBulk($0.kind, $0.scope) == isBulk }
    }
  }

  // MARK: What came of it

  func items(
    _ kind: AggregateKind? = nil, _ scope: AggregateScope? = nil, _ grain: AggregateGrain? = nil, id: String? = nil
  ) throws -> [AggregateItem] {
    var filter = AggregateFilter()
    filter.kind = kind?.rawValue
    filter.scope = scope?.rawValue
    filter.grain = grain?.rawValue
    filter.name = id
    var items: [AggregateItem] = []
    try store.aggregates(filter) { items += try $0.map { try AggregateItem($0) } }
    return items
  }

  func item(
    _ kind: AggregateKind, _ scope: AggregateScope, _ id: String, _ grain: AggregateGrain, from: Int64? = nil
  ) throws -> AggregateItem? {
    try items(kind, scope, grain, id: id).first { from == nil || $0.key.start == from }
  }

  /// expected, present, late, absent, unknown.
  func attendance(
    _ id: String, _ scope: AggregateScope = .session, _ grain: AggregateGrain = .meeting, from: Int64? = nil
  ) throws -> [Int64]? {
    try item(.attendance, scope, id, grain, from: from)?.attendance
  }
}

extension AggregateItem {
  func integer(_ name: String) -> Int64? {
    if case .integer(let value)? = measures[name] { value } else { nil }
  }

  func number(_ name: String) -> Double? {
    if case .number(let value)? = measures[name] { value } else { nil }
  }

  var attendance: [Int64] { ["expected", "present", "late", "absent", "unknown"].compactMap { integer($0) } }

  /// Everything but which revision it is, and when; a running age depends on when.
  var said: String {
    let values = measures.values.filter { isFinal || $0.name != "oldest_age_s" }
    let window = "\(key.start)-\(key.end)"
    let about = "\(key.kind)/\(key.scope)/\(key.id)/\(key.grain)/\(window)"
    return "\(about) \(isFinal) \(devicesHeard)/\(devicesExpected) \(values)"
  }
}
