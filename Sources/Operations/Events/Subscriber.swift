import NIOCore
import Synchronization

/// One reader of the event stream. Takes what is published, gives it to the reader in order, and gives the reader up
/// once it lets too much wait.
final class Subscriber: Sendable {
  /// Bytes that may wait for a reader.
  static let limitBytes = 64 << 10

  private struct State {
    var waiting: [ByteBuffer] = []
    var bytes = 0
    var isOver = false
    var reader: CheckedContinuation<ByteBuffer?, Never>?
  }

  private let state = Mutex(State())

  /// false: it is over, or too much waits; then nothing more is kept for it.
  func offer(_ buffer: ByteBuffer) -> Bool {
    let (isTaken, reader) = state.withLock { state -> (Bool, CheckedContinuation<ByteBuffer?, Never>?) in
      guard !state.isOver else { return (false, nil) }
      if let reader = state.reader {
        state.reader = nil
        return (true, reader)
      }
      guard state.bytes + buffer.readableBytes <= Subscriber.limitBytes else {
        state.isOver = true
        state.waiting = []
        return (false, nil)
      }
      state.waiting.append(buffer)
      state.bytes += buffer.readableBytes
      return (true, nil)
    }
    reader?.resume(returning: buffer)
    return isTaken
  }

  /// What comes next; nil: it is over.
  func next() async -> ByteBuffer? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<ByteBuffer?, Never>) in
        let (isKnown, buffer) = state.withLock { state -> (Bool, ByteBuffer?) in
          if !state.waiting.isEmpty {
            let buffer = state.waiting.removeFirst()
            state.bytes -= buffer.readableBytes
            return (true, buffer)
          }
          if state.isOver { return (true, nil) }
          state.reader = continuation
          return (false, nil)
        }
        if isKnown { continuation.resume(returning: buffer) }
      }
    } onCancel: {
      finish()
    }
  }

  /// What waits is still given, then it is over.
  func finish() {
    let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, Never>? in
      state.isOver = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: nil)
  }

  var waitingBytes: Int { state.withLock { $0.bytes } }
}
