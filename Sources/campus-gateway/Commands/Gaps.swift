import ArgumentParser
import ReadingLog

struct Gaps: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Missing sequence ranges that devices are asked to send again; exit 1 if there are any.")

  @OptionGroup var common: CommonOptions
  @Flag(help: "Also those their device has given up.") var all = false

  private struct Line: Encodable {
    var site, device: String
    var epoch, from, to, noticed: Int64
    var abandoned: Int64?
  }

  func run() throws {
    let gaps = try common.openStore().gaps(all: all)
    if common.json {
      try Console.printJSON(
        gaps.map {
          Line(
            site: $0.site, device: $0.device, epoch: $0.epoch, from: $0.first, to: $0.last,
            noticed: $0.noticedTime, abandoned: $0.abandonedTime)
        })
    } else if gaps.isEmpty {
      Console.print(Console.isChinese ? "no gaps 无缺号" : "no gaps")
    } else {
      Console.printTable(
        ["DEVICE", "EPOCH", "FROM", "TO", "NOTICED", "STATE"],
        gaps.map {
          [
            "\($0.site)/\($0.device)", "\($0.epoch)", "\($0.first)", "\($0.last)", TimeText.utc($0.noticedTime),
            $0.abandonedTime == nil ? "asked for" : "given up by the device",
          ]
        })
    }
    if gaps.contains(where: { $0.abandonedTime == nil }) { throw ExitCode(1) }
  }
}
