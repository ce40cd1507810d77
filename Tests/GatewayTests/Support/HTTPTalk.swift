import Foundation
import Glibc

/// What a server answered.
struct HTTPReply {
  var status: Int
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    do { return try JSONDecoder.snakeCase().decode(type, from: Data(body)) } catch {
      throw TimedOut(description: "no \(type) in \(status) \(text.prefix(2_000)): \(error)")
    }
  }
}

/// A connection to an HTTP server, spoken by hand: also what no library would send.
final class HTTPTalk {
  let socket: Int32
  private var incoming: [UInt8] = []
  private(set) var isOpen = true

  /// `window`: bytes the system takes in for a reader that does not read; nil: as it likes.
  init(_ port: UInt16, window: Int32? = nil) throws {
    if let window {
      socket = Loopback.socket()
      var bytes = window
      setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
      let (peer, wanted) = (socket, port)
      guard Loopback.withAddress(wanted, { connect(peer, $0, $1) }) == 0 else {
        throw Loopback.Failed(call: "connect", code: errno)
      }
    } else {
      guard let peer = Loopback.connect(port) else { throw Loopback.Failed(call: "connect", code: errno) }
      socket = peer
    }
  }

  deinit { close(socket) }

  func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else {
        isOpen = false
        return
      }
      rest = rest.dropFirst(count)
    }
  }

  /// Takes what has come; waits for it at most `limit` seconds. false: nothing came.
  @discardableResult
  func receive(within limit: Double) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, Int32(limit * 1_000)) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else {
      isOpen = false
      return false
    }
    incoming += buffer[..<count]
    return true
  }

  /// Everything that has come and was not taken yet.
  var received: String { String(decoding: incoming, as: UTF8.self) }

  /// Waits until the server has hung up; gives the seconds it took.
  func waitForEnd(within limit: Double) throws -> Double {
    let begin = seconds()
    while isOpen {
      guard seconds() < begin + limit else { throw TimedOut(description: "still open after \(limit) s: \(received)") }
      receive(within: 0.1)
    }
    return seconds() - begin
  }

  /// The next answer, its body by its length or in chunks.
  func reply(within limit: Double = 10) throws -> HTTPReply {
    let end = seconds() + limit
    while true {
      if let reply = takeReply() { return reply }
      guard isOpen, seconds() < end else { throw TimedOut(description: "no answer: \(received.prefix(1_000))") }
      receive(within: 0.1)
    }
  }

  private func takeReply() -> HTTPReply? {
    guard let split = incoming.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: incoming[..<split.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      if parts.count == 2 { headers[parts[0].lowercased()] = parts[1] }
    }
    let length = Int(headers["content-length"] ?? "0") ?? 0
    guard incoming.count >= split.upperBound + length else { return nil }
    let body = Array(incoming[split.upperBound..<(split.upperBound + length)])
    incoming.removeFirst(split.upperBound + length)
    return HTTPReply(status: status, headers: headers, body: body)
  }
}

extension Deployment {
  /// Where the gateway's page is, as its log says.
  func httpPort() throws -> UInt16 {
    try waitForLog("page http")
    let log = process?.log ?? ""
    guard let line = log.split(separator: "\n").last(where: { $0.contains("page http") }),
      let port = line.split(separator: ":").last.flatMap({ UInt16($0.filter(\.isNumber)) })
    else { throw TimedOut(description: "no port in the log: \(log)") }
    return port
  }

  /// One request on a connection of its own.
  func ask(
    _ method: String = "GET", _ path: String, headers: [String] = [], body: String? = nil, within limit: Double = 10
  ) throws -> HTTPReply {
    let port = try httpPort()
    let talk = try HTTPTalk(port)
    var lines = ["\(method) \(path) HTTP/1.1"]
    if !headers.contains(where: { $0.lowercased().hasPrefix("host:") }) { lines.append("Host: 127.0.0.1:\(port)") }
    lines += headers
    if let body {
      lines.append("Content-Length: \(body.utf8.count)")
      if !headers.contains(where: { $0.lowercased().hasPrefix("content-type:") }) {
        lines.append("Content-Type: application/json")
      }
    }
    talk.send(lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""))
    return try talk.reply(within: limit)
  }

  /// Asks until the answer is as wanted.
  @discardableResult
  func waitForAnswer(
    _ path: String, within limit: Double = 20, _ isWanted: (HTTPReply) throws -> Bool
  ) throws -> HTTPReply {
    var last: HTTPReply?
    do {
      try eventually(within: limit, every: 0.1, path) {
        let reply = try ask("GET", path)
        last = reply
        return try isWanted(reply)
      }
    } catch is TimedOut {
      throw TimedOut(description: "\(path) stays \(last?.status ?? 0) \(last?.text.prefix(2_000) ?? "")\n\(process?.log ?? "")")
    }
    guard let last else { throw TimedOut(description: path) }
    return last
  }
}
