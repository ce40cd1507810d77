import Synchronization

/// What people want to know of a running relay; written once a delivery, read by anyone.
public final class RelayStatus: Sendable {
  public struct Values: Sendable, Equatable {
    /// Batches and events accepted since the start, and events put aside.
    public var batches: Int64 = 0
    public var events: Int64 = 0
    public var refused: Int64 = 0
    /// Failures since the last delivery.
    public var failures = 0
    /// What is wrong; nil: the last delivery was accepted, or there was none.
    public var problem: String?
    /// Unix milliseconds.
    public var lastAccepted: Int64?
  }

  private let values = Mutex(Values())

  public init() {}
  public var current: Values { values.withLock { $0 } }
  func update(_ change: (inout Values) -> Void) { values.withLock { change(&$0) } }
}
