import Dispatch
import Synchronization

/// Runs what waits for the disk away from the event loops: reads on two threads, changes on one. Refuses more than
/// so many at once, so that a flood of requests waits at its senders and not in memory.
final class BlockingWork: Sendable {
  static let limit = 128

  private let readers = [DispatchQueue(label: "operations.read.1"), DispatchQueue(label: "operations.read.2")]
  private let writer = DispatchQueue(label: "operations.write")
  private let waiting = Mutex(0)
  private let turn = Mutex(0)
  private let isStopping = Atomic<Bool>(false)

  /// Refuses what has not begun: a stop does not wait for a queue.
  func stop() { isStopping.store(true, ordering: .relaxed) }

  func read<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let next = turn.withLock { turn in
      turn = (turn + 1) % readers.count
      return turn
    }
    return try await run(on: readers[next], body)
  }

  func change<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await run(on: writer, body)
  }

  private func run<Value: Sendable>(
    on queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    let isRoom = waiting.withLock { waiting in
      guard waiting < BlockingWork.limit else { return false }
      waiting += 1
      return true
    }
    guard isRoom else { throw Problem.busy("too many requests wait for the store: ask again in a while") }
    defer { waiting.withLock { $0 -= 1 } }
    return try await withCheckedThrowingContinuation { continuation in
      queue.async {
        if self.isStopping.load(ordering: .relaxed) {
          continuation.resume(throwing: Problem.busy("the gateway stops: ask again in a while"))
        } else {
          continuation.resume(with: Result(catching: body))
        }
      }
    }
  }
}
