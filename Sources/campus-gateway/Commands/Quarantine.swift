import ArgumentParser
import DeviceProtocol
import Foundation
import ReadingLog

struct Quarantine: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Messages kept because they could not be understood.",
    subcommands: [List.self, Show.self, Replay.self, Discard.self])

  private struct Line: Encodable {
    var id, received: Int64
    var topic, reason, explanation: String
    var reading: Int64
    var epoch, seq: Int64?
    var bytes: Int64
    var state: String
    var message: String?

    init(_ held: HeldMessage) {
      id = held.id
      received = held.receivedTime
      topic = held.topic
      reason = held.reason
      explanation = QuarantineReason.allCases.first { $0.description == held.reason }?.explanation ?? ""
      reading = held.reading
      epoch = held.epoch
      seq = held.seq
      bytes = held.bytes
      state = held.state
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every message, the oldest first.")
    @OptionGroup var common: CommonOptions
    func run() throws {
      let held = try common.openStore().quarantine().map(Line.init)
      if common.json { return try Console.printJSON(held) }
      if held.isEmpty { return Console.print(Console.isChinese ? "empty 隔离区为空" : "empty") }
      Console.printTable(
        ["ID", "RECEIVED", "STATE", "REASON", "READING", "EPOCH/SEQ", "BYTES", "TOPIC"],
        held.map { line in
          [
            "\(line.id)", TimeText.utc(line.received), line.state, line.reason,
            line.reading < 0 ? "-" : "\(line.reading)",
            line.epoch.map { "\($0)/\(line.seq ?? 0)" } ?? "-", "\(line.bytes)", line.topic,
          ]
        })
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One message with its bytes. They hold card numbers: mind who is looking.")
    @OptionGroup var common: CommonOptions
    @Argument var id: Int64
    func run() throws {
      let configuration = try common.load()
      let store = try LogStore.openReadOnly(configuration.store.path)
      guard let held = try store.quarantine(id: id).first else {
        throw Refusal.notGood("there is no message \(id) in the quarantine")
      }
      let key = try MasterKey.load(configuration.campus.keyFile, create: false)
      var line = Line(held)
      line.message = try store.content(ofHeld: id, box: SecretBox(key, purpose: "quarantine v1")).map { Hex.string($0) }
      if common.json { return try Console.printJSON(line) }
      Console.print("id        \(line.id)")
      Console.print("received  \(TimeText.utc(line.received))")
      Console.print("topic     \(line.topic)")
      Console.print("state     \(line.state)")
      Console.print("reason    \(line.reason)\(line.reading >= 0 ? " in reading \(line.reading)" : ""): \(line.explanation)")
      if let epoch = line.epoch { Console.print("frame     epoch \(epoch), seq \(line.seq ?? 0)") }
      Console.print("message   \(line.message ?? "not kept any more")")
    }
  }

  struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Try messages again, after an update or a change of the campus; all held ones, or those named.")
    @OptionGroup var common: CommonOptions
    @Argument var ids: [Int64] = []

    func run() throws {
      let configuration = try common.load()
      var wanted = ids
      if wanted.isEmpty {
        wanted = try LogStore.openReadOnly(configuration.store.path).quarantine().filter { $0.state == "held" }.map(\.id)
      }
      let (outcomes, failure) = replay(wanted, configuration)
      if common.json {
        try Console.printJSON(outcomes)
      } else {
        for outcome in outcomes {
          Console.print("\(outcome.id)  \(outcome.outcome)\(outcome.reason.map { ": \($0)" } ?? "")")
        }
      }
      if let failure { throw failure }
      if outcomes.contains(where: { $0.outcome == "quarantined" || $0.outcome == "unknown" }) { throw ExitCode(1) }
    }

    /// Messages replayed by one request: each is a commit of its own.
    private static let atOnce = 100

    /// What was done before a failure is said all the same.
    private func replay(
      _ ids: [Int64], _ configuration: Configuration
    ) -> (outcomes: [ReplayOutcome], failure: (any Error)?) {
      var bar = ProgressBar(Wording("replaying", "正在重放"))
      defer { bar.finish() }
      var outcomes: [ReplayOutcome] = []
      for start in stride(from: 0, to: ids.count, by: Replay.atOnce) {
        let some = Array(ids[start..<min(ids.count, start + Replay.atOnce)])
        do { outcomes += try Gateway.perform(.replay(some), configuration).outcomes ?? [] } catch {
          return (outcomes, error)
        }
        bar.update(Int64(start + some.count), of: Int64(ids.count))
      }
      return (outcomes, nil)
    }
  }

  struct Discard: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give up the content of messages; they stay counted as quarantined.")
    @OptionGroup var common: CommonOptions
    @Argument var ids: [Int64]
    func run() throws {
      let count = try Gateway.perform(.discard(ids), common.load()).count ?? 0
      if common.json { try Console.printJSON(["discarded": count]) } else { Console.print("discarded \(count)") }
      if count < ids.count { throw Refusal.notGood("\(ids.count - count) of them are not held") }
    }
  }
}
