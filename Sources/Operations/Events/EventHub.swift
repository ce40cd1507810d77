import NIOCore
import Synchronization

/// The open event streams. What is published is encoded once and shared by all of them.
final class EventHub: Sendable {
  /// Streams at once.
  static let limit = 256

  private struct State {
    var subscribers: [Int: (subscriber: Subscriber, channel: (any Channel)?)] = [:]
    var next = 0
    var isStopped = false
    /// Given up because they did not read.
    var dropped = 0
  }

  private let state = Mutex(State())

  var count: Int { state.withLock { $0.subscribers.count } }
  var dropped: Int { state.withLock { $0.dropped } }
  var isFull: Bool { state.withLock { $0.isStopped || $0.subscribers.count >= EventHub.limit } }

  /// nil: there are too many, or the gateway stops.
  func join(_ channel: (any Channel)?) -> (number: Int, subscriber: Subscriber)? {
    state.withLock { state in
      guard !state.isStopped, state.subscribers.count < EventHub.limit else { return nil }
      let subscriber = Subscriber()
      state.next += 1
      state.subscribers[state.next] = (subscriber, channel)
      return (state.next, subscriber)
    }
  }

  func leave(_ number: Int) { state.withLock { _ = $0.subscribers.removeValue(forKey: number) } }

  /// Gives an event to every stream; one that does not take it is closed.
  func publish(_ event: ByteBuffer) {
    let all = state.withLock { $0.subscribers }
    for (number, entry) in all where !entry.subscriber.offer(event) {
      let wasOpen = state.withLock { state in
        guard state.subscribers.removeValue(forKey: number) != nil else { return false }
        state.dropped += 1
        return true
      }
      // Its writer waits for room in the socket that will not come.
      if wasOpen { entry.channel?.close(promise: nil) }
    }
  }

  /// Ends every stream, and lets nobody in any more.
  func stop() {
    let all = state.withLock { state in
      state.isStopped = true
      return Array(state.subscribers.values)
    }
    for entry in all { entry.subscriber.finish() }
  }
}

/// Server-sent events (WHATWG HTML, section 9.2).
enum ServerEvent {
  /// `data` holds no line break: JSON as this program writes it.
  static func encode(_ name: String, _ data: ContiguousArray<UInt8>) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(data.count + name.utf8.count + 24)
    buffer.writeString("event: \(name)\ndata: ")
    buffer.writeBytes(data)
    buffer.writeString("\n\n")
    return buffer
  }

  /// What a stream begins with: after how long its reader is to come again, in milliseconds.
  static let opening = ByteBuffer(string: "retry: 3000\n\n")
  static let heartbeat = ByteBuffer(string: ": alive\n\n")
}
