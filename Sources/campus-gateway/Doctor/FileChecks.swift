import Glibc

/// Who may read what only the gateway should.
enum FileChecks {
  static func findings(_ configuration: Configuration) -> [Finding] {
    var findings: [Finding] = []
    let secrets: [(key: String, path: String?)] = [
      ("campus.key_file", configuration.campus.keyFile), ("mqtt.password_file", configuration.mqtt.passwordFile),
      ("mqtt.tls.key", configuration.mqtt.tls.key), ("http.token_file", configuration.http.tokenFile),
      ("diagnosis.secret_file", configuration.diagnosis.secretFile),
    ]
    for (key, path) in secrets {
      if let path { findings += secret(key, path) }
    }
    let missing = secrets.filter { secret in secret.path.map { FileMode($0) == nil } ?? false }.map { $0.key }
    findings += unusable(configuration, besides: missing)
    let people = "\(configuration.campus.directory)/people.csv"
    if let mode = FileMode(people), mode.othersRead, mode.othersReach {
      findings.append(
        .note(
          "files.people", Wording("every user of this machine reads \(people)", "本机所有用户均可读取 \(people)"),
          why: Wording("it holds names and card numbers: personal data", "其中有姓名和卡号，属个人信息"),
          mend: Wording("chmod o= on the campus folder, and let the gateway's user own it", "对校园目录执行 chmod o=，并归网关用户所有")))
    }
    for path in [configuration.store.path, configuration.diagnosisStore] {
      if let mode = FileMode(path), mode.othersRead, mode.othersReach {
        findings.append(
          .trap(
            "files.store", Wording("every user of this machine reads \(path)", "本机所有用户均可读取 \(path)"),
            why: Wording("readings tell who was where, under pseudonyms", "读数以假名记录了谁在何处"),
            mend: Wording("chmod o= \(path)", "执行 chmod o= \(path)")))
      }
    }
    if let mode = FileMode(configuration.dataFolder), mode.othersWrite {
      findings.append(
        .fault(
          "files.folder", Wording("every user of this machine writes to \(configuration.dataFolder)", "本机所有用户均可写入 \(configuration.dataFolder)"),
          why: Wording("anybody may replace the store or its lock", "任何人都可替换数据库或锁文件"),
          mend: Wording("chmod 750 \(configuration.dataFolder)", "执行 chmod 750 \(configuration.dataFolder)")))
    }
    if findings.allSatisfy({ $0.level == .ok }) {
      findings = [.ok("files.modes", Wording("secrets and personal data are readable by their owners alone", "密钥与个人信息仅所有者可读"))]
    }
    return findings
  }

  /// `besides`: keys whose file is said to be missing already.
  private static func unusable(_ configuration: Configuration, besides missing: [String]) -> [Finding] {
    // The address is a matter of the machine's checks.
    configuration.unusable().filter { $0.key != "http.host" && !missing.contains($0.key) }.map { _, problem in
      .fault(
        "files.unusable", problem, why: Wording("the gateway does not start", "网关无法启动"),
        mend: Wording("correct the file, or the key that names it", "更正该文件，或更正指向它的配置项"))
    }
  }

  private static func secret(_ key: String, _ path: String) -> [Finding] {
    guard let mode = FileMode(path) else {
      // The master key is made at the first start.
      if key == "campus.key_file" { return [] }
      return [
        .fault(
          "files.secret", Wording("\(key): \(path) cannot be found or reached", "\(key)：\(path) 不存在或无法访问"),
          why: Wording("the gateway does not start without it", "缺少它网关无法启动"),
          mend: Wording("put the file there, readable by the gateway's user alone", "放置该文件，且仅网关用户可读"))
      ]
    }
    guard mode.othersRead || mode.othersWrite || mode.groupWrites else {
      return [.ok("files.secret", Wording("\(key) is closed to others", "\(key) 对他人不可读"))]
    }
    return [
      .fault(
        "files.secret", Wording("\(key): \(path) has mode \(mode.octal)", "\(key)：\(path) 的权限为 \(mode.octal)"),
        why: Wording("others on this machine may read or change a secret", "本机其他用户可读取或修改密钥"),
        mend: Wording("chmod 600 \(path)", "执行 chmod 600 \(path)"))
    ]
  }
}

/// A file's mode.
struct FileMode: Sendable, Equatable {
  private var bits: UInt32
  /// Whether users who neither own it nor belong to its group reach it through its folders.
  private(set) var othersReach = true

  /// nil: it is not there, or cannot be looked at.
  init?(_ path: String) {
    guard let mode = FileMode.mode(path) else { return nil }
    bits = mode
    guard let resolved = realpath(path, nil) else { return }
    defer { free(resolved) }
    var folder = String(cString: resolved)
    while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
      folder = String(folder[..<slash])
      if let mode = FileMode.mode(folder), mode & 0o001 == 0 { othersReach = false }
    }
  }

  private static func mode(_ path: String) -> UInt32? {
    var info = stat()
    return stat(path, &info) == 0 ? info.st_mode : nil
  }

  var othersRead: Bool { bits & 0o004 != 0 }
  var othersWrite: Bool { bits & 0o002 != 0 }
  var groupWrites: Bool { bits & 0o020 != 0 }
  var octal: String { String(bits & 0o777, radix: 8) }
}
