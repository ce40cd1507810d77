import CPlatform
import Foundation
import Glibc

/// Stands between the gateway and its broker: notes what passes and when, and cuts connections in mid-packet.
final class Proxy: @unchecked Sendable {
  enum Direction { case toBroker, toGateway }
  struct Packet {
    var direction: Direction
    /// MQTT 5.0, section 2.1.2: 3 PUBLISH, 4 PUBACK.
    var type: UInt8
    /// Monotonic nanoseconds.
    var time: Int64
  }

  let port: UInt16
  private let target: UInt16
  private let listener: Int32
  private let lock = NSLock()
  private var isStopping = false
  private var seen: [Packet] = []
  private var open: [Int32] = []
  private var nextCut: () -> Int? = { nil }
  private var cutCount = 0

  init(to target: UInt16) throws {
    (listener, port) = try Loopback.listener()
    self.target = target
    let thread = Thread { [self] in accept() }
    thread.start()
  }

  /// Ends the threads; the owner's last act.
  func stop() {
    lock.withLock {
      isStopping = true
      for socket in open { shutdown(socket, Int32(SHUT_RDWR)) }
    }
    shutdown(listener, Int32(SHUT_RDWR))
  }

  var packets: [Packet] { lock.withLock { seen } }
  var cuts: Int { lock.withLock { cutCount } }

  func count(_ direction: Direction, type: UInt8) -> Int {
    lock.withLock { seen.reduce(0) { $0 + ($1.direction == direction && $1.type == type ? 1 : 0) } }
  }

  /// Each later connection is cut once it has carried as many bytes to the gateway as `next` says.
  func cutConnections(_ next: @escaping () -> Int?) { lock.withLock { nextCut = next } }

  private func accept() {
    while !lock.withLock({ isStopping }) {
      let client = Glibc.accept(listener, nil, nil)
      guard client >= 0 else { break }
      guard let broker = Loopback.connect(target) else {
        close(client)
        continue
      }
      let cut = lock.withLock {
        open += [client, broker]
        return nextCut()
      }
      let pair = Pair(client: client, broker: broker)
      for (direction, limit) in [(Direction.toBroker, nil), (.toGateway, cut)] {
        let thread = Thread { [self] in carry(pair, direction, limit: limit) }
        thread.start()
      }
    }
    close(listener)
  }

  /// Two sockets; closed when both directions have ended.
  private final class Pair: Sendable {
    let client: Int32
    let broker: Int32
    init(client: Int32, broker: Int32) { (self.client, self.broker) = (client, broker) }
    deinit {
      close(client)
      close(broker)
    }
  }

  private func carry(_ pair: Pair, _ direction: Direction, limit: Int?) {
    let (from, to) = direction == .toBroker ? (pair.client, pair.broker) : (pair.broker, pair.client)
    var buffer = [UInt8](repeating: 0, count: 65536)
    var rest: [UInt8] = []
    var carried = 0
    while true {
      var count = recv(from, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      let isCut = limit.map { carried + count >= $0 } ?? false
      if isCut, let limit { count = limit - carried }
      rest += buffer[..<count]
      note(&rest, direction)
      guard sendAll(to, buffer[..<count]) else { break }
      carried += count
      if isCut {
        lock.withLock { cutCount += 1 }
        break
      }
    }
    // The other direction ends with it, and its bytes on the way are lost: a cable was pulled.
    lock.withLock { open.removeAll { $0 == pair.client || $0 == pair.broker } }
    shutdown(pair.client, Int32(SHUT_RDWR))
    shutdown(pair.broker, Int32(limit == nil ? SHUT_WR : SHUT_RDWR))
  }

  private func note(_ bytes: inout [UInt8], _ direction: Direction) {
    var start = 0
    var found: [Packet] = []
    while let (first, body) = MQTT.split(bytes, from: start) {
      found.append(Packet(direction: direction, type: first >> 4, time: platform_monotonic_ns()))
      start = body.upperBound
    }
    bytes.removeFirst(start)
    lock.withLock { seen += found }
  }

  private func sendAll(_ socket: Int32, _ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while rest.count > 0 {
        let count = send(socket, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
        if count <= 0 { return false }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return true
    }
  }
}
