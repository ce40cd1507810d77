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
    // Space, control characters: no request could carry them in its header.
    if token.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) { throw .brokenToken }
    if token.utf8.count < OperationsSettings.leastTokenBytes { throw .shortToken(bytes: token.utf8.count) }
  }

  /// Fewer can be guessed.
  static let leastTokenBytes = 16
}

/// Why operations cannot begin, with what to do.
public enum OperationsError: Error, Sendable, CustomStringConvertible {
  case cannotListen(host: String, port: Int, reason: String)
  case open(host: String)
  case emptyToken
  case brokenToken
  case shortToken(bytes: Int)

  public var description: String {
    switch self {
    case .cannotListen(let host, let port, let reason):
      "cannot listen on \(host):\(port) (\(reason)): another program may have the port; set http.port (or http.host)"
    case .open(let host):
      "http.host \(host) can be reached from other machines, and there is no http.token_file: make a file with a long "
        + "random token and name it there, or set http.host to 127.0.0.1"
    case .emptyToken: "http.token_file is empty: write a long random token into it"
    case .brokenToken:
      "http.token_file holds white space or control characters inside the token, which no request can carry: "
        + "write one line into it, as of openssl rand -hex 32"
    case .shortToken(let bytes):
      "http.token_file holds a token of \(bytes) bytes, which can be guessed: write at least "
        + "\(OperationsSettings.leastTokenBytes) random ones into it, as of openssl rand -hex 32"
    }
  }

  public var descriptionZh: String {
    switch self {
    case .cannotListen(let host, let port, _): "无法监听 \(host):\(port)，端口可能已被占用；请修改 http.port（或 http.host）"
    case .open(let host): "http.host \(host) 可被其他机器访问，但未设置 http.token_file；请设置令牌文件，或将 http.host 设为 127.0.0.1"
    case .emptyToken: "http.token_file 为空；请写入一个足够长的随机令牌"
    case .brokenToken: "http.token_file 的令牌中含有空白或控制字符，请求无法携带；请只写一行，例如 openssl rand -hex 32 的输出"
    case .shortToken(let bytes):
      "http.token_file 的令牌只有 \(bytes) 字节，容易被猜出；请写入至少 \(OperationsSettings.leastTokenBytes) 字节的随机令牌，例如 openssl rand -hex 32 的输出"
    }
  }
}
