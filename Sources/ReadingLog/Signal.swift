import Synchronization

/// Wakes tasks of this process that wait for something to look at. To raise it costs next to nothing, and a raise
/// between a look and the wait that follows is not missed.
public final class Signal: Sendable {
  private struct State {
    var raises: Int64 = 0
    var lastWait: Int64 = 0
    var waiting: [Int64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  public init() {}

  /// How often it has been raised; to be read before the look that may find nothing.
  public var raises: Int64 { state.withLock { $0.raises } }

  /// Ends every wait.
  public func raise() {
    let waiting = state.withLock { state in
      state.raises += 1
      let waiting = state.waiting
      state.waiting = [:]
      return waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Waits until it is raised once more than `raises` times, for `milliseconds` at most, and no longer than its task
  /// is wanted. Gives whether it was raised.
  public func wait(after raises: Int64, atMost milliseconds: Int64) async -> Bool {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.wait(after: raises) }
      group.addTask {
        do { try await Task.sleep(for: .milliseconds(milliseconds)) } catch { return }
      }
      _ = await group.next()
      group.cancelAll()
    }
    return self.raises != raises
  }

  private func wait(after raises: Int64) async {
    let number = state.withLock { state in
      state.lastWait += 1
      return state.lastWait
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
        if !keep(continuation, number, after: raises) { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.resume()
    }
  }

  /// Keeps what a raise or a cancellation is to resume; false: one of them has come already.
  private func keep(
    _ continuation: CheckedContinuation<Void, Never>, _ number: Int64, after raises: Int64
  ) -> Bool {
    state.withLock { state in
      // The handler of a cancellation may have run before there was anything to resume.
      guard state.raises == raises, !Task.isCancelled else { return false }
      state.waiting[number] = continuation
      return true
    }
  }
}
