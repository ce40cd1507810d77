import Ingest

/// Why the gateway does not make the progress it should, or only reports something.
struct Reason: Sendable, Equatable {
  enum Code: String, Sendable, CaseIterable {
    case diskFull = "disk_full"
    case storeUnwritable = "store_unwritable"
    case brokerSilent = "broker_silent"
    case notAcknowledged = "not_acknowledged"
    case cursorStalled = "cursor_stalled"
    case relayStalled = "relay_stalled"

    /// Intake and fold go on while a diagnosis core is away: nothing is lost, and a restart would not help.
    var isBlocking: Bool { self != .relayStalled }
  }

  var code: Code
  var text: String
  var textZh: String
  /// Unix milliseconds.
  var since: Int64

  var json: JSON {
    .object([
      ("code", .text(code.rawValue)), ("text", .text(text)), ("text_zh", .text(textZh)), ("since", .integer(since)),
    ])
  }
}

/// Ready means progress. Takes what is seen each second, gives the reasons why it is not so; a reason goes by itself
/// when its cause does. Times are Unix milliseconds, and come with what is seen.
struct Readiness: Sendable {
  struct Seen: Sendable {
    var now: Int64
    var isSuspended = false
    var isDiskFull = false
    var problem: String?
    /// Why the store cannot be read, and since when; nil: it can.
    var unreadable: (problem: String, since: Int64)?
    var isOnline = true
    /// When the broker was last heard; 0: not yet.
    var lastHeard: Int64 = 0
    var oldestUnacknowledged: Int64?
    var cursors: [(name: String, row: Int64, lag: Int64)] = []
    var relays: [(name: String, finals: Int64, problem: String?)] = []
  }

  /// A look is a second apart from the next, and people are to learn of it within ten.
  static let brokerLimit: Int64 = 8_000
  static let acknowledgementLimit: Int64 = 8_000
  static let unreadableLimit: Int64 = 6_000
  static let cursorLimit: Int64 = 9_000
  static let relayLimit: Int64 = 600_000

  private struct Standing {
    var row: Int64
    var since: Int64
  }

  private var cursors: [String: Standing] = [:]
  private var failing: [String: Int64] = [:]
  private var since: [Reason.Code: Int64] = [:]

  mutating func judge(_ seen: Seen) -> [Reason] {
    var reasons: [Reason] = []
    if let reason = store(seen) { reasons.append(reason) }
    if let reason = broker(seen) { reasons.append(reason) }
    if seen.isOnline, let oldest = seen.oldestUnacknowledged, seen.now - oldest >= Readiness.acknowledgementLimit {
      let seconds = (seen.now - oldest) / 1_000
      reasons.append(
        Reason(
          code: .notAcknowledged,
          text: "a message has waited \(seconds) s for its acknowledgement: the store commits too slowly; look at its disk",
          textZh: "最早未确认的消息已等待 \(seconds) 秒：存储提交过慢，请检查磁盘", since: oldest))
    }
    reasons += stalledCursors(seen) + stalledRelays(seen)
    let codes = Set(reasons.map(\.code))
    since = since.filter { codes.contains($0.key) }
    return reasons
  }

  private mutating func began(_ code: Reason.Code, _ now: Int64) -> Int64 {
    let time = since[code] ?? now
    since[code] = time
    return time
  }

  private mutating func store(_ seen: Seen) -> Reason? {
    guard seen.isSuspended else { return unreadable(seen) }
    let problem = seen.problem ?? "a commit failed"
    if seen.isDiskFull {
      return Reason(
        code: .diskFull, text: problem, textZh: "磁盘已满，收数暂停：请清理存储所在的文件系统，之后自动恢复",
        since: began(.diskFull, seen.now))
    }
    return Reason(
      code: .storeUnwritable, text: problem,
      textZh: "存储无法写入，收数暂停：请检查其目录的挂载、属主与权限，之后自动恢复（\(problem)）",
      since: began(.storeUnwritable, seen.now))
  }

  private func unreadable(_ seen: Seen) -> Reason? {
    guard let (problem, since) = seen.unreadable, seen.now - since >= Readiness.unreadableLimit else { return nil }
    let seconds = (seen.now - since) / 1_000
    return Reason(
      code: .storeUnwritable, text: "the store cannot be read for \(seconds) s: look at its disk (\(problem))",
      textZh: "存储已 \(seconds) 秒无法读取：请检查磁盘（\(problem)）", since: since)
  }

  /// While intake stands still the lane stays away from the broker: that is no fault of the broker's.
  private mutating func broker(_ seen: Seen) -> Reason? {
    guard !seen.isSuspended else { return nil }
    let problem = seen.problem.map { ": \($0)" } ?? ""
    if seen.lastHeard == 0 {
      return Reason(
        code: .brokerSilent, text: "the broker has not been reached yet\(problem)",
        textZh: "尚未连上消息服务器\(problem)", since: began(.brokerSilent, seen.now))
    }
    // A lane in the middle of a commit hears nobody: that is the disk's doing, and is said as such.
    guard seen.oldestUnacknowledged == nil || !seen.isOnline else { return nil }
    guard seen.now - seen.lastHeard >= Readiness.brokerLimit else { return nil }
    let seconds = (seen.now - seen.lastHeard) / 1_000
    let advice = problem.isEmpty ? ": check that it runs and is not overloaded" : problem
    return Reason(
      code: .brokerSilent, text: "nothing has come from the broker for \(seconds) s\(advice)",
      textZh: "消息服务器已 \(seconds) 秒没有应答\(problem.isEmpty ? "：请检查其是否运行、是否过载" : problem)",
      since: seen.lastHeard)
  }

  /// A cursor that is behind and stands still.
  private mutating func stalledCursors(_ seen: Seen) -> [Reason] {
    var reasons: [Reason] = []
    for cursor in seen.cursors {
      if cursor.lag <= 0 {
        cursors[cursor.name] = nil
      } else if let standing = cursors[cursor.name], standing.row == cursor.row {
        guard seen.now - standing.since >= Readiness.cursorLimit else { continue }
        let seconds = (seen.now - standing.since) / 1_000
        reasons.append(
          Reason(
            code: .cursorStalled,
            text: "\(cursor.name) is \(cursor.lag) rows behind and has not moved for \(seconds) s: look at the log",
            textZh: "\(cursor.name) 落后 \(cursor.lag) 行，且 \(seconds) 秒未前进：请查看运行日志", since: standing.since))
      } else {
        cursors[cursor.name] = Standing(row: cursor.row, since: seen.now)
      }
    }
    return reasons
  }

  private mutating func stalledRelays(_ seen: Seen) -> [Reason] {
    var reasons: [Reason] = []
    for relay in seen.relays {
      guard relay.finals > 0, let problem = relay.problem else {
        failing[relay.name] = nil
        continue
      }
      let since = failing[relay.name] ?? seen.now
      failing[relay.name] = since
      guard seen.now - since >= Readiness.relayLimit else { continue }
      reasons.append(
        Reason(
          code: .relayStalled,
          text: "\(relay.finals) final aggregates wait for \(relay.name), which takes none: \(problem)",
          textZh: "\(relay.finals) 条定稿汇总等待推送至 \(relay.name)，对方未接收：\(problem)", since: since))
    }
    return reasons
  }
}
