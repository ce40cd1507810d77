import CPlatform
import Glibc

/// Takes host and port, gives how a TCP connection to them goes, within a limit.
struct TCPReach: Sendable, Equatable {
  /// Why there is no connection; nil: there is.
  var problem: String?
  var isLoopback = false
  /// The other end is on this machine.
  var isHere = false

  init(host: String, port: Int32, milliseconds: Int64) {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port)", &hints, &list)
    guard code == 0 else {
      problem = String(cString: gai_strerror(code))
      return
    }
    defer { freeaddrinfo(list) }
    problem = "no address"
    var next = list
    while let address = next {
      next = address.pointee.ai_next
      tryOut(address.pointee, milliseconds)
      if problem == nil { return }
    }
  }

  private mutating func tryOut(_ address: addrinfo, _ milliseconds: Int64) {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let file = socket(address.ai_family, kind, 0)
    guard file >= 0 else {
      problem = String(cString: strerror(errno))
      return
    }
    defer { close(file) }
    if connect(file, address.ai_addr, address.ai_addrlen) != 0, errno != EINPROGRESS {
      problem = String(cString: strerror(errno))
      return
    }
    guard platform_wait(file, true, -1, milliseconds * 1_000_000) & Int32(PLATFORM_WRITABLE.rawValue) != 0 else {
      problem = "no answer within \(milliseconds / 1000) s"
      return
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(file, SOL_SOCKET, SO_ERROR, &code, &size)
    guard code == 0 else {
      problem = String(cString: strerror(code))
      return
    }
    problem = nil
    let here = TCPReach.text { getsockname(file, $0, $1) }
    let there = TCPReach.text { getpeername(file, $0, $1) }
    isHere = here != nil && here == there
    isLoopback = there.map { $0 == "::1" || $0.hasPrefix("127.") || $0.hasPrefix("::ffff:127.") } ?? false
  }

  /// The address that a call fills in, in figures.
  private static func text(
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> String? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var name = [CChar](repeating: 0, count: 64)
    let isNamed = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        call(address, &size) == 0
          && getnameinfo(address, size, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
      }
    }
    guard isNamed else { return nil }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
