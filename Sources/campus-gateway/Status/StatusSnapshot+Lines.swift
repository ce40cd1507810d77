import Operations
import ReadingLog

/// `status` as people read it.
extension StatusSnapshot {
  /// Columns before a value.
  private static let labelColumns = 16

  private func line(_ label: Wording, _ value: String) -> String {
    Terminal.padded(label.text, StatusSnapshot.labelColumns) + value
  }

  private func line(_ label: Wording, _ value: Wording) -> String { line(label, value.text) }

  var lines: [String] { gatewayLines + storeLines + outbox.flatMap(outboxLines) + campusLines }

  private var gatewayLines: [String] {
    let problem = running?.problem.map { ": \($0)" } ?? ""
    let text = state.text + problem
    var lines = [line(Wording("gateway", "网关"), isWell ? Terminal.green(text) : Terminal.red(text))]
    guard let running else { return lines }
    let received = running.sinceStart["received"] ?? 0
    lines.append(
      line(
        Wording("since start", "启动以来"),
        Wording(
          "\(received) messages in \(running.commits) commits, \(running.receipts) receipts, \(running.reconnects) reconnects",
          "\(received) 条消息，\(running.commits) 次提交，\(running.receipts) 个回执，\(running.reconnects) 次重连")))
    lines.append(
      line(
        Wording("to the commit", "发布到提交"),
        "p50 \(StatusSnapshot.bound(running.latencyP50)), p99 \(StatusSnapshot.bound(running.latencyP99))"))
    lines.append(line(Wording("unacknowledged", "最久未确认"), unacknowledged))
    lines.append(line(Wording("memory", "内存"), "\(running.residentKiB / 1024) MiB"))
    if let problem = running.diagnosisProblem {
      let seconds = LocalCore.retryInterval / 1_000
      lines.append(
        line(
          Wording("diagnosis", "诊改核心"),
          Terminal.red(
            Wording(
              "PROBLEM  \(problem); tried again every \(seconds) s, intake goes on",
              "有问题：\(problem)；每 \(seconds) 秒重试，接收不受影响"
            ).text)))
    }
    return lines
  }

  private var storeLines: [String] {
    let counts = StatusSnapshot.counts(summary.ledger).map { "\(StatusSnapshot.name($0.name)) \($0.count)" }
    let equation = counts[0] + " = " + counts.dropFirst().joined(separator: " + ")
    var lines = [line(Wording("ledger", "账目"), equation)]
    for (reason, count) in summary.rejections { lines.append(line(Wording("  rejected", "  拒绝"), "\(reason): \(count)")) }
    lines.append(line(Wording("last commit", "最近提交"), TimeText.ago(summary.lastCommit, now: now)))
    lines.append(
      line(
        Wording("devices", "设备"),
        Wording(
          "\(summary.devicesHeard) heard of \(summary.devices)", "共 \(summary.devices)，已上报 \(summary.devicesHeard)")))
    lines.append(
      line(
        Wording("missing", "缺号"),
        Wording("\(summary.missing) frames (campus-gateway gaps)", "\(summary.missing) 帧（campus-gateway gaps）")))
    lines.append(
      line(
        Wording("quarantine", "隔离区"),
        Wording(
          "\(summary.held) held (campus-gateway quarantine list)", "\(summary.held) 条（campus-gateway quarantine list）")))
    if summary.waiting > 0 {
      lines.append(
        line(
          Wording("waiting", "等待"), Wording("\(summary.waiting) over their device's rate", "\(summary.waiting) 帧超出设备限速")))
    }
    for (name, row) in summary.cursors {
      let lag = max(0, summary.lastRow - row)
      lines.append(
        line(Wording("cursor", "游标"), Wording("\(name): \(lag) rows behind", "\(name)：落后 \(lag) 行")))
    }
    lines.append(
      line(
        Wording("store", "数据库"),
        Wording(
          "\(summary.fileBytes / 1_048_576) MiB, last row \(summary.lastRow)",
          "\(summary.fileBytes / 1_048_576) MiB，最后一行 \(summary.lastRow)")))
    return lines
  }

  private func outboxLines(_ waiting: OutboxStatus) -> [String] {
    let relay = running?.relays[waiting.destination]
    let address = relay.map { $0.to == waiting.destination ? "" : " (\($0.to))" } ?? ""
    let age = waiting.oldestWatermark.map { TimeText.ago($0, now: now) }
    let ageText = Wording(age.map { ", the oldest \($0)" } ?? "", age.map { "，最早 \($0)" } ?? "")
    // Running revisions wait in the gateway's memory: of one that does not run, nothing but finals is known.
    let count =
      relay == nil
      ? Wording("\(waiting.finals) finals waiting", "等待终稿 \(waiting.finals)")
      : Wording(
        "\(waiting.rows) waiting, \(waiting.finals) of them final", "等待 \(waiting.rows)，其中终稿 \(waiting.finals)")
    var lines = [
      line(
        Wording("outbox", "发件箱 outbox"),
        Wording(
          "\(waiting.destination)\(address): \(count.en)\(ageText.en)",
          "\(waiting.destination)\(address)：\(count.zh)\(ageText.zh)"))
    ]
    if let relay {
      let last = TimeText.ago(relay.lastAccepted, now: now)
      lines.append(
        line(
          Wording("  delivered", "  已投递"),
          Wording(
            "\(relay.events) events in \(relay.batches) batches, last \(last)",
            "\(relay.batches) 批共 \(relay.events) 条，最近 \(last)")))
      if let problem = relay.problem { lines.append(line(Wording("  PROBLEM", "  问题"), Terminal.red(problem))) }
    }
    if waiting.putAside > 0 {
      lines.append(
        line(
          Wording("  PUT ASIDE", "  被拒收"),
          Wording(
            "\(waiting.putAsideEvents) events in \(waiting.putAside) refused batches (campus-gateway outbox)",
            "\(waiting.putAside) 批共 \(waiting.putAsideEvents) 条（campus-gateway outbox）")))
    }
    return lines
  }

  private var campusLines: [String] {
    guard let campus else { return [] }
    let since = TimeText.utc(campus.committedTime)
    return [line(Wording("campus", "校园数据"), Wording("version \(campus.id), since \(since)", "第 \(campus.id) 版，始于 \(since)"))]
  }
}
