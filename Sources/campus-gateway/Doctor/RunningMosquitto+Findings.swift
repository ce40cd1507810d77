/// What can only be read, because nobody restarts somebody's broker to see.
extension RunningMosquitto {
  /// Sessions are asked to be kept so long, in seconds.
  private static let sessionSeconds: Int64 = 2_592_000
  /// A queue limit of so many is none: the machine's memory ends first.
  private static let vast = 1_000_000
  /// Largest payload of the wire contract, and what MQTT puts around it.
  private static let frameBytes: Int64 = 16_384
  private static let packetBytes: Int64 = 17_000

  func findings(port: Int, _ evidence: inout Evidence) -> [Finding] {
    if let unreadable, files.isEmpty {
      return [RunningMosquitto.unseen("\(unreadable) cannot be read", "无法读取 \(unreadable)")]
    }
    guard pid != nil else {
      let file = files.first ?? RunningMosquitto.usualFile
      return [
        RunningMosquitto.unseen(
          "\(file) names this port, but no mosquitto that runs with it can be seen",
          "\(file) 配置了该端口，但看不到以其启动的 mosquitto 进程")
      ]
    }
    let source = files.first ?? "its defaults, for it was started without a file"
    let sourceZh = files.first ?? "默认设置（启动时未指定配置文件）"
    evidence.isPersistent = settings.persistence
    evidence.autosaveSeconds = settings.savesOnChanges ? nil : settings.autosaveSeconds
    var findings = [persistence(source, sourceZh)]
    if settings.persistence, !settings.savesOnChanges { findings.append(autosave) }
    findings += limits(&evidence)
    if let seconds = settings.clientExpirationSeconds { findings.append(expiration(seconds)) }
    if settings.isOpen(port: port) {
      findings.append(
        .trap(
          "broker.settings.anonymous", Wording("allow_anonymous is true", "allow_anonymous 为 true"),
          why: Wording("whoever reaches the port is let in", "任何人都可连接"),
          mend: Wording("allow_anonymous false, and a password_file", "设置 allow_anonymous false 并配置 password_file")))
    }
    if settings.accessList(port: port) == nil, !settings.hasPlugin {
      findings.append(
        .trap(
          "broker.settings.access", Wording("there is no acl_file", "未设置 acl_file"),
          why: Wording("every user may read and write every topic", "所有用户均可读写全部主题"),
          mend: Wording("acl_file, with the lines of config/mosquitto.acl", "设置 acl_file，内容参照 config/mosquitto.acl")))
    }
    return findings
  }

  /// For a broker whose configuration cannot be seen.
  static func unseen(_ en: String, _ zh: String) -> Finding {
    .note(
      "broker.persistence",
      Wording("whether the broker is persistent cannot be seen: \(en)", "无法得知消息服务器是否持久化：\(zh)"),
      why: Wording("without persistence, a restart of the broker empties the gateway's queue", "未持久化时，消息服务器重启会清空网关的队列"),
      mend: Wording(
        "ask whoever runs it; or run doctor on its machine, as a user who may read its configuration",
        "询问其管理员；或在其主机上以可读取配置的用户运行 doctor"))
  }

  private func persistence(_ source: String, _ sourceZh: String) -> Finding {
    guard !settings.persistence else {
      return .ok("broker.persistence", Wording("the broker is persistent (\(source))", "消息服务器已启用持久化（\(sourceZh)）"))
    }
    return .trap(
      "broker.persistence",
      Wording("the broker is not persistent (\(source))", "消息服务器未启用持久化（\(sourceZh)）"),
      why: Wording(
        "a restart of the broker empties the gateway's queue and forgets its session: everything acknowledged to devices but not taken yet is gone",
        "消息服务器重启会清空队列、遗忘会话：已向设备确认但网关尚未取走的消息全部丢失"),
      mend: Wording(
        "persistence true and persistence_location on a disk, as in config/mosquitto.conf; then restart the broker",
        "参照 config/mosquitto.conf 设置 persistence true 与磁盘上的 persistence_location，然后重启消息服务器"))
  }

  private var autosave: Finding {
    let seconds = settings.autosaveSeconds
    if seconds > 0, seconds <= 300 {
      return .ok("broker.autosave", Wording("its queue is written every \(seconds) s", "队列每 \(seconds) 秒写盘一次"))
    }
    return .note(
      "broker.autosave",
      Wording(
        seconds > 0 ? "the broker writes its queue every \(seconds) s" : "the broker writes its queue only when it stops",
        seconds > 0 ? "消息服务器每 \(seconds) 秒才写盘一次" : "消息服务器仅在停止时写盘"),
      why: Wording("a power cut loses what it has acknowledged since", "断电会丢失此后已确认的消息"),
      mend: Wording("autosave_interval 60", "设置 autosave_interval 60"))
  }

  private func limits(_ evidence: inout Evidence) -> [Finding] {
    var findings: [Finding] = []
    let count = settings.maxQueuedMessages
    if (1..<RunningMosquitto.vast).contains(count) || settings.maxQueuedBytes > 0 {
      if count > 0 { evidence.queueLimit = min(evidence.queueLimit ?? .max, count) }
      let limit = settings.maxQueuedBytes > 0 ? "max_queued_bytes \(settings.maxQueuedBytes)" : "max_queued_messages \(count)"
      findings.append(
        .trap(
          "broker.settings.queue", Wording("\(limit): beyond it the broker drops silently", "\(limit)：超出后静默丢弃"),
          why: Wording("a long absence of the gateway loses messages that devices believe delivered", "网关长时间停机会丢失设备以为已送达的消息"),
          mend: Wording("max_queued_messages 100000000, and no max_queued_bytes", "设置 max_queued_messages 100000000，且不设 max_queued_bytes")))
    }
    let isSmall = (1..<RunningMosquitto.frameBytes).contains(settings.messageSizeLimit)
    if isSmall || (1..<RunningMosquitto.packetBytes).contains(settings.maxPacketSize) {
      let limit =
        isSmall ? "message_size_limit \(settings.messageSizeLimit)" : "max_packet_size \(settings.maxPacketSize)"
      findings.append(
        .trap(
          "broker.settings.size", Wording("\(limit) is less than a frame may have", "\(limit) 小于数据帧的最大长度"),
          why: Wording("large frames are refused, and devices send them again for ever", "较大的数据帧被拒，设备会不断重发"),
          mend: Wording("allow 16384 bytes of payload", "允许 16384 字节的负载")))
    }
    return findings
  }

  private func expiration(_ seconds: Int64) -> Finding {
    let text = settings.clientExpiration ?? ""
    if seconds >= RunningMosquitto.sessionSeconds {
      return .ok("broker.expiration", Wording("sessions are kept for \(text)", "会话保留 \(text)"))
    }
    return .trap(
      "broker.expiration",
      Wording("the broker forgets an absent client's session after \(text)", "客户端离线 \(text) 后会话即被清除"),
      why: Wording("an absence of the gateway beyond that loses its queue", "网关停机超过此时长将失去队列"),
      mend: Wording("remove persistent_client_expiration, or set 30d or more", "删除 persistent_client_expiration，或设为 30d 以上"))
  }
}
