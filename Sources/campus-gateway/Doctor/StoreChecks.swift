import CPlatform
import Foundation
import ReadingLog

/// The store's file, its master key, its settings, and what SQLite's version means for it.
struct StoreChecks {
  let path: String
  let keyFile: String
  let isQuick: Bool
  /// Unix milliseconds.
  let now: Int64
  /// Bytes a day since the log was begun; nil: too young to tell.
  private(set) var growth: Int64?
  private(set) var findings: [Finding] = []

  /// Seconds a check of all pages may take.
  static let checkSeconds: Int64 = 60

  init(path: String, keyFile: String, isQuick: Bool, now: Int64) {
    self.path = path
    self.keyFile = keyFile
    self.isQuick = isQuick
    self.now = now
  }

  mutating func run() {
    do throws(LogError) {
      let store = try LogStore.openReadOnly(path)
      look(try store.health())
      findings.append(keyFinding(store))
      if isQuick {
        findings.append(.note("store.pages", Wording("the store's pages were not checked (--quick)", "未检查数据页（--quick）")))
      } else {
        try check(store)
      }
    } catch {
      findings.append(refusal(error))
    }
    findings.append(versionFinding)
  }

  private func refusal(_ error: LogError) -> Finding {
    if case .noStore = error {
      return .note(
        "store.file", Wording("there is no store yet at \(path)", "\(path) 尚无数据库"),
        why: Wording("it is made at the gateway's first start", "网关首次启动时建立"))
    }
    return .fault(
      "store.file", Wording("the store cannot be read: \(error)", "无法读取数据库：\(error)"),
      why: Wording("the gateway may not start on it", "网关可能无法启动"),
      mend: Wording("see “When something is wrong” in the README", "参见 README“出了问题怎么办”"))
  }

  /// A store is restored from one place and its key from another: either may be missing, or be another installation's.
  private func keyFinding(_ store: LogStore) -> Finding {
    do throws(LogError) {
      try store.check(MasterKey.load(keyFile, create: false))
      return .ok("store.key", Wording("the master key is the one the store was made with", "主密钥与数据库相符"))
    } catch {
      return .fault(
        "store.key", Wording("\(error)", "主密钥 \(keyFile) 缺失、无法读取或与数据库 \(path) 不符：\(error)"),
        why: Wording("the gateway does not start on this store", "网关无法在此数据库上启动"),
        mend: Wording(
          "put the key kept apart from the backups at \(keyFile), and run doctor as the gateway's user",
          "将另行保管的密钥放到 \(keyFile)，并以网关的用户运行 doctor"))
    }
  }

  private mutating func look(_ health: StoreHealth) {
    let bytes = health.pages * health.pageBytes
    let days = Double(now - health.madeTime) / 86_400_000
    if days > 0.5 { growth = Int64(Double(bytes) / days) }
    let free = health.freePages * health.pageBytes
    findings.append(
      .ok(
        "store.file",
        Wording(
          "\(DiskChecks.bytes(bytes)), of which \(DiskChecks.bytes(free)) are free to be used again",
          "共 \(DiskChecks.bytes(bytes))，其中 \(DiskChecks.bytes(free)) 可再利用")))
    if health.journalMode == "wal" {
      findings.append(.ok("store.journal", Wording("the store writes ahead (WAL)", "数据库使用预写日志（WAL）")))
    } else {
      // A restored copy has no write-ahead log until the gateway opens it.
      findings.append(
        .note(
          "store.journal", Wording("journal mode is \(health.journalMode)", "日志模式为 \(health.journalMode)"),
          why: Wording("the gateway turns WAL on at its next start", "网关下次启动时会启用 WAL")))
    }
  }

  private mutating func check(_ store: LogStore) throws(LogError) {
    let end = platform_monotonic_ns() + StoreChecks.checkSeconds * 1_000_000_000
    guard let damages = try store.quickCheck(mayGoOn: { platform_monotonic_ns() < end }) else {
      findings.append(
        .note(
          "store.pages",
          Wording(
            "the store is large: its pages were checked for \(StoreChecks.checkSeconds) s without a fault, not to the end",
            "数据库较大：检查了 \(StoreChecks.checkSeconds) 秒未见损坏，未检查完"),
          mend: Wording("“backup” checks its copy to the end", "“backup”会完整检查其副本")))
      return
    }
    if damages.isEmpty {
      findings.append(.ok("store.pages", Wording("every page of the store is sound", "全部数据页完好")))
      return
    }
    findings.append(
      .fault(
        "store.pages", Wording("the store is damaged: \(damages[0])", "数据库已损坏：\(damages[0])"),
        why: Wording("rows may be missing, and writing on makes it worse", "数据行可能缺失，继续写入会加重损坏"),
        mend: Wording(
          "stop the gateway, keep the files, look at the disk (dmesg), restore the backup", "停止网关，保留原文件，检查磁盘（dmesg），用备份恢复")))
  }

  /// With two writing connections, SQLite 3.7.0 to 3.51.2 can damage a store when it starts its log anew.
  private var versionFinding: Finding {
    .ok(
      "store.sqlite",
      Wording(
        "SQLite \(StoreHealth.sqliteVersion); the damage that several writing connections risk up to 3.51.2 cannot happen, for one alone writes",
        "SQLite \(StoreHealth.sqliteVersion)；3.51.2 及以前版本在多个写连接下可能损坏数据库，本程序只有一个写连接，不受影响"))
  }
}
