/// What the broker's behaviour means.
extension BrokerTrial {
  func findings(_ evidence: inout Evidence) -> [Finding] {
    if let problem {
      return [
        .fault(
          "broker.login", Wording("the gateway cannot connect to the broker: \(problem)", "网关无法登录消息服务器：\(problem)"),
          why: Wording("no message is taken", "收不到任何消息"),
          mend: Wording(
            "check mqtt.username, mqtt.password_file, mqtt.tls and the broker's log",
            "检查 mqtt.username、mqtt.password_file、mqtt.tls，并查看消息服务器日志"))
      ]
    }
    evidence.isBrokerReached = true
    if lowersQoS { return [qosFinding] }
    return queueFindings(&evidence) + [inflightFinding] + receiptFindings + accessFindings
  }

  private var qosFinding: Finding {
    .fault(
      "broker.qos", Wording("the broker grants QoS 0 where 1 is needed", "消息服务器只授予 QoS 0，而网关需要 QoS 1"),
      why: Wording(
        "at QoS 0 nothing is acknowledged and nothing kept: the gateway takes no message from such a broker",
        "QoS 0 既不确认也不保留消息：网关不会从这样的服务器收取消息"),
      mend: Wording(
        "remove max_qos from the broker's configuration, or set it to 2; then run doctor again: session and queue were not tried",
        "从消息服务器配置中删除 max_qos，或设为 2，然后重新运行 doctor：会话与队列尚未验证"))
  }

  private func queueFindings(_ evidence: inout Evidence) -> [Finding] {
    if isClosed {
      return [
        .note(
          "broker.queue",
          Wording(
            "session and queue were not tried: the access list closes campus/doctor/# to the gateway's user",
            "未能验证会话与队列：访问控制列表不允许网关用户使用 campus/doctor/#"),
          why: Wording(
            "whether the broker drops messages while the gateway is away is best seen by trying", "停机期间是否丢弃消息，最好实际验证"),
          mend: Wording(
            "add “topic readwrite campus/doctor/#” for that user, as in config/mosquitto.acl",
            "参照 config/mosquitto.acl，为该用户添加“topic readwrite campus/doctor/#”"))
      ]
    }
    evidence.keepsSession = keepsSession
    guard keepsSession == true else {
      return [
        .trap(
          "broker.session", Wording("the broker does not keep a session while its client is away", "客户端离线后，消息服务器不保留其会话"),
          why: Wording("whatever is published while the gateway is away never reaches it", "网关停机期间发布的消息永远收不到"),
          mend: Wording(
            "let the broker keep sessions; with mosquitto, look at persistent_client_expiration and its log",
            "让消息服务器保留会话；mosquitto 请检查 persistent_client_expiration 及其日志"))
      ]
    }
    let session = Finding.ok("broker.session", Wording("the broker keeps the session of an absent client", "客户端离线期间会话得以保留"))
    if arrived >= published - refused {
      evidence.kept = arrived
      guard published == BrokerTrial.messages, refused == 0 else { return [session, partlyTried] }
      return [
        session,
        .ok(
          "broker.queue",
          Wording(
            "all \(arrived) messages published for an absent client arrived", "离线期间发布的 \(arrived) 条消息全部送达")),
      ]
    }
    evidence.queueLimit = arrived
    return [
      session,
      .trap(
        "broker.queue",
        Wording(
          "the broker acknowledged \(published - refused) messages for an absent client, kept \(arrived), and dropped \(published - refused - arrived) without a word",
          "消息服务器确认了 \(published - refused) 条离线消息，只保留 \(arrived) 条，静默丢弃 \(published - refused - arrived) 条"),
        why: Wording(
          "while the gateway is away or restarts, the queue reaches this limit; what comes then is lost, and its device was told it had arrived",
          "网关停机或重启时队列会达到上限；此后的消息丢失，而设备以为已经送达"),
        mend: Wording(
          "max_queued_messages 100000000 in the broker's configuration, as in config/mosquitto.conf",
          "在消息服务器配置中设置 max_queued_messages 100000000，参照 config/mosquitto.conf")),
    ]
  }

  /// Too few were taken to tell a queue from one with the usual limit.
  private var partlyTried: Finding {
    .note(
      "broker.queue",
      Wording(
        "the broker took \(published - refused) of \(BrokerTrial.messages) messages for an absent client, and kept \(arrived)",
        "离线期间发布的 \(BrokerTrial.messages) 条消息，消息服务器只接收了 \(published - refused) 条，送达 \(arrived) 条"),
      why: Wording(
        "whether it drops what goes beyond 1,000, the usual limit, is not known", "超过常见上限 1000 条时是否丢弃，尚不可知"),
      mend: Wording(
        "look at the broker's log and its limits for one client, then run doctor again",
        "查看消息服务器日志及其对单个客户端的限制，然后重新运行 doctor"))
  }

  private var inflightFinding: Finding {
    let seen = arrivedUnacknowledged
    guard let receiveMaximum, receiveMaximum < 65_535 else {
      return .ok(
        "broker.inflight",
        Wording(
          "no limit on messages under way\(seen > 0 ? ": \(seen) came before the first was acknowledged" : "")",
          "在途消息数不受限\(seen > 0 ? "：首次确认之前已送达 \(seen) 条" : "")"))
    }
    return .trap(
      "broker.inflight",
      Wording(
        "the broker lets \(receiveMaximum) messages of a connection be under way at once",
        "消息服务器每个连接同时只允许 \(receiveMaximum) 条在途消息"),
      why: Wording(
        "a device that empties its outbox waits a round trip every \(receiveMaximum) frames, or is cut off when it sends more; a client of MQTT 3.1.1 gets no more than these either, and its queue fills sooner (the gateway itself asks for 65535)",
        "设备补传积压时，每 \(receiveMaximum) 帧须等一个往返，超出则被断开；MQTT 3.1.1 客户端接收时同样受限，队列更快堆满（网关自身申请 65535）"),
      mend: Wording(
        "max_inflight_messages 0 in the broker's configuration, as in config/mosquitto.conf",
        "在消息服务器配置中设置 max_inflight_messages 0，参照 config/mosquitto.conf"))
  }

  private var receiptFindings: [Finding] {
    switch publishesReceipts {
    case true?: [.ok("broker.receipts", Wording("the gateway's user may publish receipts", "网关用户可以发布回执"))]
    case false?:
      [
        .fault(
          "broker.receipts",
          Wording("the access list keeps the gateway's user from publishing receipts", "访问控制列表不允许网关用户发布回执"),
          why: Wording(
            "devices that wait for receipts keep everything and send it again for ever", "等待回执的设备会保留全部数据并不断重发"),
          mend: Wording(
            "add “topic write campus/v1/+/+/down” for that user, as in config/mosquitto.acl",
            "参照 config/mosquitto.acl，为该用户添加“topic write campus/v1/+/+/down”"))
      ]
    case nil:
      [
        .note(
          "broker.receipts",
          Wording("whether the gateway's user may publish receipts could not be tried", "未能验证网关用户能否发布回执"),
          mend: Wording("the broker's log says why it did not answer", "请查看消息服务器日志"))
      ]
    }
  }

  private var accessFindings: [Finding] {
    var findings: [Finding] = []
    switch publishesAnywhere {
    case true?:
      findings.append(
        .trap(
          "broker.access",
          Wording("the gateway's user may publish under the devices' topics: there is no access list", "网关用户可在设备主题下发布：未设访问控制列表"),
          why: Wording(
            "any client of the broker may speak for a device whose auth is transport, and read what others publish, card numbers included",
            "任何客户端都能冒充 auth 为 transport 的设备，并读到他人发布的内容，包括卡号"),
          mend: Wording("acl_file with the lines of config/mosquitto.acl", "使用 config/mosquitto.acl 的内容设置 acl_file")))
    case false?:
      findings.append(.ok("broker.access", Wording("the access list refuses what the gateway need not publish", "访问控制列表拒绝了网关无需的发布权限")))
    case nil: break
    }
    switch anonymous {
    case .untried: break
    case .refused:
      findings.append(.ok("broker.anonymous", Wording("the broker lets nobody in without a name", "消息服务器拒绝匿名连接")))
    case .accepted:
      findings.append(
        .note(
          "broker.anonymous", Wording("anybody may connect without a name, but nothing published reached it", "允许匿名连接，但收不到任何消息"),
          why: Wording("the access list alone stands between strangers and the devices' topics", "仅靠访问控制列表阻止陌生人"),
          mend: Wording("allow_anonymous false", "设置 allow_anonymous false")))
    case .reads:
      findings.append(
        .fault(
          "broker.anonymous",
          Wording(
            "anybody who reaches the broker reads and publishes under the devices' topics without a name",
            "任何能连到消息服务器的人都可匿名读取和发布设备主题"),
          why: Wording(
            "card numbers travel there: they are personal data, and can be listened to or made up", "卡号在其中传输，属个人信息，可被窃听或伪造"),
          mend: Wording(
            "allow_anonymous false, password_file and acl_file, as in config/mosquitto.conf",
            "参照 config/mosquitto.conf 设置 allow_anonymous false、password_file 和 acl_file")))
    }
    return findings
  }
}
