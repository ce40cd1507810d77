import Glibc

/// Loopback sockets.
enum Loopback {
  struct Failed: Error { var call: String, code: Int32 }

  static func withAddress<Value>(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  static func socket() -> Int32 {
    Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  /// A listening socket on a port that the system chooses.
  static func listener() throws -> (socket: Int32, port: UInt16) {
    let listener = socket()
    guard withAddress(0, { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0 else {
      throw Failed(call: "bind", code: errno)
    }
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  /// A port nobody listens on just now.
  static func freePort() throws -> UInt16 {
    let (listener, port) = try listener()
    close(listener)
    return port
  }

  /// A connected socket; nil: nobody listens.
  static func connect(_ port: UInt16) -> Int32? {
    let peer = socket()
    guard withAddress(port, { Glibc.connect(peer, $0, $1) }) == 0 else {
      close(peer)
      return nil
    }
    var on: Int32 = 1
    setsockopt(peer, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    return peer
  }
}
