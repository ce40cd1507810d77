import Foundation
import Operations
import ReadingLog

/// How the gateway that runs here is doing.
struct RunningChecks {
  let configuration: Configuration
  /// Unix milliseconds.
  let now: Int64
  private(set) var findings: [Finding] = []

  init(_ configuration: Configuration, now: Int64) {
    self.configuration = configuration
    self.now = now
  }

  mutating func run() {
    do {
      let folder = configuration.dataFolder
      if let running = try ControlSocket.ask(.status, in: folder)?.running {
        look(running)
        if let pragmas = try ControlSocket.ask(.pragmas, in: folder)?.pragmas { look(pragmas) }
      } else {
        findings.append(
          .note(
            "gateway.running", Wording("no gateway runs on \(folder)", "\(folder) 上没有运行中的网关"),
            why: Wording("a running one tells more", "运行时能查到更多情况"),
            mend: Wording("campus-gateway run, or systemctl start campus-gateway", "campus-gateway run，或 systemctl start campus-gateway")))
      }
    } catch {
      findings.append(
        .note(
          "gateway.running", Wording("the gateway could not be asked: \(error)", "无法询问网关：\(error)"),
          mend: Wording("run doctor as the gateway's user", "请以网关的用户运行 doctor")))
    }
    do throws(LogError) { try lookIntoStore() } catch {
      // The store's own check says what is wrong with it.
      return
    }
  }

  private mutating func look(_ running: RunningStatus) {
    let problem = running.problem ?? "?"
    if running.suspended {
      findings.append(
        .fault(
          "gateway.intake", Wording("intake stands still: \(problem)", "采集已停止：\(problem)"),
          why: Wording("nothing is acknowledged; broker and devices keep the messages", "不再确认消息；消息留在消息服务器和设备中"),
          mend: Wording("it goes on by itself once the cause is gone", "原因消除后自动恢复")))
    } else if !running.online {
      findings.append(
        .fault(
          "gateway.intake", Wording("the gateway is offline: \(problem)", "网关离线：\(problem)"),
          why: Wording("no message is taken", "收不到任何消息"),
          mend: Wording("see the findings about the broker above", "参见上文关于消息服务器的结果")))
    } else {
      let last = TimeText.ago(running.lastCommit == 0 ? nil : running.lastCommit, now: now)
      findings.append(
        .ok("gateway.intake", Wording("the gateway is online; its last commit was \(last)", "网关在线；最近一次提交：\(last)")))
    }
    for (name, relay) in running.relays.sorted(by: { $0.key < $1.key }) {
      guard let problem = relay.problem else { continue }
      findings.append(
        .note(
          "gateway.relay", Wording("aggregates for \(name) wait: \(problem)", "发往 \(name) 的指标在等待：\(problem)"),
          why: Wording("warnings come late", "预警会延迟"),
          mend: Wording("diagnosis.url, diagnosis.secret_file, and the core's own log", "检查 diagnosis.url、diagnosis.secret_file 及诊改核心的日志")))
    }
  }

  private mutating func look(_ pragmas: [String: String]) {
    // SQLite's numbers: 2 is FULL, 3 is EXTRA.
    let isFull = ["2", "3"].contains(pragmas["synchronous"] ?? "")
    if isFull, pragmas["journal_mode"] == "wal" {
      findings.append(
        .ok("gateway.commits", Wording("each commit is on the disk before it is acknowledged (FULL, WAL)", "每次提交落盘后才确认（FULL、WAL）")))
    } else {
      findings.append(
        .fault(
          "gateway.commits", Wording("the writing connection is not as it must be: \(pragmas)", "写连接设置异常：\(pragmas)"),
          why: Wording("a power cut may lose what was acknowledged", "断电可能丢失已确认的数据"),
          mend: Wording("restart the gateway, and report this: it is a fault of the program", "重启网关并上报：这是程序缺陷")))
    }
  }

  private mutating func lookIntoStore() throws(LogError) {
    let store = try LogStore.openReadOnly(configuration.store.path)
    let summary = try store.summary()
    let silent = try store.deviceReports().count { ($0.lastReceived ?? 0) < now - 3_600_000 }
    if summary.devices > 0, silent * 2 > Int(summary.devices) {
      findings.append(
        .note(
          "gateway.devices",
          Wording(
            "\(silent) of \(summary.devices) devices were not heard for an hour", "\(summary.devices) 台设备中有 \(silent) 台一小时未上报"),
          mend: Wording("campus-gateway devices silent", "campus-gateway devices silent")))
    }
    if summary.missing > 0 {
      findings.append(
        .note(
          "gateway.gaps", Wording("\(summary.missing) frames are missing", "缺 \(summary.missing) 帧"),
          why: Wording("devices are asked for them again", "已要求设备重发"),
          mend: Wording("campus-gateway gaps", "campus-gateway gaps")))
    }
    if summary.held > 0 {
      findings.append(
        .note(
          "gateway.quarantine", Wording("\(summary.held) messages are in quarantine", "隔离区有 \(summary.held) 条消息"),
          why: Wording("they break the specification; their readings count nowhere yet", "它们不符合规范，其读数尚未计入"),
          mend: Wording("campus-gateway quarantine list", "campus-gateway quarantine list")))
    }
    let aside = try store.outboxStatus().reduce(0) { $0 + $1.putAside }
    if aside > 0 {
      findings.append(
        .trap(
          "gateway.outbox", Wording("a diagnosis core refused \(aside) batches of aggregates", "诊改核心拒收了 \(aside) 批指标"),
          why: Wording("their warnings are never raised", "相应的预警不会产生"),
          mend: Wording("campus-gateway outbox list; after mending the cause, outbox resend", "campus-gateway outbox list；排除原因后执行 outbox resend")))
    }
  }
}
