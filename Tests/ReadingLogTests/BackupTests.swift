import Foundation
import Testing

@testable import ReadingLog

@Suite struct BackupTests {
  @Test func aCopyIsWholeAndBalancesWhileTheWriterWrites() throws {
    let log = try Log(segmentRows: 500)
    let boot = try log.boot(device: 1, epoch: 1)
    for seq in UInt32(1)...200 { try log.store([.init(boot: boot, seq: seq, readings: 8)]) }
    let writing = Writing(log.writer, boot: boot)
    writing.start()
    var counts: [Int64] = []
    for number in 1...5 {
      let path = log.folder.file("copy\(number).sqlite")
      try log.store.backup(to: path) { _, _ in }
      let names = try FileManager.default.contentsOfDirectory(atPath: log.folder.path)
      #expect(!names.contains("copy\(number).sqlite-wal"))
      let copy = try LogStore.openReadOnly(path)
      let audit = try copy.audit()
      #expect(audit.isBalanced, "\(audit.faults)")
      #expect(audit.framesRecounted >= 200)
      counts.append(audit.framesRecounted)
    }
    let written = writing.stop()
    #expect(writing.failure == nil)
    #expect(written > 0)
    #expect(counts == counts.sorted() && counts.last! <= 200 + written)
    // The copy is a store: it opens under the same key and goes on.
    let copy = try LogStore.open(log.folder.file("copy5.sqlite"), masterKey: Log.masterKey, now: 2)
    let writer = try LogWriter(copy, fold: Fold())
    try writer.commit { (appender) throws(LogError) in
      try Log.append(.init(boot: boot, seq: 100_000), to: appender)
      var ledger = Ledger()
      (ledger.received, ledger.stored) = (1, 1)
      try appender.writeLedger(ledger, at: 1)
    }
    #expect(try copy.audit().isBalanced)
    #expect(try log.store.audit().isBalanced)
  }

  /// A thread that commits until it is told to stop.
  private final class Writing: @unchecked Sendable {
    private let writer: LogWriter
    private let boot: Int64
    private let lock = NSLock()
    private let done = DispatchSemaphore(value: 0)
    private var isStopping = false
    private var written: Int64 = 0
    private(set) var failure: (any Error)?

    init(_ writer: LogWriter, boot: Int64) {
      self.writer = writer
      self.boot = boot
    }

    func start() {
      Thread.detachNewThread { [self] in
        var seq: UInt32 = 201
        while !lock.withLock({ isStopping }) {
          do {
            try writer.commit { (appender) throws(LogError) in
              try Log.append(.init(boot: boot, seq: seq, readings: 8), to: appender)
              var ledger = Ledger()
              (ledger.received, ledger.stored) = (1, 1)
              try appender.writeLedger(ledger, at: 1)
            }
            seq += 1
            lock.withLock { written += 1 }
          } catch {
            failure = error
            break
          }
        }
        done.signal()
      }
    }

    func stop() -> Int64 {
      lock.withLock { isStopping = true }
      done.wait()
      return lock.withLock { written }
    }
  }
}
