import Foundation
import Glibc

/// A datagram socket in the place of systemd's.
final class NotifySocket {
  /// For `$NOTIFY_SOCKET`.
  let name: String
  private let folder: TemporaryFolder
  private let socket: Int32
  private(set) var messages: [String] = []

  /// `isAbstract`: in the abstract namespace, as containers have it.
  init(isAbstract: Bool = false) throws {
    folder = try TemporaryFolder()
    name = isAbstract ? "@campus-\(UUID().uuidString)" : "\(folder.path)/notify"
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if isAbstract { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (isAbstract ? 0 : 1))
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) }
    }
    guard code == 0 else { throw Loopback.Failed(call: "bind", code: errno) }
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
  }

  deinit { close(socket) }

  /// Takes in what has come.
  @discardableResult
  func read() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { return messages }
      messages.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }

  /// Lines of all messages that came, in order.
  var lines: [String] { read().flatMap { $0.split(separator: "\n").map(String.init) } }

  func count(of line: String) -> Int { lines.count { $0 == line } }

  func wait(for line: String, times: Int = 1, within limit: Double = 20) throws {
    try eventually(within: limit, "\(line), of \(messages)") { count(of: line) >= times }
  }
}
