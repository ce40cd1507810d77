import Foundation
import Synchronization

/// The ledger on disk: takes finished lines from all lanes, keeps them in order, writes them in large pieces.
final class LedgerFile: Sendable {
  private struct State {
    var descriptor: Int32
    var buffer: [UInt8] = []
    var failure: Int32?
  }

  private static let pieceBytes = 1 << 20

  private let path: String
  private let state: Mutex<State>

  init(path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure.file(path: path, doing: "write", errno: errno) }
    self.path = path
    state = Mutex(State(descriptor: descriptor))
  }

  func append(_ bytes: [UInt8]) {
    state.withLock { state in
      state.buffer += bytes
      if state.buffer.count >= Self.pieceBytes { Self.flush(&state) }
    }
  }

  func flush() { state.withLock { Self.flush(&$0) } }

  /// Whether all is well so far; a ledger with holes proves nothing.
  var failure: Failure? {
    state.withLock { $0.failure }.map { .file(path: path, doing: "write", errno: $0) }
  }

  func finish() throws {
    state.withLock { state in
      Self.flush(&state)
      if close(state.descriptor) != 0, state.failure == nil { state.failure = errno }
    }
    if let failure { throw failure }
  }

  private static func flush(_ state: inout State) {
    var written = 0
    while written < state.buffer.count, state.failure == nil {
      let result = state.buffer.withUnsafeBytes { bytes in
        write(state.descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if result > 0 {
        written += result
      } else if result < 0, errno != EINTR {
        state.failure = errno
      }
    }
    state.buffer.removeAll(keepingCapacity: true)
  }
}
