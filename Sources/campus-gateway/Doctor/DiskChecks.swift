import Foundation

/// Whether what is committed stays, and whether there is room.
enum DiskChecks {
  private static let slowMicroseconds: Int64 = 20_000
  /// No disk that keeps its word is faster.
  private static let suspectMicroseconds: Int64 = 30
  private static let leastBytes: Int64 = 1 << 30

  /// `growth`: bytes a day; nil: not known.
  static func findings(folder: String, growth: Int64?, _ evidence: inout Evidence) -> [Finding] {
    let present = existing(folder)
    let system = FileSystem(of: present)
    var findings = [typeFinding(system, folder)]
    var trial: SyncTrial?
    if present == folder { trial = SyncTrial(folder: folder) }
    if let trial {
      findings.append(syncFinding(trial, system))
    } else {
      findings.append(
        .note(
          "disk.sync", Wording("the disk was not tried: \(folder) is not there yet, or not writable to this user", "未测试磁盘：\(folder) 尚不存在，或当前用户不可写"),
          mend: Wording("run doctor as the gateway's user", "请以网关的用户运行 doctor")))
    }
    findings.append(roomFinding(system, folder, growth))
    // A disk without room is a fault of another kind: intake stands still, nothing is lost.
    if let bad = findings.first(where: { $0.isBad && $0.check != "disk.room" }) { evidence.undurable = bad.what }
    return findings
  }

  /// The folder itself, or the nearest above it that is there.
  private static func existing(_ folder: String) -> String {
    var path = folder
    while !path.isEmpty, path != "/", !FileManager.default.fileExists(atPath: path) {
      path = (path as NSString).deletingLastPathComponent
    }
    return path.isEmpty ? "." : path
  }

  static func typeFinding(_ system: FileSystem, _ folder: String) -> Finding {
    let mend = Wording("put store.path on a local disk", "将 store.path 放到本地磁盘")
    if system.isVolatile {
      return .fault(
        "disk.type", Wording("\(folder) is in memory (\(system.type))", "\(folder) 位于内存文件系统（\(system.type)）"),
        why: Wording("a restart of the machine loses everything acknowledged", "机器重启会丢失全部已确认的数据"), mend: mend)
    }
    if system.isRemote {
      return .fault(
        "disk.type", Wording("\(folder) is on \(system.type)", "\(folder) 位于 \(system.type)"),
        why: Wording(
          "SQLite's write-ahead log needs a local file system; over a network, locks and syncs are promises nobody keeps",
          "SQLite 的预写日志要求本地文件系统；网络文件系统的锁与同步不可靠"), mend: mend)
    }
    if system.isLayered {
      return .trap(
        "disk.type", Wording("\(folder) is in the container's own layer (\(system.type))", "\(folder) 位于容器自身的层（\(system.type)）"),
        why: Wording("it goes away with the container", "随容器删除而消失"),
        mend: Wording("mount a volume there", "在此处挂载数据卷"))
    }
    return .ok("disk.type", Wording("\(folder) is on \(system.type)", "\(folder) 位于 \(system.type)"))
  }

  static func syncFinding(_ trial: SyncTrial, _ system: FileSystem) -> Finding {
    let times = "p50 \(milliseconds(trial.p50Microseconds)) ms, p99 \(milliseconds(trial.p99Microseconds)) ms"
    let disk = [
      system.writeCache.map { "write cache: \($0)" }, system.isRotational.map { $0 ? "rotational" : "not rotational" },
    ].compactMap { $0 }.joined(separator: ", ")
    let known = disk.isEmpty ? "" : " (\(disk))"
    if system.hasBlockDevice, trial.p50Microseconds < suspectMicroseconds {
      return .trap(
        "disk.sync", Wording("a sync takes \(times): no disk is so fast\(known)", "一次同步 \(times)：快得不合理\(known)"),
        why: Wording(
          "a cache that answers before the data is safe loses acknowledged readings in a power cut", "缓存在数据落盘前就应答，断电会丢失已确认的读数"),
        mend: Wording(
          "a disk or controller with a battery or capacitor is fine; otherwise turn its write cache off, or the hypervisor's unsafe cache mode",
          "带电池或电容保护的磁盘或控制器可放心使用；否则请关闭写缓存，或关闭虚拟机的不安全缓存模式"))
    }
    if trial.p50Microseconds > slowMicroseconds {
      return .note(
        "disk.sync", Wording("a sync takes \(times)\(known)", "一次同步 \(times)\(known)"),
        why: Wording(
          "each commit waits so long: load makes batches larger, and receipts come later", "每次提交都要等待这么久：负载高时批次变大，回执变慢"),
        mend: Wording("a solid-state disk for store.path", "store.path 使用固态硬盘"))
    }
    return .ok("disk.sync", Wording("a sync takes \(times)\(known)", "一次同步 \(times)\(known)"))
  }

  static func roomFinding(_ system: FileSystem, _ folder: String, _ growth: Int64?) -> Finding {
    let free = bytes(system.freeBytes)
    var en = "\(free) free of \(bytes(system.totalBytes))"
    var zh = "可用 \(free)，共 \(bytes(system.totalBytes))"
    if let growth, growth > 0 {
      en += ", enough for \(system.freeBytes / growth) days at \(bytes(growth)) a day"
      zh += "，按每天 \(bytes(growth)) 可用 \(system.freeBytes / growth) 天"
    }
    guard system.freeBytes < leastBytes || system.freeBytes < system.totalBytes / 20 else {
      return .ok("disk.room", Wording(en, zh))
    }
    return .trap(
      "disk.room", Wording("little room: \(en)", "空间不足：\(zh)"),
      why: Wording("on a full disk nothing is acknowledged, and intake stands still", "磁盘写满后不再确认任何消息，采集停止"),
      mend: Wording("free space, or lower store.retention_days", "释放空间，或减小 store.retention_days"))
  }

  private static func milliseconds(_ microseconds: Int64) -> String { NumberText.short(Double(microseconds) / 1_000) }

  static func bytes(_ count: Int64) -> String {
    count >= 10 << 30 ? "\(count >> 30) GiB" : "\(count >> 20) MiB"
  }
}
