import Aggregation
import Diagnosis
import Dispatch

/// Delivers to the core in this process: the same batch, signed in the same way, without the network.
struct EmbeddedDestination: Destination {
  let local: LocalCore
  let key: WebhookKey?
  var name: String { "embedded" }

  /// A batch is on the disk before it is accepted: such waiting has a thread of its own.
  private let queue = DispatchQueue(label: "diagnosis")

  init(_ local: LocalCore, key: WebhookKey?) {
    self.local = local
    self.key = key
  }

  func deliver(_ batch: EventBatch) async -> Verdict {
    await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: deliverNow(batch)) }
    }
  }

  private func deliverNow(_ batch: EventBatch) -> Verdict {
    let seconds = unixNow() / 1_000
    let headers = key.map {
      WebhookHeaders(
        id: batch.id, timestamp: "\(seconds)",
        signature: $0.signature(id: batch.id, timestamp: seconds, body: batch.body))
    }
    do throws(DiagnosisError) {
      _ = try local.accept(batch.body, headers)
      return .accepted
    } catch {
      return error.httpStatus < 500 ? .refused(problem: error.description) : .unavailable(problem: error.description)
    }
  }

  func close() async {}
}
