import CPlatform
import Foundation
import Glibc

/// The socket in the data folder. Reached through the folder's file descriptor, since a socket's path may hold
/// 107 bytes only.
enum ControlSocket {
  static let name = "gateway.sock"
  /// Bytes of a request or an answer.
  static let limit = 64 << 20

  /// Calls `body` with an address for the socket in `folder`.
  static func withAddress<Value>(
    in folder: String, _ name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
  ) throws -> Value {
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else {
      throw Refusal.cannotRun("the data folder \(folder) cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(directory) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let path = Array("/proc/self/fd/\(directory)/\(name)".utf8)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// This user may not connect to the socket. One that a crash has left behind looks the same.
  struct Closed: Error, CustomStringConvertible {
    var path: String

    var description: String {
      "the control socket \(path) is not open to this user: run the command as the gateway's user"
    }
  }

  /// Whether a process listens for commands in `folder`. Asks it nothing.
  static func isListening(in folder: String, _ name: String) -> Bool {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let socket = Glibc.socket(AF_UNIX, kind, 0)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    let code = try? withAddress(in: folder, name) { connect(socket, $0, $1) == 0 ? 0 : errno }
    // EAGAIN: so many wait there that there is no room for one more.
    return code == 0 || code == EAGAIN
  }

  /// Sends a request to the process that runs on `folder`; nil: none runs.
  static func ask(_ request: ControlRequest, in folder: String, name: String = name) throws -> ControlResponse? {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(socket) }
    guard access(folder, F_OK) == 0 else { return nil }
    let code = try withAddress(in: folder, name) { connect(socket, $0, $1) == 0 ? 0 : errno }
    switch code {
    case 0: break
    // A socket that a crash has left behind belongs to nobody.
    case ENOENT, ECONNREFUSED: return nil
    case EACCES, EPERM: throw Closed(path: "\(folder)/\(name)")
    default:
      throw Refusal.cannotRun("cannot reach the process on \(folder)/\(name): \(String(cString: strerror(code)))")
    }
    try send(request, to: socket)
    shutdown(socket, Int32(SHUT_WR))
    guard let data = receive(from: socket) else {
      throw Refusal.cannotRun("the running process did not answer on \(folder)/\(name): look at its log")
    }
    return try JSONDecoder().decode(ControlResponse.self, from: data)
  }

  /// `limit`: nanoseconds the other end may take to read it; nil: any time.
  static func send(_ value: some Encodable, to socket: Int32, within limit: Int64? = nil) throws {
    let data = try JSONEncoder().encode(value)
    let end = limit.map { platform_monotonic_ns() + $0 }
    let flags = Int32(MSG_NOSIGNAL) | (end == nil ? 0 : Int32(MSG_DONTWAIT))
    data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
      var rest = bytes
      while rest.count > 0 {
        if let end {
          let time = end - platform_monotonic_ns()
          guard time > 0 else { return }
          _ = platform_wait(socket, true, -1, time)
        }
        let count = Glibc.send(socket, rest.baseAddress, rest.count, flags)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        if count <= 0 { return }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  /// Everything the other end sends until it half-closes; nil: nothing, or more than the limit. `goesOn`: asked before
  /// each part whether to wait for it.
  static func receive(from socket: Int32, while goesOn: () -> Bool = { true }) -> Data? {
    var data = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while goesOn() {
      let count = recv(socket, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count >= 0, data.count + count <= limit else { return nil }
      if count == 0 { return data.isEmpty ? nil : data }
      data.append(contentsOf: buffer[..<count])
    }
    return nil
  }
}
