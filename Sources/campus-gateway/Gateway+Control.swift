import Foundation
import Ingest
import Operations
import ReadingLog

extension Gateway {
  /// Does what a command asks; the same whether it came over the socket or holds the lock itself. `isStopping`: what
  /// takes long must end.
  func handle(_ request: ControlRequest, isStopping: () -> Bool = { false }) throws -> ControlResponse {
    let now = unixNow()
    switch request {
    case .status: return ControlResponse(running: runningStatus())
    case .pragmas:
      var pragmas: [String: String] = [:]
      for name in ["synchronous", "journal_mode"] { pragmas[name] = try store.writerPragma(name) }
      return ControlResponse(pragmas: pragmas)
    case .reload:
      try reload()
      try reloadStandards()
      return ControlResponse(count: registry.current.entries.count)
    case .addKeys(let keys, let keepOld, let inForce):
      try store.addKeys(
        try keys.map { key in
          guard let bytes = Hex.bytes(key.key), bytes.count == 32 else {
            throw Refusal.usage("the key of \(key.site)/\(key.device) is not 64 hexadecimal digits")
          }
          return LogStore.NewKey(
            site: key.site, device: key.device, key: bytes, kid: key.kid.flatMap { Hex.bytes($0) })
        }, keepOld: keepOld, box: SecretBox(masterKey, purpose: "device keys v1"), now: now)
      if inForce { try reloadKeys() }
      return ControlResponse(count: keys.count)
    case .revokeKeys(let site, let device, let keepNewest):
      let count = try store.revokeKeys(site: site, device: device, keepNewest: keepNewest, now: now)
      try reloadKeys()
      return ControlResponse(count: count)
    case .resend(let ids):
      guard let downstream = downstream.withLock({ $0 }) else {
        throw Refusal.notGood("no gateway runs that could deliver: campus-gateway run")
      }
      return ControlResponse(count: try downstream.resend(ids, of: store))
    case .forgetPutAside(let ids):
      return ControlResponse(count: try store.forgetPutAside(ids))
    case .warning:
      throw Refusal.usage("a gateway does not do that: ask the diagnosis core")
    case .discard(let ids):
      return ControlResponse(count: try store.discardHeld(ids, now: now))
    case .replay(let ids):
      let outcomes = intake.replay(ids, now: now, isCancelled: isStopping)
      return ControlResponse(
        outcomes: outcomes.map { ReplayOutcome(id: $0.id, outcome: $0.outcome, reason: $0.reason) })
    }
  }

  /// Sends `request` to the gateway that runs on the data folder, or does it under the lock.
  static func perform(_ request: ControlRequest, _ configuration: Configuration) throws -> ControlResponse {
    var requests = [request]
    var response = ControlResponse()
    try perform(configuration) {
      requests.popLast()
    } _: {
      response = $0
    }
    return response
  }

  /// The same for one request after another, until there is no `next`: the store is opened once for all.
  static func perform(
    _ configuration: Configuration, _ next: () -> ControlRequest?, _ take: (ControlResponse) -> Void
  ) throws {
    var request = next()
    try DataFolder.retrying {
      while let sent = request, let response = try ControlSocket.ask(sent, in: configuration.dataFolder) {
        if let problem = response.problem { throw Refusal.notGood(problem) }
        take(response)
        request = next()
      }
      guard request != nil else { return }
      let folder = try DataFolder(configuration.dataFolder)
      let gateway = try Gateway(configuration, logger: .init(label: "campus-gateway"))
      while let asked = request {
        take(try gateway.handle(asked))
        request = next()
      }
      gateway.intake.writer.finish()
      try gateway.store.close()
      _ = consume folder
    }
  }

  private func runningStatus() -> RunningStatus {
    let downstream = self.downstream.withLock { $0 }
    return RunningStatus(
      intake.status.current, downstream?.relays ?? [], diagnosisProblem: downstream?.local?.problem?.description)
  }
}
