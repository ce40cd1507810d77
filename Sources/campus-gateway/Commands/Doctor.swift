import ArgumentParser
import Foundation

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Which delivery guarantee this deployment really has, and why; exit 1 if there is a trap or a fault.",
    discussion: """
      Tries the broker with sessions and topics of its own (campus/doctor/…), times the disk, and reads store, \
      campus and standards. Changes nothing, and leaves nothing behind. What it finds is ok, a note, a trap (works \
      until something else goes wrong) or a fault.
      """)

  @OptionGroup var common: CommonOptions
  @Flag(help: "Do not read every page of the store.") var quick = false

  private struct Report: Encodable {
    var good: Bool
    var guarantee: String
    var guarantee_zh: String
    var findings: [Finding]
  }

  func run() throws {
    let configuration = try common.load()
    var examination = Examination(configuration, isQuick: quick, now: unixNow())
    let isQuiet = common.json
    examination.run { findings in if !isQuiet { for finding in findings { Doctor.show(finding) } } }
    let guarantee = examination.evidence.guarantee
    if common.json {
      try Console.printJSON(
        Report(
          good: examination.isGood, guarantee: guarantee.en, guarantee_zh: guarantee.zh,
          findings: examination.findings))
    } else {
      Console.print("")
      Console.print(Terminal.bold(guarantee.en))
      if Console.isChinese { Console.print(Terminal.bold(guarantee.zh)) }
    }
    if !examination.isGood { throw ExitCode(1) }
  }

  private static func show(_ finding: Finding) {
    let label = finding.level.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)
    Console.print("\(Terminal.colour(label, of: finding.level))\(finding.what.en)")
    if Console.isChinese { Console.print("\(finding.level.chinese)  \(finding.what.zh)") }
    if let why = finding.why { Console.print("      " + (Console.isChinese ? "原因：" : "why:  ") + why.text) }
    if let mend = finding.mend { Console.print("      " + (Console.isChinese ? "处理：" : "mend: ") + mend.text) }
  }
}
