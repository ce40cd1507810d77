import CPlatform
import Foundation

/// What the gateway takes from its machine: the time, and where it may be reached.
enum MachineChecks {
  static func findings(_ configuration: Configuration) -> [Finding] {
    [clockFinding, httpFinding(configuration.http)]
  }

  private static var clockFinding: Finding {
    let mend = Wording(
      "install chrony or enable systemd-timesyncd, and let it reach a time server", "安装 chrony 或启用 systemd-timesyncd，并保证能访问时间服务器")
    let why = Wording(
      "receipts set the clocks of devices, and arrival times stand in for theirs: all are as wrong as this one",
      "设备按回执校时，且可能以到达时间代替事件时间：本机时钟不准则全部不准")
    if isContainer {
      return .note(
        "clock.kept", Wording("whether the clock is kept is not known: it is the host's", "容器内无法得知时钟是否同步：取决于宿主机"),
        why: why, mend: Wording("look on the host: timedatectl", "请在宿主机上查看：timedatectl"))
    }
    switch platform_clock_is_kept() {
    case 1: return .ok("clock.kept", Wording("a time service keeps the clock", "时钟由时间服务同步"))
    case 0:
      return .note(
        "clock.kept", Wording("no time service keeps the clock", "没有时间服务在同步时钟"), why: why, mend: mend)
    default:
      return .note("clock.kept", Wording("whether the clock is kept cannot be told", "无法得知时钟是否同步"), why: why, mend: mend)
    }
  }

  /// Whether this process runs in a container, by the marks their makers leave.
  private static var isContainer: Bool {
    let marks = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container"]
    return marks.contains { FileManager.default.fileExists(atPath: $0) }
      || ProcessInfo.processInfo.environment["container"] != nil
  }

  static func httpFinding(_ http: Configuration.HTTP) -> Finding {
    let isLoopback = http.host == "localhost" || http.host == "::1" || http.host.hasPrefix("127.")
    if http.tokenFile != nil {
      return .ok("http.token", Wording("page and API ask for a token", "页面与接口需要令牌"))
    }
    if isLoopback {
      return .note(
        "http.token", Wording("page and API serve this machine alone (\(http.host))", "页面与接口仅供本机访问（\(http.host)）"),
        why: Wording(
          "without http.token_file every user of this machine reads them, messages in quarantine included, and may close warnings",
          "未设置 http.token_file 时，本机所有用户均可读取（包括隔离区消息），并可关闭预警"),
        mend: Wording("set http.token_file where others have accounts here", "若本机另有他人账户，请设置 http.token_file"))
    }
    return .fault(
      "http.token", Wording("http.host is \(http.host), and there is no http.token_file", "http.host 为 \(http.host)，但未设置 http.token_file"),
      why: Wording("the gateway does not start: anybody could read everything", "网关拒绝启动：否则任何人都能读取全部数据"),
      mend: Wording("set http.token_file, or http.host to 127.0.0.1", "设置 http.token_file，或将 http.host 设为 127.0.0.1"))
  }
}
