import CPlatform
import Foundation
import Glibc
import Logging
import ServiceLifecycle

/// Answers commands on a socket in the data folder, one at a time, on a thread of its own.
final class ControlServer: Service, @unchecked Sendable {
  typealias Handler = @Sendable (ControlRequest, _ isStopping: () -> Bool) throws -> ControlResponse

  /// Nanoseconds a command may take to say what it wants, however slowly it speaks: the next one waits.
  private static let questionLimit: Int64 = 10_000_000_000
  /// Nanoseconds it may take to read the answer, which it is given at a stop too.
  private static let answerLimit: Int64 = 2_000_000_000

  private let folder: String
  private let name: String
  private let logger: Logger
  private let handle: Handler
  private let event: Int32
  private let listener: Int32
  private let lock = NSLock()
  private var isStopping = false

  /// `name`: of the socket's file.
  init(
    folder: String, name: String = ControlSocket.name, logger: Logger, handle: @escaping Handler
  ) throws {
    self.folder = folder
    self.name = name
    self.logger = logger
    self.handle = handle
    event = platform_event_make()
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    // The lock is ours, so a socket that is left over belongs to nobody.
    unlink("\(folder)/\(name)")
    let before = umask(0o177)
    let bound = try ControlSocket.withAddress(in: folder, name) { bind(listener, $0, $1) }
    umask(before)
    guard bound == 0, listen(listener, 16) == 0 else {
      throw Refusal.cannotRun(
        "cannot listen on \(folder)/\(name): \(String(cString: strerror(errno)))")
    }
  }

  deinit {
    close(listener)
    close(event)
  }

  func run() async throws {
    await withTaskCancellationOrGracefulShutdownHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread { [self] in
          serve()
          continuation.resume()
        }
        thread.name = "control"
        thread.start()
      }
    } onCancelOrGracefulShutdown: {
      self.lock.withLock { self.isStopping = true }
      platform_event_raise(self.event)
    }
    unlink("\(folder)/\(name)")
  }

  private func serve() {
    while !lock.withLock({ isStopping }) {
      guard platform_wait(listener, false, event, 3_600_000_000_000) & Int32(PLATFORM_READABLE.rawValue) != 0
      else { continue }
      let peer = accept(listener, nil, nil)
      guard peer >= 0 else {
        // Without a free descriptor the command waits, and this thread with it.
        _ = platform_wait(-1, false, event, 100_000_000)
        continue
      }
      answer(peer)
      close(peer)
    }
  }

  private func answer(_ peer: Int32) {
    let end = platform_monotonic_ns() + ControlServer.questionLimit
    guard let data = ControlSocket.receive(from: peer, while: { canRead(peer, until: end) }) else { return }
    var response = ControlResponse()
    do {
      response = try handle(try JSONDecoder().decode(ControlRequest.self, from: data)) {
        lock.withLock { isStopping }
      }
    } catch {
      response.problem = "\(error)"
    }
    do { try ControlSocket.send(response, to: peer, within: ControlServer.answerLimit) } catch {
      logger.warning("a command could not be answered: \(error)")
    }
  }

  /// Waits until there is something to read. false: its time is over, or that of this process.
  private func canRead(_ peer: Int32, until end: Int64) -> Bool {
    while !lock.withLock({ isStopping }) {
      let rest = end - platform_monotonic_ns()
      guard rest > 0 else { return false }
      if platform_wait(peer, false, event, rest) & Int32(PLATFORM_READABLE.rawValue) != 0 { return true }
    }
    return false
  }
}
