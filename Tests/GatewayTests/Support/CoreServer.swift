import Foundation
import Glibc

/// A small HTTP server in the place of a diagnosis core: keeps what is posted, and answers as it is told.
final class CoreServer: @unchecked Sendable {
  enum Answer {
    case status(Int, headers: [String] = [], body: String = "")
    /// Takes the batch and never answers.
    case silence
    /// Takes the batch and hangs up: whether it was accepted, the sender cannot know.
    case hangUp
  }

  struct Post {
    var path: String
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
  }

  let port: UInt16
  private let listener: Int32
  private let lock = NSLock()
  private var answers: [Answer]
  private var received: [Post] = []
  private var open: [Int32] = []

  /// Gives `answers` in order, then accepts everything. `port`: one that must be had; nil: any.
  init(_ answers: [Answer] = [], port wanted: UInt16? = nil) throws {
    self.answers = answers
    if let wanted {
      let socket = Loopback.socket()
      var on: Int32 = 1
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
      guard Loopback.withAddress(wanted, { bind(socket, $0, $1) }) == 0, listen(socket, 16) == 0 else {
        throw Loopback.Failed(call: "bind", code: errno)
      }
      (listener, port) = (socket, wanted)
    } else {
      (listener, port) = try Loopback.listener()
    }
    let thread = Thread { [self] in accept() }
    thread.start()
  }

  var url: String { "http://127.0.0.1:\(port)/events" }
  var posts: [Post] { lock.withLock { received } }

  /// Ends the threads; the owner's last act.
  func stop() {
    lock.withLock { for socket in open { shutdown(socket, Int32(SHUT_RDWR)) } }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  private func accept() {
    while true {
      let peer = Glibc.accept(listener, nil, nil)
      guard peer >= 0 else { break }
      lock.withLock { open.append(peer) }
      let thread = Thread { [self] in
        serve(peer)
        lock.withLock { open.removeAll { $0 == peer } }
        close(peer)
      }
      thread.start()
    }
    close(listener)
  }

  private func serve(_ peer: Int32) {
    var bytes: [UInt8] = []
    while let post = receive(peer, &bytes) {
      let answer: Answer = lock.withLock {
        received.append(post)
        return answers.isEmpty ? .status(204) : answers.removeFirst()
      }
      switch answer {
      case .status(let code, let headers, let body):
        let lines = ["HTTP/1.1 \(code) Said", "content-length: \(body.utf8.count)"] + headers
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        guard send(peer, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count else { return }
      case .silence:
        var byte: UInt8 = 0
        while recv(peer, &byte, 1, 0) > 0 {}
        return
      case .hangUp: return
      }
    }
  }

  /// The next request; nil: the other end has gone.
  private func receive(_ peer: Int32, _ bytes: inout [UInt8]) -> Post? {
    let end = Array("\r\n\r\n".utf8)
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      if let split = bytes.firstRange(of: end) {
        let lines = String(decoding: bytes[..<split.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
          if parts.count == 2 { headers[parts[0].lowercased()] = parts[1] }
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        if bytes.count >= split.upperBound + length {
          let body = Array(bytes[split.upperBound..<(split.upperBound + length)])
          bytes.removeFirst(split.upperBound + length)
          let words = (lines.first ?? "").split(separator: " ").map(String.init)
          return Post(path: words.count > 1 ? words[1] : "", headers: headers, body: body)
        }
      }
      let count = recv(peer, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }
}

/// An event of a batch.
struct PostedEvent: Decodable {
  var specversion, type, source, id, time, datacontenttype: String
  var data: AggregateRow
}

/// An aggregate as events carry it and `aggregates --json` prints it; of the measures those of attendance.
struct AggregateRow: Decodable, Equatable {
  struct Window: Decodable, Equatable { var start, end: Int64 }
  struct Completeness: Decodable, Equatable { var devicesExpected, devicesHeard: Int }
  struct Measures: Decodable, Equatable {
    var expected, present, late, absent, unknown: Int?
    var rate: Double?
  }

  var aggregate, scope, id, grain: String
  var window: Window
  var revision: Int
  var final: Bool
  var completeness: Completeness
  var measures: Measures
}

extension CoreServer.Post {
  func events() throws -> [PostedEvent] { try JSONDecoder.snakeCase().decode([PostedEvent].self, from: Data(body)) }
}
