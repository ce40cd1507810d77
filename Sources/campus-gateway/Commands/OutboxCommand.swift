import ArgumentParser
import ReadingLog

struct OutboxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outbox",
    abstract: "Batches of aggregates that a diagnosis core refused; what only waits is in status.",
    subcommands: [List.self, Resend.self, Discard.self], defaultSubcommand: List.self)

  private static let shown = 1_000

  private struct Line: Encodable {
    var id, time, events, bytes: Int64
    var destination, reason: String

    init(_ aside: PutAside) {
      id = aside.id
      time = aside.time
      events = aside.events
      bytes = Int64(aside.body.count)
      destination = aside.destination
      reason = aside.reason
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Refused batches, the oldest first; exit 1 if there are any.")
    @OptionGroup var common: CommonOptions

    func run() throws {
      let lines = try common.openStore().batchesPutAside(limit: OutboxCommand.shown).map(Line.init)
      if common.json {
        try Console.printJSON(lines)
      } else if lines.isEmpty {
        Console.print(Console.isChinese ? "nothing put aside 没有被拒收的批次" : "nothing put aside")
      } else {
        Console.printTable(
          ["ID", "TIME", "DESTINATION", "EVENTS", "BYTES", "REASON"],
          lines.map {
            ["\($0.id)", TimeText.utc($0.time), $0.destination, "\($0.events)", "\($0.bytes)", $0.reason]
          })
      }
      if !lines.isEmpty { throw ExitCode(1) }
    }
  }

  struct Resend: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Deliver refused batches once more, after the cause is mended; all, or those named.",
      discussion: "The running gateway does it, before anything that waits.")
    @OptionGroup var common: CommonOptions
    @Argument var ids: [Int64] = []

    func run() throws {
      let configuration = try common.load()
      var wanted = ids
      if wanted.isEmpty {
        let store = try LogStore.openReadOnly(configuration.store.path)
        wanted = try store.batchesPutAside(limit: OutboxCommand.shown).map(\.id)
      }
      try OutboxCommand.tell(.resend(wanted), wanted, "resending", common, configuration)
    }
  }

  struct Discard: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give up refused batches.")
    @OptionGroup var common: CommonOptions
    @Argument var ids: [Int64]
    func run() throws { try OutboxCommand.tell(.forgetPutAside(ids), ids, "discarded", common, try common.load()) }
  }

  private static func tell(
    _ request: ControlRequest, _ ids: [Int64], _ done: String, _ common: CommonOptions, _ configuration: Configuration
  ) throws {
    let count = try Gateway.perform(request, configuration).count ?? 0
    if common.json { try Console.printJSON([done: count]) } else { Console.print("\(done) \(count)") }
    guard count == ids.count else {
      throw Refusal.notGood("\(ids.count - count) of them are not put aside for a core of this gateway")
    }
  }
}
