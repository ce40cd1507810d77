import Aggregation
import Diagnosis
import Dispatch

/// Delivers to the core in this process: the same revisions, without JSON, signature and network between.
struct EmbeddedDestination: Destination {
  let local: LocalCore
  var name: String { "embedded" }
  var postsBodies: Bool { false }

  /// A batch is on the disk before it is accepted: such waiting has a thread of its own.
  private let queue = DispatchQueue(label: "diagnosis")

  init(_ local: LocalCore) { self.local = local }

  func deliver(_ batch: EventBatch) async -> Verdict {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: deliverNow(batch)) }
    }
  }

  private func deliverNow(_ batch: EventBatch) -> Verdict {
    do throws(DiagnosisError) {
      switch batch.content {
      case .items(let items, let source): try local.accept(items.map { AggregateEvent($0, source: source) })
      case .body(let body): try local.accept(unsigned: body)
      }
      return .accepted
    } catch {
      return error.httpStatus < 500 ? .refused(problem: error.description) : .unavailable(problem: error.description)
    }
  }

  func close() async {}
}
