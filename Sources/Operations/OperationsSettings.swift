import NIOSSL

/// Where the page, the metrics and the API are, and for whom.
public struct OperationsSettings: Sendable {
  public var host: String
  /// 0: any that is free.
  public var port: Int
  /// What requests must carry; nil: this machine alone is served.
  public var token: String?
  public var tls: TLSConfiguration?

  public init(host: String, port: Int, token: String?, tls: TLSConfiguration?) {
    self.host = host
    self.port = port
    self.token = token
    self.tls = tls
  }

  /// Refuses an address that everybody reaches without a token, and a token that protects nothing.
  public func check() throws(OperationsError) {
    guard let token else {
      if !Gatekeeper.isLoopback(host) { throw .open(host: host) }
      return
    }
    if token.isEmpty { throw .emptyToken }
  }
}

/// Why operations cannot begin, with what to do.
public enum OperationsError: Error, Sendable, CustomStringConvertible {
  case cannotListen(host: String, port: Int, reason: String)
  case open(host: String)
  case emptyToken

  public var description: String {
    switch self {
    case .cannotListen(let host, let port, let reason):
      "cannot listen on \(host):\(port) (\(reason)): another program may have the port; set http.port (or http.host)"
    case .open(let host):
      "http.host \(host) can be reached from other machines, and there is no http.token_file: make a file with a long "
        + "random token and name it there, or set http.host to 127.0.0.1"
    case .emptyToken: "http.token_file is empty: write a long random token into it"
    }
  }

  public var descriptionZh: String {
    switch self {
    case .cannotListen(let host, let port, _): "无法监听 \(host):\(port)，端口可能已被占用；请修改 http.port（或 http.host）"
    case .open(let host): "http.host \(host) 可被其他机器访问，但未设置 http.token_file；请设置令牌文件，或将 http.host 设为 127.0.0.1"
    case .emptyToken: "http.token_file 为空；请写入一个足够长的随机令牌"
    }
  }
}
