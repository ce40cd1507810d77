import Ingest

/// TLS on the way to the broker, and who the broker says it is.
enum TransportChecks {
  /// Seconds before its end in which a certificate is worth a note.
  private static let soon: Int64 = 30 * 86_400

  /// `now`: Unix milliseconds.
  static func findings(_ options: BrokerOptions, _ reach: TCPReach, now: Int64) -> [Finding] {
    guard options.tlsCA != nil || options.tlsCertificate != nil else {
      if reach.isLoopback {
        return [.ok("tls.broker", Wording("the broker is on this machine; TLS is not needed between the two", "消息服务器在本机，两者之间无需 TLS"))]
      }
      return [
        .trap(
          "tls.broker", Wording("the connection to \(options.host) is not encrypted", "与 \(options.host) 的连接未加密"),
          why: Wording("card numbers and the password cross the network in the open", "卡号和密码在网络上明文传输"),
          mend: Wording("a TLS listener at the broker, and mqtt.tls.ca", "在消息服务器上启用 TLS 监听，并设置 mqtt.tls.ca"))
      ]
    }
    // Nothing secret is sent here: the broker need not be trusted to be looked at.
    guard
      let probe = BrokerProbe(options, id: "\(options.clientID)-doctor-look", as: .certificate, verifies: false)
    else { return [] }
    let answer = probe.connect()
    defer { probe.end() }
    guard let peer = probe.tls else { return [noHandshake(answer)] }
    return findings(peer, options.host, now: now)
  }

  private static func noHandshake(_ answer: BrokerProbe.Answer) -> Finding {
    var problem = "no certificate"
    if case .failed(let text) = answer { problem = text }
    return .fault(
      "tls.broker", Wording("no TLS connection comes about: \(problem)", "无法建立 TLS 连接：\(problem)"),
      why: Wording("no message is taken", "收不到任何消息"),
      mend: Wording(
        "is mqtt.port the broker's TLS listener? are the files of mqtt.tls readable, and does the broker accept the certificate?",
        "mqtt.port 是否为 TLS 监听端口？mqtt.tls 所列文件是否可读、证书是否被接受？"))
  }

  static func findings(_ peer: TLSPeer, _ host: String, now: Int64) -> [Finding] {
    var findings = [versionFinding(peer), expiryFinding(peer, now: now)]
    if !peer.isNamed {
      findings.append(
        .fault(
          "tls.name", Wording("the certificate (\(peer.subject)) is not made out to \(host)", "证书（\(peer.subject)）与主机名 \(host) 不符"),
          why: Wording("the gateway refuses such a broker", "网关会拒绝连接"),
          mend: Wording(
            "set mqtt.host to a name of the certificate, or make one with this name (subjectAltName)",
            "将 mqtt.host 改为证书中的名称，或重新签发包含该名称（subjectAltName）的证书")))
    }
    let isExpired = peer.expires > 0 && peer.expires * 1_000 <= now
    if let distrust = peer.distrust, !isExpired {
      findings.append(
        .fault(
          "tls.trust", Wording("the certificate is not trusted: \(distrust)", "证书不受信任：\(distrust)"),
          why: Wording("the gateway refuses such a broker", "网关会拒绝连接"),
          mend: Wording("mqtt.tls.ca must hold the authority that signed it", "mqtt.tls.ca 须为签发该证书的机构")))
    }
    return findings
  }

  private static func versionFinding(_ peer: TLSPeer) -> Finding {
    guard ["TLSv1.2", "TLSv1.3"].contains(peer.version) else {
      return .trap(
        "tls.version", Wording("the broker speaks \(peer.version)", "消息服务器使用 \(peer.version)"),
        why: Wording("versions before 1.2 are broken", "1.2 之前的版本已不安全"),
        mend: Wording("tls_version tlsv1.2 at the broker", "在消息服务器上设置 tls_version tlsv1.2"))
    }
    return .ok("tls.version", Wording("encrypted with \(peer.version)", "已用 \(peer.version) 加密"))
  }

  private static func expiryFinding(_ peer: TLSPeer, now: Int64) -> Finding {
    let left = peer.expires - now / 1_000
    let until = String(TimeText.utc(peer.expires * 1_000).prefix(10))
    guard peer.expires > 0, left <= soon else {
      return .ok("tls.expiry", Wording("the broker's certificate is valid until \(until)", "证书有效期至 \(until)"))
    }
    let mend = Wording("renew it, and reload the broker", "续期并让消息服务器重新加载")
    let why = Wording("from then on neither gateway nor devices connect", "届时网关和设备均无法连接")
    if left <= 0 {
      return .fault("tls.expiry", Wording("the broker's certificate ended on \(until)", "证书已于 \(until) 过期"), why: why, mend: mend)
    }
    return .note(
      "tls.expiry", Wording("the broker's certificate ends on \(until), in \(left / 86_400) days", "证书将于 \(until) 过期，还剩 \(left / 86_400) 天"),
      why: why, mend: mend)
  }
}
