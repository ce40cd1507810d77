/// Where a relay delivers to. Takes a batch, gives a verdict on the whole of it; what goes wrong is a verdict too.
public protocol Destination: Sendable {
  /// For people: an address, or what stands for one.
  var name: String { get }

  /// Whether it posts bodies, which have a limit; to one in this process revisions go as they are.
  var postsBodies: Bool { get }

  func deliver(_ batch: EventBatch) async -> Verdict

  /// Lets go of connections; nothing is delivered afterwards.
  func close() async
}

/// What became of a delivery.
public enum Verdict: Sendable, Equatable {
  /// Every event is in the other end's keeping.
  case accepted
  /// To be tried again. `after`: milliseconds the other end asked to be left alone.
  case unavailable(problem: String, after: Int64? = nil)
  /// Trying again would not help: the batch is put aside.
  case refused(problem: String)
}
