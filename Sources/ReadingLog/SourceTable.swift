import Synchronization

/// What lists and exports say of a device: its name, and where it stood. Takes what the store has, keeps it from one
/// list to the next; a campus that is registered makes it forget.
final class SourceTable: Sendable {
  struct Source: Sendable {
    var site: String
    var device: String
    /// From which row on it stood where; ascending.
    var placements: [(from: Int64, place: String)] = []

    func place(at row: Int64) -> String? { placements.last { $0.from <= row }?.place }
  }

  /// By the store's number of the device.
  typealias Sources = [Int64: Source]

  private struct State {
    var sources: Sources?
    /// How often it was made to forget.
    var changes = 0
  }

  private let state = Mutex(State())

  /// What is kept; otherwise what `read` gives, which is kept unless it was changed meanwhile.
  func sources(_ read: () throws(LogError) -> Sources) throws(LogError) -> Sources {
    let (kept, changes) = state.withLock { ($0.sources, $0.changes) }
    if let kept { return kept }
    let sources = try read()
    state.withLock { state in
      guard state.changes == changes else { return }
      state.sources = sources
    }
    return sources
  }

  /// To be called after what has changed is committed.
  func forget() {
    state.withLock { state in
      state.sources = nil
      state.changes += 1
    }
  }
}
