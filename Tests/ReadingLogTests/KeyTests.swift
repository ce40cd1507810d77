import Foundation
import Glibc
import Synchronization
import Testing

@testable import ReadingLog

@Suite struct KeyTests {
  // MARK: Master key

  private func mode(_ path: String) -> mode_t {
    var info = stat()
    stat(path, &info)
    return info.st_mode & 0o777
  }

  @Test func theMasterKeyIsMadeForItsOwnerAlone() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("master.key")
    #expect(throws: LogError.self) { try MasterKey.load(path, create: false) }
    let made = try MasterKey.load(path, create: true)
    #expect(mode(path) == 0o600)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.count == 65 && Hex.bytes(text.trimmed)?.count == 32)
    let read = try MasterKey.load(path, create: true)
    #expect(made.derive("x") == read.derive("x"))
    #expect(made.derive("x") != made.derive("y"))
  }

  @Test(arguments: [mode_t(0o640), 0o604, 0o660, 0o644, 0o601])
  func aMasterKeyOthersMayReachIsRefused(_ mode: mode_t) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("master.key")
    _ = try MasterKey.load(path, create: true)
    chmod(path, mode)
    #expect(throws: LogError.self) { try MasterKey.load(path, create: true) }
    chmod(path, 0o400)
    _ = try MasterKey.load(path, create: false)
  }

  @Test(arguments: [
    "", "00", String(repeating: "0", count: 63), String(repeating: "g", count: 64), String(repeating: "0", count: 66),
  ])
  func aMasterKeyFileThatHoldsNoKeyIsRefused(_ text: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("master.key")
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    chmod(path, 0o600)
    #expect(throws: LogError.self) { try MasterKey.load(path, create: true) }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
  }

  /// HKDF-Expand with SHA-256 (RFC 5869, section 2.3) of one block, computed by another implementation.
  @Test func derivedKeysAreThoseOfHKDF() {
    let key = MasterKey(bytes: Array(0..<32)).derive("subjects v1")
    #expect(Hex.string(key) == "6c20ed99d3ec300742a5d2850cbf3fcf9928c764f9f2909c4318b22f66264584")
  }

  @Test func aStoreOpensUnderItsOwnMasterKeyOnly() throws {
    let log = try Log()
    log.writer.finish()
    try log.store.close()
    #expect {
      try LogStore.open(log.path, masterKey: MasterKey(bytes: Array(2...33)), now: 1)
    } throws: { error in
      if case LogError.wrongMasterKey = error { true } else { false }
    }
    try LogStore.open(log.path, masterKey: Log.masterKey, now: 1).close()
  }

  // MARK: Secret box

  @Test func aSealedMessageOpensUnchangedOrNotAtAll() throws {
    let box = SecretBox(Log.masterKey, purpose: "quarantine v1")
    for plain in [[], [1], Array(0...200)] as [[UInt8]] {
      let sealed = try plain.withUnsafeBytes { (bytes) throws(LogError) in try box.seal(bytes) }
      #expect(try box.open(sealed, what: "it") == plain)
      #expect(sealed.count == plain.count + 28)
      for index in sealed.indices {
        var changed = sealed
        changed[index] ^= 1
        #expect(throws: LogError.self) { try box.open(changed, what: "it") }
      }
      #expect(throws: LogError.self) { try box.open(Array(sealed.dropLast()), what: "it") }
      #expect(throws: LogError.self) { try box.open(sealed + [0], what: "it") }
      #expect(throws: LogError.self) { try SecretBox(Log.masterKey, purpose: "other").open(sealed, what: "it") }
    }
    let twice = try (0..<2).map { _ in try [UInt8]([1, 2]).withUnsafeBytes { (b) throws(LogError) in try box.seal(b) } }
    #expect(twice[0] != twice[1])
  }

  // MARK: Device keys

  private let box = SecretBox(Log.masterKey, purpose: "device keys v1")

  private func key(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  private func live(_ log: Log) throws -> [[UInt8]] { try log.store.liveKeys(box).map(\.key) }

  @Test func aKeyReplacesTheOldOneUnlessItIsARotation() throws {
    let log = try Log()
    func add(_ byte: UInt8, keepOld: Bool) throws {
      try log.store.addKeys(
        [.init(site: "a", device: "b", key: key(byte), kid: [byte])], keepOld: keepOld, box: box, now: 5)
    }
    try add(1, keepOld: false)
    #expect(try live(log) == [key(1)])
    // Again: nothing changes.
    try add(1, keepOld: false)
    #expect(try log.scalar("SELECT count(*) FROM device_key") == 1)
    try add(2, keepOld: true)
    #expect(try live(log) == [key(2), key(1)])
    #expect(try log.store.liveKeys(box).map(\.kid) == [[2], [1]])
    try add(1, keepOld: true)
    #expect(try live(log) == [key(2), key(1)])
    try add(3, keepOld: true)
    #expect(try live(log) == [key(3), key(2)])
    #expect(try log.store.revokeKeys(site: "a", device: "b", keepNewest: true, now: 6) == 1)
    #expect(try live(log) == [key(3)])
    try add(4, keepOld: false)
    #expect(try live(log) == [key(4)])
    #expect(try log.store.revokeKeys(site: "a", device: "b", keepNewest: false, now: 6) == 1)
    #expect(try live(log).isEmpty)
    #expect(try log.store.revokeKeys(site: "a", device: "b", keepNewest: false, now: 6) == 0)
    try log.reopen()
    try add(5, keepOld: true)
    #expect(try live(log) == [key(5)])
  }

  @Test func revokingTouchesOneDevice() throws {
    let log = try Log()
    try log.store.addKeys(
      (1...3).map { .init(site: "a", device: "d\($0)", key: key(UInt8($0))) }, keepOld: false, box: box, now: 5)
    #expect(try log.store.revokeKeys(site: "a", device: "d2", keepNewest: false, now: 6) == 1)
    #expect(try log.store.revokeKeys(site: "x", device: "d1", keepNewest: false, now: 6) == 0)
    #expect(try live(log) == [key(1), key(3)])
  }

  /// A campus and an import of keys may name the same new devices at once.
  @Test func devicesAreRegisteredBesideAnImportOfTheirKeys() throws {
    let log = try Log()
    let (store, box, secret) = (log.store, self.box, key(1))
    let names = (1...4_000).map { "d\($0)" }
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { part in
      do {
        if part == 0 {
          _ = try store.register(names.map { (site: "a", device: $0, place: "p") })
        } else {
          try store.addKeys(
            names.map { LogStore.NewKey(site: "a", device: $0, key: secret) }, keepOld: false, box: box, now: 5)
        }
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    #expect(try log.scalar("SELECT count(*) FROM device") == 4_000)
    #expect(try log.scalar("SELECT count(*) FROM placement") == 4_000)
  }

  @Test func keysAreNotStoredInTheClear() throws {
    let log = try Log()
    let secret = (0..<32).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    try log.store.addKeys([.init(site: "a", device: "b", key: secret)], keepOld: false, box: box, now: 5)
    log.writer.finish()
    try log.store.close()
    let file = try Data(contentsOf: URL(filePath: log.path))
    #expect(file.range(of: Data(secret)) == nil)
    #expect(file.range(of: Data(Hex.string(secret).utf8)) == nil)
  }
}
