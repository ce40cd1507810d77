import ArgumentParser
import Foundation
import ReadingLog

struct Rejections: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Samples of messages that could not be tied to a device: who sends them, and what.",
    subcommands: [List.self, Show.self], defaultSubcommand: List.self)

  private struct Line: Encodable {
    var id, received: Int64
    var reason, topic: String
    var bytes: Int64
    var head: String?

    init(_ sample: RejectionSample) {
      id = sample.id
      received = sample.receivedTime
      reason = sample.reason
      topic = sample.topic
      bytes = sample.bytes
    }

    /// Whoever sent it chose the topic: a terminal must not obey it.
    var harmlessTopic: String {
      String(topic.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The newest samples, at most one a second and reason, the oldest first.")
    @OptionGroup var common: CommonOptions
    func run() throws {
      let samples = try common.openStore().rejectionSamples().map(Line.init)
      if common.json { return try Console.printJSON(samples) }
      if samples.isEmpty { return Console.print(Console.isChinese ? "none 没有拒收的消息" : "none") }
      Console.printTable(
        ["ID", "RECEIVED", "REASON", "BYTES", "TOPIC"],
        samples.map { ["\($0.id)", TimeText.utc($0.received), $0.reason, "\($0.bytes)", $0.harmlessTopic] })
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One sample with its first 64 bytes. They may hold card numbers: mind who is looking.")
    @OptionGroup var common: CommonOptions
    @Argument var id: Int64
    func run() throws {
      let configuration = try common.load()
      let store = try LogStore.openReadOnly(configuration.store.path)
      guard let sample = try store.rejectionSamples(id: id).first else {
        throw Refusal.notGood("there is no sample \(id) of a rejected message")
      }
      let key = try MasterKey.load(configuration.campus.keyFile, create: false)
      var line = Line(sample)
      line.head = try store.head(ofSample: id, box: SecretBox(key, purpose: "quarantine v1")).map { Hex.string($0) }
      if common.json { return try Console.printJSON(line) }
      Console.print("id        \(line.id)")
      Console.print("received  \(TimeText.utc(line.received))")
      Console.print("topic     \(line.harmlessTopic)")
      Console.print("reason    \(line.reason)")
      Console.print("bytes     \(line.bytes)")
      Console.print("head      \(line.head ?? "not kept any more")")
    }
  }
}
