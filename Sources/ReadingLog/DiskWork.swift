import Dispatch
import Synchronization

/// Runs what waits for the disk on a thread of its own, one after the other. The threads of tasks are as few as the
/// machine's cores: while the disk stands still they must be free to say so, and to hear of a stop.
public final class DiskWork: Sendable {
  private let queue: DispatchQueue

  /// `label`: of the thread, for whoever looks at the process.
  public init(_ label: String) { queue = DispatchQueue(label: label) }

  /// Gives what `body` gives. `isCancelled`: whether the task that waits for it has been cancelled.
  public func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let cancelled = Flag()
    let result: Result<Value, Failure> = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Failure>, Never>) in
        queue.async {
          let result: Result<Value, Failure>
          do throws(Failure) {
            result = .success(try body { cancelled.isRaised })
          } catch {
            result = .failure(error)
          }
          continuation.resume(returning: result)
        }
      }
    } onCancel: {
      cancelled.raise()
    }
    return try result.get()
  }

  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isRaised: Bool { value.load(ordering: .relaxed) }
    func raise() { value.store(true, ordering: .relaxed) }
  }
}
