import Foundation
import GRDB
import Testing

@testable import ReadingLog

@Suite struct LogStoreTests {
  @Test func aCommitIsSyncedToDisk() throws {
    let log = try Log()
    #expect(try log.store.writerPragma("synchronous") == "2")
    #expect(try log.store.writerPragma("journal_mode") == "wal")
    _ = try log.boot(device: 1, epoch: 1)
    #expect(try log.store.writerPragma("synchronous") == "2")
    try log.reopen()
    #expect(try log.store.writerPragma("synchronous") == "2")
    #expect(try log.store.writerPragma("journal_mode") == "wal")
  }

  @Test func aRowIDIsNeverGivenOutTwice() throws {
    let log = try Log(segmentRows: 10)
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...40 { try log.store([.init(boot: boot, seq: seq)]) }
    try log.settle()
    let last = try log.scalar("SELECT max(id) FROM reading")
    #expect(last == 40)
    // Everything the segments hold goes; then the rest, as if the disk had lost it.
    try log.store.retain(before: .max, quarantineBefore: .max)
    try log.execute("DELETE FROM reading")
    try log.reopen()
    try log.store([.init(boot: boot, seq: 41)])
    #expect(try log.scalar("SELECT min(id) FROM reading") == last + 1)
    try log.store.retain(before: .max, quarantineBefore: .max)
    try log.execute("DELETE FROM reading")
    try log.reopen()
    try log.store([.init(boot: boot, seq: 42)])
    #expect(try log.scalar("SELECT min(id) FROM reading") == last + 2)
  }

  @Test func aStoreOfANewerVersionIsRefused() throws {
    let log = try Log()
    try log.execute("INSERT INTO grdb_migrations (identifier) VALUES ('9 of the future')")
    log.writer.finish()
    try log.store.close()
    func isNewer(_ open: () throws -> LogStore) -> Bool {
      do {
        _ = try open()
        return false
      } catch LogError.newerStore {
        return true
      } catch {
        return false
      }
    }
    #expect(isNewer { try LogStore.open(log.path, masterKey: Log.masterKey, now: 1) })
    #expect(isNewer { try LogStore.openReadOnly(log.path) })
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("other.sqlite")
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE photo (id INTEGER PRIMARY KEY)") }
    try other.close()
    let before = FileManager.default.contents(atPath: path)
    func isForeign(_ path: String, _ open: (String) throws -> LogStore) -> Bool {
      do {
        _ = try open(path)
        return false
      } catch LogError.foreignStore {
        return true
      } catch {
        return false
      }
    }
    #expect(isForeign(path) { try LogStore.open($0, masterKey: Log.masterKey, now: 1) })
    #expect(isForeign(path) { try LogStore.openReadOnly($0) })
    #expect(FileManager.default.contents(atPath: path) == before)
    // Nothing is in an empty file that could be lost.
    let empty = folder.file("empty.sqlite")
    #expect(FileManager.default.createFile(atPath: empty, contents: nil))
    #expect(isForeign(empty) { try LogStore.openReadOnly($0) })
    #expect(!isForeign(empty) { try LogStore.open($0, masterKey: Log.masterKey, now: 1) })
    #expect(!isForeign(empty) { try LogStore.openReadOnly($0) })
  }

  @Test func aStoreOfAnEarlierVersionKeepsItsMeetings() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("log.sqlite")
    let earlier = try DatabasePool(path: path)
    try Schema.migrator.migrate(earlier, upTo: "2 aggregates")
    let insert = "INSERT INTO meeting (session, version, state, place, starts_at, ends_at) VALUES "
    try earlier.write { try $0.execute(sql: insert + "('m1', 1, 1, 'room', 10, 20)") }
    try earlier.close()
    let store = try LogStore.open(path, masterKey: Log.masterKey, now: 1)
    // The session's id is used again.
    try store.write("beginning a meeting") { try $0.execute(sql: insert + "('m1', 2, 0, 'room', 30, 40)") }
    #expect(try FoldLog(store).meetings().map(\.start) == [10, 30])
    try store.close()
  }

  @Test func aStoreWithoutClockOffsetsIsReadAndThenGoesOn() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("log.sqlite")
    let earlier = try DatabasePool(path: path)
    try Schema.migrator.migrate(earlier, upTo: "6 finals in the outbox")
    try earlier.write { db in
      try db.execute(sql: "INSERT INTO boot (device, epoch, high, heard_at) VALUES (1, 5, 3, 1)")
    }
    #expect(try LogStore.openReadOnly(path).gaps(all: true).isEmpty)
    try earlier.close()
    let store = try LogStore.open(path, masterKey: Log.masterKey, now: 1)
    let writer = try LogWriter(store, fold: Fold())
    let known = try writer.commit { (log) throws(LogError) in
      let boot = try log.rare.boot(device: 1, epoch: 5)
      if let boot { try log.rare.keepClock(boot: boot.id, offset: -9) }
      return boot
    }
    #expect(known?.high == 3 && known?.clockOffset == 0)
    let kept = try writer.read { (log) throws(LogError) in try log.rare.boot(device: 1, epoch: 5) }
    #expect(kept?.high == 3 && kept?.clockOffset == -9)
    writer.finish()
    try store.close()
  }

  @Test func aStoreThatIsNotThereIsNotMadeByAReader() throws {
    let folder = try TemporaryFolder()
    #expect(throws: LogError.self) { try LogStore.openReadOnly(folder.file("none.sqlite")) }
    #expect(!FileManager.default.fileExists(atPath: folder.file("none.sqlite")))
  }

  @Test func aReaderSeesTheStoreWhileAWriterHoldsIt() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    try log.store([.init(boot: boot, seq: 1)])
    let reader = try LogStore.openReadOnly(log.path)
    #expect(try reader.audit().readings == 1)
    try log.store([.init(boot: boot, seq: 2)])
    #expect(try reader.audit().readings == 2)
    #expect(throws: LogError.self) { try reader.write("trying") { try $0.execute(sql: "DELETE FROM reading") } }
  }

  @Test func closingLeavesTheFileAloneAsTheStore() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    try log.store([.init(boot: boot, seq: 1)])
    log.writer.finish()
    try log.store.close()
    let wal = try? FileManager.default.attributesOfItem(atPath: log.path + "-wal")
    #expect(wal == nil || wal?[.size] as? Int == 0)
    let copy = log.folder.file("copy.sqlite")
    try FileManager.default.copyItem(atPath: log.path, toPath: copy)
    #expect(try LogStore.openReadOnly(copy).audit().readings == 1)
  }

  @Test func aFailedCommitLeavesNothingAndTheFoldIsRebuilt() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    try log.store([.init(boot: boot, seq: 1)])
    #expect(throws: LogError.self) {
      try log.writer.commit { (appender) throws(LogError) in
        try Log.append(.init(boot: boot, seq: 2, readings: 3), to: appender)
        throw LogError.other("made to fail")
      }
    }
    // Until it is recovered nothing can be written over the doubt.
    #expect(throws: LogError.self) { try log.store([.init(boot: boot, seq: 2)]) }
    try log.writer.recover()
    #expect(log.fold.highs == [boot: 1])
    #expect(try log.digest(boot, 2) == nil)
    try log.store([.init(boot: boot, seq: 2, readings: 3)])
    #expect(try log.store.audit().readings == 4)
    #expect(try log.store.audit().isBalanced)
  }

  @Test func aFullDiskIsToldAndIntakeGoesOnAfterwards() throws {
    let log = try Log()
    let boot = try log.boot(device: 1, epoch: 1)
    try log.store([.init(boot: boot, seq: 1)])
    let pages = try #require(Int(try log.store.writerPragma("page_count")))
    try log.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(pages)") }
    var isFull = false
    do {
      for seq in UInt32(2)...2_000 { try log.store([.init(boot: boot, seq: seq, readings: 64)]) }
    } catch LogError.full {
      isFull = true
    }
    #expect(isFull)
    #expect(throws: LogError.self) { try log.store.tryWriting(now: 1) }
    try log.store.pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1073741823") }
    try log.store.tryWriting(now: 1)
    try log.writer.recover()
    let high = try #require(log.fold.highs[boot])
    try log.store([.init(boot: boot, seq: high + 1)])
    #expect(try log.store.audit().isBalanced)
    #expect(try log.store.audit().framesRecounted == Int64(high) + 1)
  }
}
