import Testing

@testable import Diagnosis

@Suite struct StandardsFaultTests {
  /// A good standard from line 2 on; `replace` takes the place of the line with the same key, or is added.
  private func yaml(_ replace: [String] = [], without: [String] = []) -> String {
    var lines = [
      "name: 课程", "name_en: Course", "layer: course", "aggregate: attendance", "scope: course", "grain: week",
      "measure: rate", "direction: below", "levels: {notice: 0.9, warning: 85%, alarm: 0.7}",
      "responsible_unit: office",
    ]
    func key(_ line: String) -> Substring { line.prefix { $0 != ":" } }
    for line in replace {
      if let index = lines.firstIndex(where: { key($0) == key(line) }) {
        lines[index] = line
      } else {
        lines.append(line)
      }
    }
    lines.removeAll { without.contains(String(key($0))) }
    return "standards:\n  c:\n" + lines.map { "    \($0)\n" }.joined()
  }

  private func faults(_ yaml: String) -> [String] {
    let (standards, faults) = Standards.load(yaml: yaml, file: "s.yaml")
    #expect((standards == nil) == !faults.isEmpty)
    for fault in faults { #expect(!fault.messageZh.isEmpty) }
    return faults.map(\.description)
  }

  @Test func aGoodStandardIsReadWhole() throws {
    let text = yaml([
      "minimum_sample: 20", "hysteresis: 2%", "cool_down: 7d", "escalate_after: 48h", "escalate_to: [a, b]",
      "judge: final", "unit_from_event: yes", "verify_windows: 3", "ids: [\"c*\"]",
      "ranking: {top: 20%, bottom: 0, minimum_population: 5}",
    ])
    #expect(faults(text).isEmpty)
    let standard = try #require(Standards.load(yaml: text, file: "s.yaml").standards?["c"])
    #expect(standard.levels == .init(notice: 0.9, warning: 0.85, alarm: 0.7))
    #expect(standard.minimumSample == 20 && standard.sampleMeasure == "expected" && standard.hysteresis == 0.02)
    #expect(standard.coolDown == 7 * day && standard.escalateAfter == 48 * hour && standard.escalateTo == ["a", "b"])
    #expect(standard.unitFromEvent && standard.verifyWindows == 3 && standard.ids == ["c*"])
    #expect(standard.ranking == .init(top: 0.2, bottom: 0, minimumPopulation: 5))
  }

  @Test func anUnknownMeasureIsNamedWithItsLineAndTheNearest() {
    #expect(
      faults(yaml(["measure: rat"])) == [
        "s.yaml:9: attendance of scope course has no measure “rat”; did you mean “rate”?"
      ])
    #expect(faults(yaml(["scope: gate"])).first?.hasPrefix("s.yaml:7: attendance has no scope “gate”; one of:") == true)
    #expect(
      faults(yaml(["grain: meeting"])) == [
        "s.yaml:8: attendance of scope course has no grain “meeting”; one of: day week month"
      ])
    #expect(
      faults(yaml(["sample_measure: count"])).first?
        .hasPrefix("s.yaml:13: attendance of scope course has no measure “count”") == true)
  }

  @Test func levelsInTheWrongOrderAreNamedWithTheirLine() {
    #expect(
      faults(yaml(["levels: {notice: 0.8, warning: 0.9, alarm: 0.7}"])) == [
        "s.yaml:11: c.levels: warning must be less than notice, because the direction is below"
      ])
    #expect(
      faults(yaml(["direction: above", "levels: {notice: 3, alarm: 3}", "measure: absent"])) == [
        "s.yaml:11: c.levels: alarm must be greater than notice, because the direction is above"
      ])
    #expect(
      faults(yaml(["levels: {}"])) == [
        "s.yaml:11: c.levels has no threshold; give notice, warning or alarm a number"
      ])
  }

  @Test(arguments: StandardReader.required)
  func whatIsRequiredAndMissingIsNamed(_ key: String) {
    #expect(faults(yaml(without: [key])).contains("s.yaml:2: c.\(key) is missing"))
    #expect(faults(yaml(["\(key):"])).contains("s.yaml:2: c.\(key) is missing"))
  }

  @Test func anUnknownKeyIsNamedWithTheNearest() {
    #expect(
      faults(yaml(["minimum_sampel: 3"])) == [
        "s.yaml:13: unknown key “c.minimum_sampel”; did you mean “minimum_sample”?"
      ])
    #expect(faults("standarts: {}\n").first == "s.yaml:1: unknown key “standarts”; did you mean “standards”?")
    #expect(
      faults(yaml(["levels: {notice: 1, alert: 0}"])) == [
        "s.yaml:11: unknown key “c.levels.alert”; one of: notice warning alarm"
      ])
  }

  @Test(arguments: [
    ("hysteresis: wide", "c.hysteresis: expected a number such as 0.85 or 85%, found “wide”"),
    ("cool_down: 7", "c.cool_down: expected a duration such as 30m, 48h or 7d, found “7”"),
    ("verify_windows: 0", "c.verify_windows: 0 is not from 1 to 100"),
    ("escalate_to: office", "c.escalate_to: expected a list of texts, found “office”"),
    ("ids: []", "c.ids: the list is empty"),
    ("unit_from_event: perhaps", "c.unit_from_event: expected true or false, found “perhaps”"),
    ("judge: running", "c.judge: “rate” can only be judged final: everybody is absent when a meeting begins"),
    ("ranking: {top: 15}", "c.ranking.top: 15 is not from 0 to 0.5"),
    ("ranking: best", "c.ranking holds keys with values; found “best” in their place"),
  ])
  func aValueOfAnotherKindIsNamed(_ line: String, _ problem: String) {
    #expect(faults(yaml([line])).contains("s.yaml:13: \(problem)"))
  }

  @Test func everyFaultIsFoundInTheOrderOfLines() {
    let found = faults(yaml(["layer: campus", "measure: rat", "judge: late"], without: ["responsible_unit"]))
    #expect(found.map { $0.prefix { $0 != " " } } == ["s.yaml:2:", "s.yaml:5:", "s.yaml:9:", "s.yaml:12:"])
  }

  @Test func escalationNeedsItsTime() {
    #expect(faults(yaml(["escalate_to: [a]"])) == ["s.yaml:13: c.escalate_to needs c.escalate_after as well"])
  }

  @Test func aFileThatIsNoneOfTheseIsRefused() throws {
    #expect(faults("") == ["s.yaml:1: no standards; write them under “standards:”, as in the shipped file"])
    #expect(faults("standards: {}\n").count == 1)
    #expect(faults("- a\n") == ["s.yaml:1: the file holds keys with values; found a list in their place"])
    #expect(faults("standards:\n  c: [\n").first?.contains("not valid YAML") == true)
    #expect(faults("standards:\n  c: 1\n  c: 2\n").first?.contains("stands twice") == true)
    #expect(faults("standards:\n  c: 1\n") == ["s.yaml:2: c holds keys with values; found “1” in their place"])
    let missing = Standards.load(path: "/nowhere/standards.yaml").faults
    #expect(missing.map(\.problem) == [.fileMissing])
    let folder = try TemporaryFolder()
    #expect(Standards.load(path: folder.path).faults.count == 1)
  }

  @Test func theShippedStandardsAreGood() throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let (standards, faults) = Standards.load(path: "/\(root)/config/standards.yaml")
    #expect(faults.map(\.description) == [])
    let all = try #require(standards).all
    #expect(all.count >= 12)
    #expect(Set(all.map(\.layer)) == Set(Standard.Layer.allCases))
    #expect(all.contains { $0.ranking != nil })
  }

  @Test(arguments: [
    ("*", "", true), ("canteen*", "canteen-1/taste", true), ("canteen*", "dorm-1/hygiene", false),
    ("*/hygiene", "dorm-1/hygiene", true), ("*/hygiene", "dorm-1/hygienes", false), ("a*b*c", "a-b-b-c", true),
    ("a*b*c", "a-c-b", false), ("c1", "c1", true), ("c1", "c11", false), ("", "", true), ("", "a", false),
  ])
  func aPatternsStarStandsForAnyText(_ pattern: String, _ text: String, _ fits: Bool) {
    #expect(Pattern.matches(Array(pattern.utf8), Array(text.utf8)) == fits)
  }
}
