import Foundation
import Glibc

/// Who started this service and wants to know how it is doing: systemd, by sd_notify(3). Takes lines, gives them as one
/// datagram to `$NOTIFY_SOCKET`. What cannot be told is left untold: the service does not depend on it.
struct ServiceManager: Sendable {
  /// The socket's name; of one in the abstract namespace the first byte is zero.
  private let name: [UInt8]
  /// A sign of life is due within so long, in nanoseconds; nil: nobody waits for one.
  let watchdog: Int64?

  /// nil: no service manager has started this process.
  init?(environment: [String: String]) {
    guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
    var name = Array(path.utf8)
    if path.hasPrefix("@") { name[0] = 0 }
    guard name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
    self.name = name
    let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
    watchdog = isForUs && microseconds > 0 ? microseconds * 1_000 : nil
  }

  func tell(_ lines: String...) {
    let text = Array(lines.map { $0.replacingOccurrences(of: "\n", with: " ") }.joined(separator: "\n").utf8)
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return }
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    // An abstract name is as long as the address says; a path ends with its zero byte.
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (name.first == 0 ? 0 : 1))
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(socket, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
      }
    }
  }
}
