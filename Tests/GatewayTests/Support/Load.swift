import Foundation

/// Publishes frames of one reading from a connection of its own, at a steady rate, until it is stopped.
final class Load: @unchecked Sendable {
  private let client: MQTTClient
  private let devices: [TestDevice]
  private let rate: Double
  private let lock = NSLock()
  private let ended = DispatchSemaphore(value: 0)
  private var isStopping = false
  private var seqs: [UInt32]
  private var sent: [ExportedLine.Frame] = []
  private var problem: (any Error)?

  /// `devices`: the deployment's, or others. `rate`: frames a second, all devices together.
  init(_ deployment: Deployment, devices: [TestDevice]? = nil, rate: Double) throws {
    client = try deployment.client("load")
    self.devices = devices ?? deployment.devices
    self.rate = rate
    seqs = [UInt32](repeating: 0, count: self.devices.count)
    let thread = Thread { [self] in
      do { try run() } catch { lock.withLock { problem = error } }
      ended.signal()
    }
    thread.start()
  }

  private func run() throws {
    let begin = seconds()
    while !lock.withLock({ isStopping }), seconds() < begin + 120 {
      let due = Int((seconds() - begin) * rate) - sent.count
      for _ in 0..<max(0, due) {
        let index = sent.count % devices.count
        seqs[index] += 1
        try client.publish(
          devices[index].topic("up"), devices[index].message(seq: seqs[index]), tag: sent.count)
        sent.append(.init(device: devices[index].name, epoch: 1, seq: Int(seqs[index])))
      }
      try client.pump(2)
    }
    try client.flush(within: 60)
  }

  /// Ends the load once the broker has acknowledged everything; gives what it acknowledged.
  func stop() throws -> [ExportedLine.Frame] {
    lock.withLock { isStopping = true }
    guard ended.wait(timeout: .now() + 90) == .success else { throw TimedOut(description: "the load did not end") }
    if let problem = lock.withLock({ problem }) { throw problem }
    return client.acknowledgedTags.map { sent[$0] }
  }
}
