import ArgumentParser
import Diagnosis

struct Rankings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Who does best and who is to be reviewed, by the standards that rank; of the latest window that is over.")

  @OptionGroup var common: CommonOptions
  @Option(help: "A standard's name in the standards file.") var standard: String?
  @Option(help: "The start of another window: ISO 8601 with offset, or Unix milliseconds.") var window: String?

  func run() throws {
    let configuration = try common.load()
    let standards = try configuration.loadStandards()
    if let standard, standards[standard] == nil {
      throw Refusal.notGood("there is no standard \(standard) in \(configuration.diagnosis.standards)")
    }
    let core = try DiagnosisCore.openReadOnly(configuration.diagnosisStore, standards: standards)
    let rankings = try core.rankings(standard: standard, start: try window.map { try TimeText.milliseconds($0) })
    if common.json { return try Console.printJSON(rankings) }
    if rankings.isEmpty { return Console.print(Console.isChinese ? "尚无排名" : "nothing is ranked yet") }
    for (index, ranking) in rankings.enumerated() {
      if index > 0 { Console.print("") }
      show(ranking, LocalTime(zone: configuration.siteTimeZone))
    }
  }

  private func show(_ ranking: Ranking, _ time: LocalTime) {
    let zh = Console.isChinese
    let start = time.text(ranking.window.start)
    Console.print("\(zh ? ranking.name : ranking.nameEn) (\(ranking.standard)), \(ranking.grain) \(start)")
    let out = ranking.leftOut
    Console.print(
      zh
        ? "参与排名 \(ranking.population)；未计入：样本不足 \(out.sample)，数据不完整 \(out.incomplete)，未结束 \(out.pending)"
        : "ranked \(ranking.population); left out: \(out.sample) sample too small, \(out.incomplete) incomplete, "
          + "\(out.pending) not final")
    guard ranking.isRanked else {
      Console.print(
        zh ? "对象少于 \(ranking.minimumPopulation) 个，不作排名" : "fewer than \(ranking.minimumPopulation): not ranked")
      return
    }
    Console.printTable(
      zh
        ? ["名次", "对象", ranking.measure, "样本", "激励"] : ["RANK", "ID", ranking.measure.uppercased(), "SAMPLE", "SIGNAL"],
      ranking.entries.map { entry in
        [
          "\(entry.rank)", entry.id, NumberText.short(entry.value), NumberText.short(entry.sample),
          signal(entry.signal),
        ]
      })
  }

  private func signal(_ signal: Ranking.Signal?) -> String {
    switch signal {
    case .top: Console.isChinese ? "表彰" : "praise"
    case .bottom: Console.isChinese ? "复核" : "review"
    case nil: ""
    }
  }
}
