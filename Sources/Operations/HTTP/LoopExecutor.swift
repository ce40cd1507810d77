import NIOCore

/// Runs Swift's tasks on an event loop: a request is then read, answered and written by one thread, and no other has
/// to be woken for it. What waits for the disk must not run here.
final class LoopExecutor: TaskExecutor {
  let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let next = UnownedJob(job)
    loop.execute { next.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
