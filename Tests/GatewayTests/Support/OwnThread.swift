import Dispatch
import Testing

/// Everything here starts processes and waits for them. One test at a time, each on a thread of its own, so that
/// the threads of the concurrency runtime stay free for the other targets.
@Suite(.serialized, .ownThread, .timeLimit(.minutes(3))) enum EndToEnd {}

struct OwnThread: SuiteTrait, TestTrait, TestScoping {
  var isRecursive: Bool { true }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(QueueExecutor()) { try await function() }
  }
}

extension Trait where Self == OwnThread {
  static var ownThread: OwnThread { OwnThread() }
}

/// Runs a task's jobs on a dispatch queue of its own, where they may block.
final class QueueExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "end-to-end")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
