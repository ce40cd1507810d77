import Synchronization

/// How often the operator asked to stop: once drains, twice does not wait.
let stopRequests = Atomic<Int>(0)

/// What the lanes tell the command while they run.
final class RunBoard: Sendable {
  struct State {
    var counts: [RunCounts]
    var latency = Latency()
    var finishedLanes = 0
    var failure: Failure?
  }

  private let state: Mutex<State>

  init(lanes: Int) {
    state = Mutex(State(counts: Array(repeating: RunCounts(), count: lanes)))
  }

  /// Takes a lane's counts; gives whether another lane has failed.
  func post(_ counts: RunCounts, lane: Int) -> Bool {
    state.withLock { state in
      state.counts[lane] = counts
      return state.failure != nil
    }
  }

  func fail(_ failure: Failure) {
    state.withLock { state in
      if state.failure == nil { state.failure = failure }
    }
  }

  func finish(_ latency: Latency) {
    state.withLock { state in
      state.latency.add(latency)
      state.finishedLanes += 1
    }
  }

  var total: RunCounts { state.withLock { $0.counts.reduce(RunCounts(), +) } }
  var latency: Latency { state.withLock { $0.latency } }
  var finishedLanes: Int { state.withLock { $0.finishedLanes } }
  var failure: Failure? { state.withLock { $0.failure } }
}
