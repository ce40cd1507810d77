import Foundation
import Ingest

/// Whether what devices publish reaches the gateway. It cannot be tried: nobody publishes in a device's name.
extension AccessList {
  static func findings(_ options: BrokerOptions, _ broker: RunningMosquitto?) -> [Finding] {
    guard let broker, broker.pid != nil, broker.unreadable == nil else {
      return [untried("its configuration is not seen from here", "此处看不到其配置")]
    }
    guard !broker.settings.hasPlugin else { return [untried("a plugin decides", "由插件判定")] }
    guard let file = broker.settings.accessList(port: Int(options.port)) else { return [] }
    guard options.username != nil || options.tlsCertificate == nil else {
      return [untried("the broker may take the user's name from the certificate", "消息服务器可能以证书中的名称为用户名")]
    }
    guard file.hasPrefix("/"), let data = FileManager.default.contents(atPath: file) else {
      return [untried("\(file) cannot be read", "无法读取 \(file)")]
    }
    let list = AccessList(
      String(decoding: data, as: UTF8.self), username: options.username, clientID: options.clientID)
    return findings(options.subscriptions, list, file)
  }

  static func findings(_ subscriptions: [String], _ list: AccessList, _ file: String) -> [Finding] {
    let closed = subscriptions.filter { list.reading($0) == .nothing }.joined(separator: ", ")
    let partial = subscriptions.filter { list.reading($0) == .part }.joined(separator: ", ")
    var findings: [Finding] = []
    if !closed.isEmpty {
      findings.append(
        .fault(
          "broker.reads",
          Wording("the access list (\(file)) keeps \(closed) from the gateway", "访问控制列表（\(file)）不允许网关读取 \(closed)"),
          why: Wording(
            "the broker grants the subscription all the same, acknowledges the devices, and delivers nothing",
            "订阅照样成功，设备也会收到确认，但消息不会送达"),
          mend: Wording(
            "a line “topic read …” for each of them, as in config/mosquitto.acl; then reload the broker",
            "参照 config/mosquitto.acl 逐一添加“topic read …”，然后让消息服务器重新加载")))
    }
    if !partial.isEmpty {
      findings.append(
        .note(
          "broker.reads",
          Wording(
            "the access list (\(file)) lets the gateway read a part of \(partial)",
            "访问控制列表（\(file)）只允许网关读取 \(partial) 的一部分"),
          why: Wording("what other devices publish never arrives", "其余设备发布的消息不会送达"),
          mend: Wording("are these all your sites and devices?", "是否已包含全部站点和设备？")))
    }
    guard findings.isEmpty else { return findings }
    return [
      .ok(
        "broker.reads",
        Wording("the access list lets the gateway read what devices publish", "访问控制列表允许网关读取设备发布的消息"))
    ]
  }

  private static func untried(_ en: String, _ zh: String) -> Finding {
    .note(
      "broker.reads",
      Wording(
        "whether the access list lets the gateway read what devices publish was not tried: \(en)",
        "未能验证访问控制列表是否允许网关读取设备发布的消息：\(zh)"),
      why: Wording(
        "a line that is missing is silent: the subscription is granted and nothing arrives",
        "漏写一行时不会报错：订阅照样成功，但收不到消息"),
      mend: Wording(
        "let one device publish on each topic and look at “campus-gateway devices”; or run doctor on the broker's machine, as a user who may read its files",
        "让一台设备在每个主题上各发布一次，再看“campus-gateway devices”；或在消息服务器主机上以可读取其文件的用户运行 doctor"))
  }
}
