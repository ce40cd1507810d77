import ArgumentParser
import Diagnosis
import Foundation

struct Warnings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Warnings of the diagnosis core in the data folder, from their raising to their closing.",
    subcommands: [List.self, Show.self, Acknowledge.self, Improve.self, Close.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Warnings that are not closed, the newest first.")
    @OptionGroup var common: CommonOptions
    @Flag(help: "Also those that are closed.") var all = false
    @Option(help: "raised, acknowledged, improving, verified, reopened or closed.") var state: Warning.State?
    @Option(help: "At least notice, warning or alarm.") var level: Level?
    @Option(help: "A standard's name in the standards file.") var standard: String?
    @Option(help: "school, programme, college, course, teacher, student, place or device.")
    var layer: Standard.Layer?
    @Option(help: "The unit that answers for it.") var unit: String?
    @Option(help: "The course, person, place or device it is about.") var subject: String?
    @Option(help: "Only ids below this one: the next page.") var before: Int64?
    @Option(help: "How many at most.") var limit = 1_000

    func validate() throws {
      if limit < 1 { throw ValidationError("--limit is 1 or more") }
    }

    func run() throws {
      let configuration = try common.load()
      var filter = all ? WarningFilter() : .open
      if let state { filter.states = [state] }
      filter.urgency = level
      filter.standard = standard
      filter.layer = layer
      filter.unit = unit
      filter.subject = subject
      filter.before = before
      filter.limit = limit
      let warnings = try DiagnosisCore.openReadOnly(configuration.diagnosisStore).warnings(filter)
      if common.json { return try Console.printJSON(warnings) }
      if warnings.isEmpty { return Console.print(Console.isChinese ? "没有预警" : "no warnings") }
      let time = LocalTime(zone: configuration.siteTimeZone)
      Console.printTable(
        Console.isChinese
          ? ["编号", "等级", "状态", "产生时间", "标准", "对象", "数值", "责任部门"]
          : ["ID", "LEVEL", "STATE", "RAISED", "STANDARD", "SUBJECT", "VALUE", "UNIT"],
        warnings.map { warning in
          [
            "\(warning.id)", Console.isChinese ? warning.urgency.chinese : warning.urgency.rawValue,
            Console.isChinese ? warning.state.chinese : warning.state.rawValue,
            time.text(warning.raisedAt),
            Console.isChinese ? warning.name : warning.nameEn, "\(warning.scope)/\(warning.subject)",
            "\(warning.measure) \(NumberText.short(warning.value))", warning.unit,
          ]
        })
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "One warning with every step, who took it and when.")
    @OptionGroup var common: CommonOptions
    @Argument var id: Int64
    func run() throws { try Warnings.show(id, common, try common.load()) }
  }

  struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say that somebody looks after it: it is escalated no further.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var author: Author
    @Argument var id: Int64
    @Option(help: "A remark.") var note: String?
    func run() throws { try Warnings.take(.acknowledge(by: author.by, note: note), id, common) }
  }

  struct Improve: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Note the measure taken against the cause; the windows that follow verify it, or reopen the warning.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var author: Author
    @Argument var id: Int64
    @Option(help: "What is done about it.") var measure: String
    func run() throws { try Warnings.take(.improve(by: author.by, measure: measure), id, common) }
  }

  struct Close: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Close a warning; unless the data verified the improvement, a note must say why.")
    @OptionGroup var common: CommonOptions
    @OptionGroup var author: Author
    @Argument var id: Int64
    @Option(help: "Why.") var note: String?
    func run() throws { try Warnings.take(.close(by: author.by, note: note), id, common) }
  }

  /// Who takes a step.
  struct Author: ParsableArguments {
    @Option(help: "Who says so; the user of this session where it is left out.") var by = NSUserName()
  }

  /// Takes a step through the core that runs, or under its lock, and shows the warning as it is now.
  private static func take(_ step: WarningStep, _ id: Int64, _ common: CommonOptions) throws {
    let configuration = try common.load()
    try LocalCore.perform(.warning(id: id, step), configuration)
    try show(id, common, configuration)
  }
}

extension Warning.State: ExpressibleByArgument {}
extension Level: ExpressibleByArgument {}
extension Standard.Layer: ExpressibleByArgument {}
