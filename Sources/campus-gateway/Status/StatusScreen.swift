import ReadingLog

/// One screen of 80 columns and 24 lines: what happens each second, and what stands. A pure function of two moments.
struct StatusScreen {
  static let columns = 80
  static let rows = 24

  let now: StatusSnapshot
  /// A moment before; nil: the first.
  let before: StatusSnapshot?

  private var seconds: Double {
    guard let before else { return 0 }
    return Double(now.monotonic - before.monotonic) / 1e9
  }

  /// A second's share of what a counter has grown by; nil: there is nothing to compare with.
  private func rate(_ value: (StatusSnapshot) -> Int64?) -> Int64? {
    guard let before, seconds > 0, let new = value(now), let old = value(before), new >= old else { return nil }
    return Int64((Double(new - old) / seconds).rounded())
  }

  private func text(_ rate: Int64?) -> String { rate.map(String.init) ?? "-" }

  private func cells(_ label: String, _ perSecond: String, _ total: String) -> String {
    Terminal.padded(label, 22) + right(perSecond, 14) + right(total, 18)
  }

  private func right(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - Terminal.width(text))) + text
  }

  private func item(_ label: Wording, _ value: String) -> String { Terminal.padded(label.text, 22) + value }

  /// At most 24 lines of at most 80 columns, without their colour.
  var lines: [String] {
    var lines = ["campus-gateway  \(now.state.text)  \(TimeText.utc(now.now / 1000 * 1000).replacing(".000", with: ""))"]
    lines.append(now.running?.problem ?? "")
    lines.append(cells("", Wording("a second", "每秒").text, Wording("in all", "累计").text))
    for (name, total) in StatusSnapshot.counts(now.summary.ledger) {
      let perSecond = rate { moment in
        StatusSnapshot.counts(moment.summary.ledger).first { $0.name == name }?.count
      }
      lines.append(cells(StatusSnapshot.name(name), text(perSecond), "\(total)"))
    }
    lines.append(cells(Wording("readings", "读数").text, text(rate { $0.running?.readings }), "\(now.summary.lastRow)"))
    lines.append(cells(Wording("commits", "提交").text, text(rate { $0.running?.commits }), "\(now.summary.commits)"))
    lines.append(
      cells(
        Wording("receipts", "回执").text, text(rate { $0.running?.receipts }), text(now.running.map { $0.receipts })))
    lines.append("")
    lines += latencyLines
    lines.append("")
    lines += storeLines
    return lines.prefix(StatusScreen.rows - 1).map { Terminal.cut($0, StatusScreen.columns) }
  }

  private var latencyLines: [String] {
    let p50 = StatusSnapshot.bound(now.running?.latencyP50)
    let p99 = StatusSnapshot.bound(now.running?.latencyP99)
    return [
      item(Wording("publish to commit", "发布到提交"), "p50 \(p50)   p99 \(p99)"),
      item(Wording("unacknowledged", "最久未确认"), now.unacknowledged),
      item(Wording("last commit", "最近提交"), TimeText.ago(now.summary.lastCommit, now: now.now)),
    ]
  }

  private var storeLines: [String] {
    let summary = now.summary
    var lines = [
      item(Wording("devices heard", "已上报设备"), "\(summary.devicesHeard) / \(summary.devices)"),
      item(
        Wording("missing, quarantine", "缺号、隔离"),
        Wording("\(summary.missing) frames, \(summary.held) messages", "\(summary.missing) 帧，\(summary.held) 条").text),
      item(
        Wording("store, memory", "数据库、内存"),
        "\(summary.fileBytes / 1_048_576) MiB, \((now.running?.residentKiB ?? 0) / 1024) MiB"),
    ]
    for (name, row) in summary.cursors {
      lines.append(
        item(Wording("rows behind", "落后行数"), "\(name) \(max(0, summary.lastRow - row))"))
    }
    for waiting in now.outbox {
      let aside = waiting.putAside > 0 ? Wording(", \(waiting.putAside) put aside", "，被拒收 \(waiting.putAside) 批").text : ""
      lines.append(item(Wording("outbox", "发件箱"), "\(waiting.destination) \(waiting.rows)\(aside)"))
    }
    return lines
  }

  /// The same in one line, where there is no screen.
  var line: String {
    let rates = StatusSnapshot.counts(now.summary.ledger).map { name, _ in
      let perSecond = rate { moment in
        StatusSnapshot.counts(moment.summary.ledger).first { $0.name == name }?.count
      }
      return "\(StatusSnapshot.name(name)) \(text(perSecond))/s"
    }
    let lag = now.summary.cursors.map { max(0, now.summary.lastRow - $0.row) }.max() ?? 0
    let waiting = now.outbox.reduce(0) { $0 + $1.rows }
    let rest = [
      now.state.text, rates.joined(separator: " "), "p99 \(StatusSnapshot.bound(now.running?.latencyP99))",
      Wording("behind \(lag)", "落后 \(lag)").text, Wording("outbox \(waiting)", "发件箱 \(waiting)").text,
      Wording("missing \(now.summary.missing)", "缺号 \(now.summary.missing)").text,
    ]
    return TimeText.utc(now.now) + "  " + rest.joined(separator: "  ")
  }
}
